"""Each call of the system fails once, in every way: documents, flows, task runs, logs and slots are as acknowledged."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest
from samples import GROUP, a_run
from seam import SHORT_WRITE, Fault, FaultySystem, Nth, full_disk

from prefect.storage.state import layout
from prefect.storage.state.errors import NotFound, StoreError, StoreIO
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

ROOT = "/store"
PROJECT = "3a1e5d7c-2b4f-4c6a-8d9e-0f1a2b3c4d5e"
LIMIT = "7c6f1b7e-4f0d-4d8a-9a55-0c2d3e4f5a6b"
ERRORS = [errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EACCES]
FLOW = {"name": "etl", "project_id": PROJECT, "flow_group_id": GROUP}

Thing = tuple[str, str]


class Day:
    """What a store goes through in a day; every operation may fail.

    Attributes:
        acknowledged: Thing → its value.
        unknown: Things that an operation failed to change after its point of no return: each may be as before or after.
        failed: What was raised.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.acknowledged: dict[Thing, Any] = {}
        self.unknown: set[Thing] = set()
        self.failed: list[StoreError] = []

    def does(self, kind: str, operation: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        try:
            done = operation()
        except StoreError as error:
            self.failed.append(error)
            return None
        self.acknowledged[kind, done["id"]] = done
        return done

    def changes(self, kind: str, thing: dict[str, Any] | None, operation: Callable[[str], dict[str, Any]]) -> None:
        if thing is None:
            return
        if self.does(kind, lambda: operation(thing["id"])) is None and kind == "project":
            self.unknown.add((kind, thing["id"]))  # the new document is in its place when the sync of the folder fails

    def deletes(self, kind: str, thing: dict[str, Any] | None, operation: Callable[[str], object]) -> None:
        if thing is None:
            return
        known = self.acknowledged.pop((kind, thing["id"]), None)
        try:
            operation(thing["id"])
        except StoreError as error:
            self.failed.append(error)
            if kind == "member":
                self.acknowledged[kind, thing["id"]] = known
            else:
                self.unknown.add((kind, thing["id"]))

    def lived(self, name: str = "demo") -> Day:
        store = self.store  # whose parts may refuse to be looked at, too
        project = self.does("project", lambda: store.documents("projects").put(name, {"description": "x" * 5000}))
        self.changes("project", project, lambda id: store.documents("projects").update(id, {"description": None}))
        self.changes("project", project, lambda id: store.documents("projects").update(id, {}, name=f"new {name}"))
        self.deletes("project", project, lambda id: store.documents("projects").delete(id))
        flow = self.does("flow", lambda: store.flows.create({**FLOW, "id": layout.new_flow_id(), "version": 1}))
        self.changes("flow", flow, lambda id: store.flows.update(id, {"is_schedule_active": True}))
        self.changes("flow", flow, lambda id: store.flows.update(id, {"archived": True}))
        self.deletes("flow", flow, lambda id: store.flows.delete(id))
        run = self.does("run", lambda: store.runs.create(a_run())[0])
        if run:
            child = {"task": "load", "map_index": 0}
            member = self.does("member", lambda: store.members.create(run["id"], child, after=1, durable=True))
            self.changes("member", member, lambda id: store.members.update(id, {"state": "Running"}, durable=True))
            artifact = self.does("member", lambda: store.members.create(run["id"], {"kind": "artifact"}, durable=True))
            self.deletes("member", artifact, lambda id: store.members.delete(id))
            self.writes_a_log(run["id"])
        return self

    def writes_a_log(self, run_id: str) -> None:
        try:
            self.store.logs.append(run_id, [{"message": "x" * 100}])
            self.store.slots.take(LIMIT, run_id, 1, lambda _: True)
        except StoreError as error:
            self.failed.append(error)


def current(store: Store, thing: Thing) -> Any:
    kind, id = thing
    read = {
        "project": store.documents("projects").get,
        "flow": store.flows.get,
        "run": store.runs.get,
        "member": store.members.get,
    }[kind]
    try:
        return read(id)
    except NotFound:
        return None


def wrong(day: Day, system: MemorySystem) -> list[str]:
    """Return what a look at the store with new eyes finds wrong."""
    store = Store(ROOT, system=system)
    problems = [
        f"{thing} is not as acknowledged"
        for thing, value in day.acknowledged.items()
        if thing not in day.unknown and current(store, thing) != value
    ]
    there = [("project", found["id"]) for found in store.documents("projects").all()]
    there += [("flow", found["id"]) for found in store.flows.all()]
    there += [("run", found["id"]) for found in store.runs.newest()]
    there += [("member", id) for run in list(store.runs.newest()) for id in store.members.all(run["id"])]
    problems += [f"{thing} was refused, and is there" for thing in set(there) - set(day.acknowledged) - day.unknown]
    problems += [] if len(store.slots.holders(LIMIT)) <= 1 else ["too many have a slot"]
    return problems


def day_with(fault: Fault, system: MemorySystem) -> Day:
    # No thread that syncs meanwhile: what is counted is the same every time.
    return Day(Store(ROOT, system=FaultySystem(system, fault))).lived()


def calls_of_a_day() -> int:
    counting = Nth(-1, errno.EIO)
    day_with(counting, MemorySystem())
    return counting.seen


@pytest.mark.parametrize("fault", [*ERRORS, SHORT_WRITE])
def test_one_failing_call_costs_at_most_the_operation_it_belongs_to(fault: int | str):
    for number in range(calls_of_a_day()):
        system = MemorySystem()
        nth = Nth(number, fault)

        day = day_with(nth, system)

        assert (number, nth.hit, wrong(day, system)) == (number, nth.hit, [])
        assert all(isinstance(error, StoreIO | NotFound) for error in day.failed)
        assert Day(Store(ROOT, system=system)).lived("next").failed == []


def test_deleting_works_on_a_full_disk():
    system = MemorySystem()
    store = Store(ROOT, system=system)
    project = store.documents("projects").create("demo", {})
    flow = store.flows.create({**FLOW, "id": layout.new_flow_id(), "version": 1})
    full = Store(ROOT, system=FaultySystem(system, full_disk))

    assert full.documents("projects").delete(project["id"])
    assert full.flows.delete(flow["id"])

    assert store.documents("projects").all() == []
    assert list(store.flows.all()) == []
