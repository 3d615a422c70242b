"""Whatever is done to runs in whatever order, the store agrees with a dict: in memory and on real files."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from samples import FARTHER, FINISHED, FLOW, GROUP, a_run, state

from prefect.storage.state import layout
from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.maintenance import prune, scrub
from prefect.storage.state.memory import MemorySystem, StandingClock
from prefect.storage.state.store import Store

LABELS = st.lists(st.sampled_from(["cpu", "gpu", "GPU"]), unique=True, max_size=2)
KEYS = st.sampled_from(["morning", "evening"])
NAMES = st.sampled_from(["fast-otter", "Fast-Otter", "slow/otter"])
DELAYS = st.none() | st.integers(-60, 7200)
PICK = st.integers(0, 1000)


def there_are_runs(machine: RunsMachine) -> bool:
    return bool(machine.model)


class RunsMachine(RuleBasedStateMachine):
    """Attributes:
    model: Id → the run as it was last acknowledged.
    keys: Idempotency key → id.
    """

    def __init__(self) -> None:
        super().__init__()
        self.model: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.root, self.system = self.computer()
        self.reopen()

    def computer(self) -> tuple[str, StandingClock]:
        return "/store", MemorySystem()

    def picked(self, number: int) -> dict[str, Any]:
        return list(self.model.values())[number % len(self.model)]

    def later(self, seconds: int) -> str:
        moment = datetime.fromisoformat(self.system.now()) + timedelta(seconds=seconds)
        return moment.isoformat(timespec="microseconds")

    def due(self, delay: int | None) -> str | None:
        return None if delay is None else self.later(delay)

    def noted(self, run: dict[str, Any]) -> dict[str, Any]:
        self.model[run["id"]] = run
        return run

    # ---- what is done ------------------------------------------------------------------------------------------------

    @rule()
    def reopen(self) -> None:
        self.store = Store(self.root, system=self.system, durability="process")
        self.runs = self.store.runs

    @rule(seconds=st.integers(0, 4000))
    def time_passes(self, seconds: int) -> None:
        self.system.sleep(seconds)

    @rule(name=NAMES, labels=LABELS, delay=DELAYS)
    def create(self, name: str, labels: list[str], delay: int | None) -> None:
        run, is_new = self.runs.create(a_run(name, labels=labels, due=self.due(delay)))
        assert is_new
        assert run["id"] not in self.model
        self.noted(run)

    @rule(key=KEYS, delay=DELAYS)
    def create_with_key(self, key: str, delay: int | None) -> None:
        run, is_new = self.runs.create(a_run(idempotency_key=key, due=self.due(delay)))
        assert is_new == (key not in self.keys)
        assert is_new or run == self.model[self.keys[key]]
        self.keys[key] = self.noted(run)["id"]

    @rule(labels=st.none() | LABELS, limit=st.integers(0, 3))
    def claim(self, labels: list[str] | None, limit: int) -> None:
        due = [id for id, run in self.model.items() if self.is_due(run) and self.may_take(labels, run)]
        claimed = self.runs.claim(labels, state("Submitted"), limit=limit)
        assert len(claimed) == min(limit, len(due))
        for run in claimed:
            assert run["id"] in due
            before = self.model[run["id"]]
            assert run == {
                **before,
                **state("Submitted"),
                "due": None,
                "live": True,
                "v": before["v"] + 1,
                "at": run["at"],
            }
            self.noted(run)

    def is_due(self, run: dict[str, Any]) -> bool:
        return run["due"] is not None and run["due"] <= self.system.now()

    def may_take(self, labels: list[str] | None, run: dict[str, Any]) -> bool:
        return labels is None or (set(run["labels"]) <= set(labels) and bool(run["labels"]) == bool(labels))

    @precondition(there_are_runs)
    @rule(number=PICK, change=st.sampled_from([FINISHED, state("Paused"), {"live": True}, {"labels": ["gpu"]}]))
    def update(self, number: int, change: dict[str, Any]) -> None:
        run = self.picked(number)
        assert self.noted(self.runs.update(run["id"], change, expect=run["v"]))["v"] == run["v"] + 1

    @precondition(there_are_runs)
    @rule(number=PICK, name=NAMES)
    def rename(self, number: int, name: str) -> None:
        self.noted(self.runs.update(self.picked(number)["id"], {"name": name}))

    @precondition(there_are_runs)
    @rule(number=PICK, delay=DELAYS)
    def reschedule(self, number: int, delay: int | None) -> None:
        self.noted(self.runs.update(self.picked(number)["id"], {"due": self.due(delay)}))

    @precondition(there_are_runs)
    @rule(number=PICK, wrong=st.sampled_from([-1, 1]))
    def update_with_wrong_version(self, number: int, wrong: int) -> None:
        run = self.picked(number)
        with pytest.raises(Conflict) as caught:
            self.runs.update(run["id"], FINISHED, expect=run["v"] + wrong)
        assert caught.value.current == run

    @precondition(there_are_runs)
    @rule(number=PICK)
    def delete(self, number: int) -> None:
        run = self.picked(number)
        self.runs.delete(run["id"])
        self.forgotten(run["id"])
        with pytest.raises(NotFound):
            self.runs.get(run["id"])

    @rule(age=st.integers(0, 7200))
    def prune(self, age: int) -> None:
        before = self.later(-age)
        old = [id for id, run in self.model.items() if run["at"] < before and run["due"] is None and not run["live"]]
        assert prune(self.store, before) == len(old)
        for id in old:
            self.forgotten(id)

    def forgotten(self, id: str) -> None:
        del self.model[id]
        self.keys = {key: known for key, known in self.keys.items() if known != id}

    @precondition(there_are_runs)
    @rule(number=PICK, delay=st.integers(-7200, 7200))
    def a_crash_leaves_a_superfluous_marker(self, number: int, delay: int) -> None:
        self.store.files.mark(self.store.layout.queued([], self.later(delay), self.picked(number)["id"]), durable=False)

    @rule(delay=st.integers(-7200, 7200))
    def a_crash_leaves_a_marker_without_a_run(self, delay: int) -> None:
        id = layout.new_run_id(self.system.milliseconds())
        self.store.files.mark(self.store.layout.queued([], self.later(delay), id), durable=False)

    @precondition(there_are_runs)
    @rule(number=PICK)
    def a_crash_loses_the_markers_of_a_birth_until_the_scrub(self, number: int) -> None:
        run = self.picked(number)
        if run["created"] > self.later(-300):
            for entry in list(self.runs.due(None, FARTHER)):
                if entry.run_id == run["id"]:
                    self.system.unlink(entry.path)
        scrub(self.store)

    @precondition(there_are_runs)
    @rule(number=PICK, rest=st.sampled_from([b"{", b'{"v":2', b"\0" * 10, b"\0" * 10 + b"\n"]))
    def a_crash_leaves_half_a_line(self, number: int, rest: bytes) -> None:
        fd = self.system.open(self.store.layout.run(self.picked(number)["id"]))
        self.system.write(fd, rest)
        self.system.close(fd)

    # ---- what is always true -----------------------------------------------------------------------------------------

    @invariant()
    def every_run_is_as_last_acknowledged(self) -> None:
        newest_first = [self.model[id] for id in sorted(self.model, reverse=True)]
        assert list(self.runs.newest()) == newest_first
        assert list(self.runs.of_group(GROUP)) == newest_first

    @invariant()
    def versions_have_no_gaps(self) -> None:
        for id, run in self.model.items():
            assert [line["v"] for line in self.runs.history(id)] == list(range(1, run["v"] + 1))

    @invariant()
    def what_is_due_is_queued_and_what_was_picked_up_is_active(self) -> None:
        queued = {entry.run_id for entry in self.runs.due(None, FARTHER)}
        assert {id for id, run in self.model.items() if run["due"] is not None} <= queued
        assert {id for id, run in self.model.items() if run["live"]} <= set(self.runs.active())

    @invariant()
    def names_lead_to_runs(self) -> None:
        for name in {run["name"] for run in self.model.values()}:
            assert {run["id"] for run in self.runs.named(name)} == {
                id for id, run in self.model.items() if run["name"] == name
            }

    @invariant()
    def a_key_leads_to_its_run(self) -> None:
        for key, id in self.keys.items():
            assert self.model[id]["idempotency_key"] == key
            assert self.system.exists(self.store.layout.key(FLOW, key))


class FilesMachine(RunsMachine):
    """The same on real files."""

    def computer(self) -> tuple[str, StandingClock]:
        self.folder = tempfile.TemporaryDirectory()
        return f"{self.folder.name}/store", StandingClock()

    def teardown(self) -> None:
        self.folder.cleanup()


TestInMemory = RunsMachine.TestCase
TestInMemory.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, derandomize=True, database=None
)
TestOnFiles = FilesMachine.TestCase
TestOnFiles.settings = settings(max_examples=12, stateful_step_count=40, deadline=None, derandomize=True, database=None)
