"""What ``Flow.register`` checks first, and what registering needs of a flow: core.md §2.9."""

from __future__ import annotations

import hashlib
import json

import pytest

import prefect
from prefect import Flow
from prefect.engine.results import LocalResult, PrefectResult
from prefect.exceptions import ClientError
from prefect.registration import idempotency_hash, prepare, source_of
from prefect.run_configs import LocalRun, UniversalRun
from prefect.storage import Local, Module
from prefect.utilities.configuration import set_temporary_config


def test_a_flow_cannot_be_registered_inside_its_own_block():
    with (
        Flow("f") as flow,
        pytest.raises(ValueError, match=r"^The flow 'f' cannot be registered inside its own `with`"),
    ):
        flow.register("project")


def test_registering_does_nothing_while_the_file_is_loaded():
    flow = Flow("f")

    with prefect.context(loading_flow=True), pytest.warns(UserWarning, match="of the flow 'f' does nothing") as caught:
        flow_id = flow.register("project")

    assert flow_id is None
    assert caught[0].filename == __file__


def test_being_inside_the_block_counts_more_than_being_loaded():
    with prefect.context(loading_flow=True), Flow("f") as flow, pytest.raises(ValueError, match="inside its own"):
        flow.register("project")


def test_another_flow_can_be_registered_inside_a_block_as_far_as_the_block_is_concerned():
    with Flow("outer"), pytest.raises(ValueError, match=r"^Project nope not found\. "):
        Flow("f").register("nope")


def test_a_server_cannot_be_registered_with_yet():
    with (
        set_temporary_config({"backend": "server"}),
        pytest.raises(ClientError, match=r"^The backend is 'server', and"),
    ):
        Flow("f").register("project")


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("from prefect import Flow\nf = Flow('f')\n")
    return path


def test_a_flow_is_given_what_it_does_not_have(tmp_path):
    flow = Flow("f")

    prepare(flow, storage_options={"directory": tmp_path, "add_default_labels": False})

    assert type(flow.storage) is Local
    assert flow.storage.directory == str(tmp_path)
    assert flow.storage.get_flow("f") == flow
    assert flow.run_config == UniversalRun()
    assert flow.result == LocalResult(tmp_path)


def test_the_configuration_decides_about_the_storage():
    class Place(Module):
        def __init__(self):
            super().__init__("m")

    flow = Flow("f")
    with set_temporary_config({"flows.defaults.storage.default_class": Place}):
        prepare(flow)

    assert type(flow.storage) is Place


def test_a_flow_keeps_what_it_has(script):
    storage, run_config, result = Local(path=script, stored_as_script=True), LocalRun(), PrefectResult()
    flow = Flow("f", storage=storage, run_config=run_config, result=result)

    prepare(flow, storage_options={"directory": "/not/used"})

    assert flow.storage is storage
    assert flow.run_config is run_config
    assert flow.result is result
    assert storage.flows == {"f": str(script)}


def test_labels_of_the_run_config_the_storage_and_the_command_come_together():
    flow = Flow("f", storage=Module("m", labels=["storage"]), run_config=LocalRun(labels=["mine"]))

    prepare(flow, ["command", "mine"])

    assert flow.run_config.labels == {"mine", "storage", "command"}


def test_a_flow_that_its_storage_holds_is_not_added_again():
    flow = Flow("f", storage=Module("m"))
    flow.storage.add_flow(flow)

    prepare(flow)

    assert flow.storage.flows == {"f": "m"}


def test_adding_to_the_storage_can_be_left_to_building_it():
    flow = Flow("f", storage=Module("m"))

    prepare(flow, add_to_storage=False)

    assert flow.storage.flows == {}


def test_preparing_twice_changes_nothing_more(tmp_path):
    flow = Flow("f", storage=Local(directory=tmp_path))
    prepare(flow, ["a"])
    before = flow.serialize()

    prepare(flow, ["a"])

    assert flow.serialize() == before


def known(path):
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_the_source_of_a_flow_is_the_script_in_its_storage(script):
    flow = Flow("f", storage=Local(path=script, stored_as_script=True))

    with prefect.context(local_script_path="other.py"):
        assert source_of(flow) == known(script)


def test_the_source_of_a_flow_in_a_module_is_the_file_of_the_module(tmp_path, monkeypatch):
    path = tmp_path / "registration_source_module.py"
    path.write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert source_of(Flow("f", storage=Module("registration_source_module"))) == known(path)


@pytest.mark.parametrize("storage", [None, Module("registration_missing_module")])
def test_the_source_of_other_flows_is_the_file_that_is_being_loaded(storage, script, monkeypatch):
    monkeypatch.chdir(script.parent)

    with prefect.context(local_script_path="script.py"):
        assert source_of(Flow("f", storage=storage)) == known(script)


def test_the_source_of_a_flow_may_be_unknown():
    assert source_of(Flow("f")) == {"path": None, "sha256": None}


def test_the_content_of_a_source_may_be_unknown(tmp_path):
    path = str(tmp_path / "missing.py")

    with prefect.context(local_script_path=path):
        assert source_of(Flow("f")) == {"path": path, "sha256": None}


def test_the_hash_changes_with_the_document_and_with_the_content_of_the_source():
    hashes = [
        idempotency_hash(document, {"path": path, "sha256": content})
        for document, path, content in [
            ({"name": "f"}, "a.py", "1"),
            ({"name": "f"}, "b.py", "1"),
            ({"name": "g"}, "a.py", "1"),
            ({"name": "f"}, "a.py", "2"),
        ]
    ]

    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def test_without_a_source_the_hash_is_that_of_1x():
    flow = Flow("f", storage=Module("m"))
    document = json.loads(json.dumps(flow.serialize()))

    assert idempotency_hash(document, {"path": None, "sha256": None}) == flow.serialized_hash()
