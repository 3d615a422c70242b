"""What registered flows promise, on real files and in memory."""

from __future__ import annotations

from typing import Any

import pytest
from seam import RecordingSystem

from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.layout import new_flow_id, new_id
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

PROJECT, OTHER_PROJECT, GROUP = new_id(), new_id(), new_id()
ODD_NAMES = ["a/b", "..", "", "a\0b", "🦦", "x" * 4096, "CON", "Etl", "etl", "\ud800", "a\nb"]


def a_flow(version: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "id": new_flow_id(),
        "name": "etl",
        "project_id": PROJECT,
        "flow_group_id": GROUP,
        "version": version,
        "serialized_flow": {"tasks": []},
        **fields,
    }


def again(store: Store) -> Store:
    return Store(store.root, system=store.system, durability="process")


def test_a_version_has_what_it_was_given(store):
    flow = a_flow()

    created = store.flows.create(flow)

    now = store.system.now()
    own = {"format": 1, "v": 1, "at": now, "created": now, "archived": False, "is_schedule_active": False}
    assert created == {**own, **flow}
    assert again(store).flows.get(flow["id"]) == created


def test_an_id_is_used_once(store):
    flow = store.flows.create(a_flow())

    with pytest.raises(Conflict) as failure:
        store.flows.create(a_flow(id=flow["id"], name="other"))

    assert failure.value.current == flow


def test_what_was_registered_never_changes(store):
    flow = store.flows.create(a_flow())

    store.flows.update(flow["id"], {"archived": True})

    assert store.flows.get(flow["id"]) == {**flow, "v": 2, "archived": True}
    assert "serialized_flow" not in store.flows.history(flow["id"])[1]


def test_versions_come_highest_first(store):
    made = {version: store.flows.create(a_flow(version)) for version in (2, 1, 10, 1_000_000)}
    expected = [made[version] for version in (1_000_000, 10, 2, 1)]

    assert list(store.flows.of_group(GROUP)) == expected
    assert list(store.flows.named(PROJECT, "etl")) == expected
    assert store.flows.versions_of_group(GROUP) == [(flow["version"], flow["id"]) for flow in expected]
    assert store.flows.versions_named(PROJECT, "etl") == store.flows.versions_of_group(GROUP)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_flow_may_have_any_name(store, name):
    flow = store.flows.create(a_flow(name=name))

    assert list(store.flows.named(PROJECT, name)) == [flow]
    assert store.flows.names(PROJECT) == [name]


def test_names_that_differ_in_case_are_different(store):
    store.flows.create(a_flow(name="Etl"))

    assert list(store.flows.named(PROJECT, "etl")) == []


def test_each_name_of_a_project_is_listed_once(store):
    for version, name in ((1, "b"), (2, "b"), (1, "a")):
        store.flows.create(a_flow(version, name=name))
    store.flows.create(a_flow(name="c", project_id=OTHER_PROJECT))

    assert store.flows.names(PROJECT) == ["a", "b"]


def test_all_flows_of_a_project_and_of_the_store_are_found(store):
    mine = {store.flows.create(a_flow(version))["id"] for version in (1, 2)}
    other = store.flows.create(a_flow(project_id=OTHER_PROJECT))["id"]

    assert set(store.flows.ids_in_project(PROJECT)) == mine
    assert {flow["id"] for flow in store.flows.all()} == {*mine, other}


def test_an_archived_version_is_no_longer_among_those_that_are_not(store):
    first, second = store.flows.create(a_flow(1)), store.flows.create(a_flow(2))
    assert set(store.flows.unarchived_ids(GROUP)) == {first["id"], second["id"]}

    store.flows.update(first["id"], {"archived": True})

    assert store.flows.unarchived_ids(GROUP) == [second["id"]]
    assert len(list(store.flows.of_group(GROUP))) == 2


def test_versions_that_the_schedule_runs_are_listed(store):
    first, second = (store.flows.create(a_flow(version, is_schedule_active=True)) for version in (1, 2))
    assert set(store.flows.scheduled_ids()) == {first["id"], second["id"]}

    store.flows.update(first["id"], {"archived": True})
    store.flows.update(second["id"], {"is_schedule_active": False})

    assert store.flows.scheduled_ids() == []


def test_a_version_that_was_moved_is_found_in_its_new_project(store):
    flow = store.flows.create(a_flow())

    moved = store.flows.update(flow["id"], {"project_id": OTHER_PROJECT})

    assert list(again(store).flows.named(OTHER_PROJECT, "etl")) == [moved]
    assert list(store.flows.named(PROJECT, "etl")) == []
    assert store.flows.names(PROJECT) == []
    assert store.flows.ids_in_project(PROJECT) == []


def test_a_deleted_version_is_gone(store):
    flow = store.flows.create(a_flow())

    assert store.flows.delete(flow["id"]) is True
    assert store.flows.delete(flow["id"]) is False
    with pytest.raises(NotFound):
        store.flows.get(flow["id"])
    assert list(store.flows.of_group(GROUP)) == []
    assert store.flows.versions_of_group(GROUP) == []
    assert store.flows.names(PROJECT) == []
    assert store.flows.unarchived_ids(GROUP) == []
    assert list(store.flows.all()) == []


@pytest.mark.parametrize("id", ["9c1f2b84-0d6e-4c4e-9f3a-5a1be0c7d210", "..", "", "x"])
def test_what_does_not_exist_has_no_flows_and_makes_nothing(store, id):
    with pytest.raises(NotFound):
        store.flows.get(id)
    assert store.flows.delete(id) is False
    assert list(store.flows.of_group(id)) == []
    assert list(store.flows.named(id, "etl")) == []
    assert store.flows.names(id) == []
    assert store.flows.unarchived_ids(id) == []
    assert store.flows.versions_of_group(id) == []
    assert store.flows.ids_in_project(id) == []
    assert list(store.flows.all()) == []
    assert not store.system.exists(store.root)


def test_markers_that_a_crash_left_lead_nowhere(store):
    flow = store.flows.create(a_flow(archived=True))
    unborn = f"000002~{new_flow_id()}"
    for folder in (store.layout.flows_of_group(GROUP), store.layout.flows_named(PROJECT, "etl")):
        store.files.mark(f"{folder}/{unborn}", durable=False)
        store.files.mark(f"{folder}/000003~{flow['id']}", durable=False)
        store.files.mark(f"{folder}/notes.txt", durable=False)
    store.files.mark(f"{store.layout.unarchived_of_group(GROUP)}/{flow['id']}", durable=False)

    assert list(store.flows.of_group(GROUP)) == [flow]
    assert list(store.flows.named(PROJECT, "etl")) == [flow]
    assert store.flows.names(PROJECT) == ["etl"]
    assert store.flows.unarchived_ids(GROUP) == []


def test_a_damaged_version_does_not_hide_the_others(store, caplog):
    bad, good = store.flows.create(a_flow(2)), store.flows.create(a_flow(1))
    store.files.replace(store.layout.flow(bad["id"]), b"nonsense\n")

    for _ in range(2):
        assert list(store.flows.of_group(GROUP)) == [good]
    assert len(caplog.messages) == 1
    assert store.layout.flow(bad["id"]) in caplog.text


def test_finding_what_is_not_archived_reads_no_archived_version():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    for version in range(1, 50):
        store.flows.create(a_flow(version, archived=True))
    newest = store.flows.create(a_flow(50))
    system.counts.clear()

    assert store.flows.unarchived_ids(GROUP) == [newest["id"]]
    assert next(store.flows.of_group(GROUP)) == newest
    assert system.counts["open_to_read"] == 2
