"""Flows made ready by the storage they share: cli.md §5.4."""

from __future__ import annotations

import pytest

from prefect import Flow
from prefect.registering.sources import LoadedSource
from prefect.registering.storage_groups import storage_groups, with_labels
from prefect.run_configs import UniversalRun
from prefect.storage import Module


class Built(Module):
    """Counts how often it was built."""

    count = 0

    def build(self):
        self.count += 1
        return self


def test_flows_are_grouped_by_their_storage_in_order():
    shared = Module("m")
    flows = (Flow("a", storage=shared), Flow("b"), Flow("c", storage=shared), Flow("d"))

    groups = storage_groups(LoadedSource("f.py", flows=flows, new_storage=lambda: Module("own")), ["gpu"])

    assert [[flow.name for flow in group.flows] for group in groups] == [["a", "c"], ["b"], ["d"]]
    assert [group.storage.module for group in groups] == ["m", "own", "own"]
    assert all(flow.run_config.labels == {"gpu"} for flow in flows)
    assert shared.flows == {"a": "m", "c": "m"}


def test_a_storage_is_built_once():
    storage = Built("m")
    [group] = storage_groups(LoadedSource("f.py", flows=(Flow("a", storage=storage), Flow("b", storage=storage))), ())

    group.build()

    assert (storage.count, group.error) == (1, None)


def test_what_a_storage_raises_is_kept():
    class Broken(Module):
        def build(self):
            raise ZeroDivisionError

    [group] = storage_groups(LoadedSource("f.py", flows=(Flow("a", storage=Broken("m")),)), ())

    group.build()

    assert type(group.error) is ZeroDivisionError


def test_a_flow_that_cannot_be_added_keeps_its_storage_from_being_built():
    class Refusing(Built):
        def add_flow(self, flow):
            raise ZeroDivisionError

    storage = Refusing("m")
    [group] = storage_groups(LoadedSource("f.py", flows=(Flow("a", storage=storage), Flow("b", storage=storage))), ())

    group.build()

    assert (type(group.error), len(group.flows), storage.count) == (ZeroDivisionError, 2, 0)


def test_a_storage_that_cannot_be_made_fails_its_flow_alone():
    def fail():
        raise OSError("read only")

    source = LoadedSource("f.py", flows=(Flow("a"), Flow("b", storage=Module("m"))), new_storage=fail)

    first, second = storage_groups(source, ())

    assert (str(first.error), first.storage) == ("read only", None)
    assert second.error is None


def test_documents_are_one_group_without_storage():
    [group] = storage_groups(LoadedSource("f.json", documents=({"name": "a"}, {"name": "b"})), ["x"])

    assert group.storage is None
    assert [document["run_config"]["labels"] for document in group.flows] == [["x"], ["x"]]


@pytest.mark.parametrize(
    ("run_config", "labels"), [(None, ["a"]), ({"labels": None}, ["a"]), ({"labels": ["b", "a"]}, ["a", "b"])]
)
def test_labels_are_added_to_those_of_a_document(run_config, labels):
    document = {"name": "f", "run_config": run_config}

    found = with_labels(document, ["a"])

    assert found["run_config"]["labels"] == labels
    assert document == {"name": "f", "run_config": run_config}


@pytest.mark.parametrize("run_config", [[1], "LocalRun", {"labels": "abc"}, {"labels": 3}])
def test_a_document_whose_run_config_is_none_stays_as_it_is(run_config):
    document = {"name": "f", "run_config": run_config}

    assert with_labels(document, ["a"]) == document


def test_a_document_without_run_config_gets_one():
    assert with_labels({"name": "f"}, [])["run_config"] == UniversalRun().serialize()
