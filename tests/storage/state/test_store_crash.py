"""After a power cut at any moment: documents, flows, task runs, logs and keys are as they were acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from crash_states import Ledger, Moment, crash_states
from samples import FINISHED, GROUP, SUBMITTED, a_run
from seam import RecordingSystem

from prefect.storage.state import layout
from prefect.storage.state.errors import Conflict, NotFound, StoreError
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

ROOT = "/store"
PROJECT = "3a1e5d7c-2b4f-4c6a-8d9e-0f1a2b3c4d5e"

#: What was promised: a kind of thing, and what it is found by.
Thing = tuple[str, str]


class Story:
    """Does things with a store and keeps the record of it."""

    def __init__(self) -> None:
        self.system = RecordingSystem(MemorySystem())
        self.ledger = Ledger(self.system)
        self.store = Store(ROOT, system=self.system)

    def does(self, kind: str, action: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        return self.ledger.act(action, lambda result: {(kind, result["id"]): result})

    def deletes(self, kind: str, id: str, action: Callable[[], object]) -> None:
        self.ledger.act(action, lambda _: {(kind, id): None})


def documents(story: Story) -> None:
    """A project is created, described, renamed, deleted, and created anew; another one stays as it is."""
    projects = story.store.documents("projects")
    story.does("project", lambda: projects.create("other", {}))
    demo = story.does("project", lambda: projects.create("demo", {"description": "x" * 5000}))
    story.does("project", lambda: projects.update(demo["id"], {"description": "short"}))
    story.does("project", lambda: projects.update(demo["id"], {}, name="renamed"))
    story.does("project", lambda: projects.put("renamed", {"description": None}))
    story.deletes("project", demo["id"], lambda: projects.delete(demo["id"]))
    story.does("project", lambda: projects.create("demo", {}))


def a_rename_that_died(story: Story) -> None:
    """Of the two files that are left the newer counts, also while they are deleted."""
    projects = story.store.documents("projects")
    demo = story.does("project", lambda: projects.create("demo", {}))
    old = story.store.files.read(story.store.layout.document("projects", "demo", demo["id"]))
    story.does("project", lambda: projects.update(demo["id"], {}, name="renamed"))
    story.store.files.replace(story.store.layout.document("projects", "demo", demo["id"]), old or b"")
    story.does("project", lambda: Store(ROOT, system=story.system).documents("projects").get(demo["id"]))
    story.deletes("project", demo["id"], lambda: projects.delete(demo["id"]))


def flows(story: Story) -> None:
    """A version is registered, scheduled, archived, and deleted; the next one stays."""
    store = story.store

    def a_flow(version: int) -> dict[str, Any]:
        return {
            "id": layout.new_flow_id(),
            "name": "etl",
            "project_id": PROJECT,
            "flow_group_id": GROUP,
            "version": version,
            "serialized_flow": "x" * 5000,
        }

    first = story.does("flow", lambda: store.flows.create(a_flow(1)))
    story.does("flow", lambda: store.flows.update(first["id"], {"is_schedule_active": True}))
    second = story.does("flow", lambda: store.flows.create(a_flow(2)))
    story.does("flow", lambda: store.flows.update(first["id"], {"archived": True}))
    story.does("flow", lambda: store.flows.update(second["id"], {"project_id": layout.new_id()}))
    story.deletes("flow", first["id"], lambda: store.flows.delete(first["id"]))


def durable_members(story: Story) -> None:
    """Task runs and artifacts that are to be on disk at once."""
    store = story.store
    run = story.does("run", lambda: store.runs.create(a_run())[0])
    birth = {"id": layout.member(run["id"], 1), "task": "load", "map_index": -1}
    story.does("member", lambda: store.members.update(birth["id"], {"state": "a" * 5000}, birth=birth, durable=True))
    mapped = {"task": "load", "map_index": 0, "state": "Pending"}
    child = story.does("member", lambda: store.members.create(run["id"], mapped, after=1, durable=True))
    story.does("member", lambda: store.members.update(child["id"], {"state": "Running"}, durable=True))
    story.does("member", lambda: store.members.create(run["id"], {"kind": "artifact"}, durable=True))


def a_finished_run(story: Story) -> None:
    """When a run is recorded finished, all its task runs and its log are on disk."""
    store = story.store
    story.does("run", lambda: store.runs.create(a_run())[0])
    run = story.does("run", lambda: store.runs.claim([], SUBMITTED)[0])
    child = store.members.create(run["id"], {"task": "load", "map_index": 0, "state": "Running"})
    store.logs.append(run["id"], [{"message": "one"}, {"message": "two"}])
    child = store.members.update(child["id"], {"state": "Success"})

    def promises(finished: dict[str, Any]) -> dict[Thing, Any]:
        log = [{"message": "one"}, {"message": "two"}]
        return {("run", run["id"]): finished, ("member", child["id"]): child, ("log", run["id"]): log}

    story.ledger.act(lambda: store.runs.update(run["id"], FINISHED), promises)


def current(store: Store, thing: Thing) -> Any:
    kind, id = thing
    read: Callable[[str], Any] = {
        "project": store.documents("projects").get,
        "flow": store.flows.get,
        "run": store.runs.get,
        "member": store.members.get,
        "log": lambda id: store.logs.read(id) or None,
    }[kind]
    try:
        return read(id)
    except NotFound:
        return None


def violations(ledger: Ledger, moment: Moment) -> list[str]:
    """Return the promises that are broken after a crash, and again after opening the store once more."""
    try:
        return [
            *promises_broken(ledger, moment),
            *promises_broken(ledger, moment),
            *what_stops_work(Store(ROOT, system=moment.system)),
        ]
    except StoreError as error:
        return [f"{type(error).__name__} after a crash"]


def promises_broken(ledger: Ledger, moment: Moment) -> list[str]:
    store = Store(ROOT, system=moment.system)
    broken = []
    for thing in ledger.things():
        kind, id = thing
        allowed = ledger.allowed(thing, moment.after)
        found = current(store, thing)
        # Before the run is finished, task runs and log may be there or not, whole or in part.
        if kind not in ("member", "log") or None not in allowed:
            broken += [] if found in allowed else [f"a {kind} is not as acknowledged"]
        if found is not None and None not in allowed:
            broken += unfindable(store, kind, id, found)
    names = [project["name"] for project in store.documents("projects").all()]
    if len(set(names)) != len(names):
        broken.append("two projects have one name")
    return broken


def unfindable(store: Store, kind: str, id: str, found: dict[str, Any]) -> list[str]:
    lists: dict[str, Callable[[], list[bool]]] = {
        "project": lambda: [
            store.documents("projects").named(found["name"]) == found,
            found in store.documents("projects").all(),
        ],
        "flow": lambda: [
            found in list(store.flows.of_group(GROUP)),
            found in list(store.flows.named(found["project_id"], "etl")),
            (id in store.flows.unarchived_ids(GROUP)) is not found["archived"],
        ],
        "member": lambda: [store.members.all(layout.run_of(id))[id] == found],
    }
    return [] if all(lists.get(kind, list)()) else [f"a {kind} is not found by a list"]


def what_stops_work(store: Store) -> list[str]:
    """Use the store as if nothing had happened, until it is empty."""
    left: list[Any] = []
    projects = store.documents("projects")
    for name in ("demo", "renamed", "other"):
        try:
            projects.create(name, {})
        except Conflict as error:
            left += [] if error.current == projects.named(name) else ["a name is taken by nobody"]
        project = projects.put(name, {"description": "again"})
        left += [] if projects.named(name) == project else [f"{name} is not as written"]
    for run in list(store.runs.newest()):
        child = store.members.create(run["id"], {"task": "again", "map_index": 0}, durable=True)
        store.members.update(child["id"], {"state": "again"}, durable=True)
        left += (
            [] if store.members.find_task_run(run["id"], "again", 0) == store.members.get(child["id"]) else ["a child"]
        )
        store.runs.update(run["id"], FINISHED)
        store.runs.delete(run["id"])
    for flow in list(store.flows.all()):
        store.flows.update(flow["id"], {"archived": True})
        store.flows.delete(flow["id"])
    for project in projects.all():
        projects.delete(project["id"])
    return left + projects.all() + list(store.flows.all()) + list(store.runs.newest())


def found_by_checking(
    scenario: Callable[[Story], None], without: str = "", samples: int = 0
) -> tuple[int, Counter[str]]:
    """Return how many states there are, and how often each promise is broken; see ``test_runs_crash.py``."""
    story = Story()
    scenario(story)
    calls = [call._replace(name="nothing") if call.name == without else call for call in story.system.calls]
    states, broken = 0, Counter[str]()
    for moment in crash_states(calls, "/", samples):
        states += 1
        broken.update(map(str, violations(story.ledger, moment)))
    return states, broken


SCENARIOS = [documents, a_rename_that_died, flows, durable_members, a_finished_run]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_power_cut_at_any_moment_breaks_no_promise(scenario: Callable[[Story], None]):
    states, broken = found_by_checking(scenario, samples=8)

    assert broken == {}
    assert states > 80


@pytest.mark.parametrize("without", ["sync", "sync_directory"])
@pytest.mark.parametrize("scenario", [documents, flows, durable_members, a_finished_run])
def test_control_without_syncs_promises_are_broken(scenario: Callable[[Story], None], without: str):
    _, broken = found_by_checking(scenario, without)

    assert broken
