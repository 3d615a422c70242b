"""Each call of the system fails once, in every way: what failed is not visible, what was acknowledged stays, and then all goes on."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest
from samples import FAR, FINISHED, GROUP, SUBMITTED, a_run, state
from seam import HARMLESS, NEEDS_ROOM, SHORT_WRITE, Fault, FaultySystem, Nth, Seam, full_disk, read_only_disk

from prefect.storage.state.check import check
from prefect.storage.state.claims import Claim
from prefect.storage.state.errors import Locked, NotFound, StoreError, StoreIO
from prefect.storage.state.layout import Layout
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.runs import Runs
from prefect.storage.state.store import Store
from prefect.storage.state.system import System

ROOT = "/store"
KEY = "every-morning"
ERRORS = [errno.ENOSPC, errno.EIO, errno.EMFILE, errno.EACCES]


def opened(system: System) -> Runs:
    return Store(ROOT, system=system).runs


class Day:
    """What a store goes through in a day; every operation may fail, and what was acknowledged is noted.

    Attributes:
        acknowledged: Id → the run as it must be.
        unknown: Ids of runs whose deletion failed: each may be there or not.
        failed: What was raised.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.unknown: set[str] = set()
        self.failed: list[StoreError] = []

    @property
    def runs(self) -> Runs:
        return self.store.runs  # which may refuse to be looked at, too

    def lived(self) -> Day:
        run = self.does(lambda: self.runs.create(a_run(labels=["gpu"], parameters="x" * 5000, idempotency_key=KEY))[0])
        other = self.does(lambda: self.runs.create(a_run(name="beta"))[0])
        self.does(lambda: (self.runs.claim(["gpu"], SUBMITTED) or [None])[0])
        if run:
            self.changes(run, {**state("Scheduled"), "due": FAR, "live": False, "name": "omega"})
            self.tears(run)
            self.changes(run, {**state("Running"), "due": None, "live": True})
            self.changes(run, FINISHED)
            self.deletes(run)
        if other:
            self.changes(other, {"labels": ["cpu"]})
        return self

    def does(self, operation: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
        try:
            run = operation()
        except StoreError as error:
            self.failed.append(error)
            return None
        if run:
            self.acknowledged[run["id"]] = run
        return run

    def changes(self, run: dict[str, Any], change: dict[str, Any]) -> None:
        self.does(lambda: self.runs.update(run["id"], change))

    def tears(self, run: dict[str, Any]) -> None:
        system = self.store.system.system
        fd = system.open(self.store.layout.run(run["id"]))
        system.write(fd, b'{"v":')
        system.close(fd)

    def deletes(self, run: dict[str, Any]) -> None:
        del self.acknowledged[run["id"]]
        try:
            self.runs.delete(run["id"])
        except StoreError as error:
            self.failed.append(error)
            self.unknown.add(run["id"])


def wrong(day: Day, system: MemorySystem) -> list[str]:
    """Return what a look at the store with new eyes finds wrong."""
    runs = opened(system)
    found = {run["id"]: run for run in runs.newest() if run["id"] not in day.unknown}
    problems = []
    if found != day.acknowledged:
        problems.append("what is there is not what was acknowledged")
    for run in found.values():
        if run["due"] is not None and run["id"] not in [entry.run_id for entry in runs.due(None, FAR)]:
            problems.append("a run that is due is not in the queue")
        if run["live"] and run["id"] not in runs.active():
            problems.append("a run that was picked up is not among the active ones")
        if run not in runs.named(run["name"]) or run not in list(runs.of_group(GROUP)):
            problems.append("a run is not found by name and flow group")
    return problems


def day_with(fault: Fault, system: MemorySystem) -> Day:
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
        assert Day(Store(ROOT, system=FaultySystem(system, Nth(-1, fault)))).lived().failed == []


def test_a_full_disk_refuses_every_change_and_leaves_everything_as_it_was():
    system = MemorySystem()
    run, _ = opened(system).create(a_run())
    runs = opened(FaultySystem(system, full_disk))

    for operation in (
        lambda: runs.create(a_run()),
        lambda: runs.create(a_run(idempotency_key=KEY)),
        lambda: runs.update(run["id"], state("Cancelled")),
        lambda: runs.claim([], SUBMITTED),
    ):
        with pytest.raises(StoreIO) as caught:
            operation()
        assert caught.value.errno == errno.ENOSPC

    assert list(opened(system).newest()) == [run]
    assert [entry.run_id for entry in opened(system).due([])] == [run["id"]]


def test_a_full_disk_says_how_to_make_room():
    system = MemorySystem()
    run, _ = opened(system).create(a_run())

    with pytest.raises(StoreIO) as caught:
        opened(FaultySystem(system, full_disk)).update(run["id"], state("Cancelled"))

    assert str(caught.value) == (
        f"The system refused to work on {Layout(ROOT).run(run['id'])}: No space left on device."
        " Make room, for instance with 'prefect store prune', and try again."
    )


def test_a_change_of_a_torn_record_fails_on_a_full_disk_and_touches_nothing():
    system = MemorySystem()
    run, _ = opened(system).create(a_run())
    path = Layout(ROOT).run(run["id"])
    fd = system.open(path)
    system.write(fd, b'{"v":2')
    before = system.read(fd, 100_000, 0)

    with pytest.raises(StoreIO):
        opened(FaultySystem(system, full_disk)).update(run["id"], state("Cancelled"))

    assert system.read(fd, 100_000, 0) == before
    assert opened(system).get(run["id"]) == run


class FullAfter:
    """A disk that is full after so many calls that need room."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self, name: str) -> int | None:
        self.left -= name in NEEDS_ROOM
        return full_disk(name) if self.left < 0 else None


@pytest.mark.parametrize("key", [None, KEY])
def test_of_a_run_that_a_full_disk_refused_nothing_is_left(key: str | None):
    refused = 0
    while True:
        system = MemorySystem()
        opened(system).create(a_run())
        runs = opened(FaultySystem(system, FullAfter(refused)))
        try:
            runs.create(a_run(labels=["gpu"], idempotency_key=key))
        except StoreIO:
            refused += 1
        else:
            break
        assert (refused, list(check(Store(ROOT, system=system)))) == (refused, [])
    assert refused > 5


@pytest.mark.parametrize("key", [None, KEY])
def test_deleting_works_on_a_full_disk(key: str | None):
    system = MemorySystem()
    run, _ = opened(system).create(a_run(idempotency_key=key))

    opened(FaultySystem(system, full_disk)).delete(run["id"])

    assert list(opened(system).newest()) == []
    assert list(opened(system).due(None)) == []


def test_deleting_works_on_a_full_disk_after_a_deletion_that_died_behind_the_key():
    system = MemorySystem()
    run, _ = opened(system).create(a_run(idempotency_key=KEY))
    path = Layout(ROOT).key(run["flow_id"], KEY)
    system.unlink(path)
    system.remove_directory(path.rpartition("/")[0])

    opened(FaultySystem(system, full_disk)).delete(run["id"])

    assert list(opened(system).newest()) == []


def test_a_read_only_disk_can_be_read():
    system = MemorySystem()
    run, _ = opened(system).create(a_run())
    runs = opened(FaultySystem(system, read_only_disk))

    assert runs.get(run["id"]) == run
    assert list(runs.newest()) == [run]
    with pytest.raises(StoreIO) as caught:
        runs.delete(run["id"])
    assert caught.value.errno == errno.EROFS


def test_what_a_claim_took_before_the_system_refused_is_handed_out():
    system = MemorySystem()
    for name in ("first", "second"):
        opened(system).create(a_run(name=name))
    refuses_now = False

    def taken(run: dict[str, Any]) -> dict[str, Any]:
        nonlocal refuses_now
        refuses_now = refuses_now or bool(runs.active())
        return SUBMITTED

    runs = opened(FaultySystem(system, lambda name: errno.ENOSPC if refuses_now and name == "write" else None))

    claimed = runs.claim([], taken, limit=2)

    assert [run["state"] for run in claimed] == [{"type": "Submitted"}]
    assert len(list(opened(system).due([]))) == 1


class Interrupted(Seam):
    """A process that gets Ctrl-C at one call of the system.

    Args:
        system: Where calls go.
        late: It comes when the call has been made, not before.

    Attributes:
        left: Calls until then.
    """

    def __init__(self, system: System, late: bool) -> None:
        super().__init__(system)
        self.left = 1000
        self.late = late

    def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
        self.left -= name not in HARMLESS
        hit = self.left == -1 and name not in HARMLESS
        if hit and not self.late:
            raise KeyboardInterrupt
        try:
            return super().around(name, path, arguments)
        finally:
            if hit:
                raise KeyboardInterrupt


@pytest.mark.parametrize("late", [False, True])
def test_an_interrupted_claim_puts_all_runs_back_into_the_queue(late: bool):
    number = 0
    while True:
        system = MemorySystem()
        born = [
            opened(system).create(a_run(name=name, **state("Scheduled")))[0] for name in ("first", "second", "third")
        ]
        interrupted = Interrupted(system, late)
        runs = opened(interrupted)
        interrupted.left = number
        try:
            runs.claim([], {**SUBMITTED, "agent_id": "one"}, limit=3)
        except KeyboardInterrupt:
            pass
        else:
            break
        found = list(opened(system).newest())
        assert [(run["state"], run["live"], run.get("agent_id")) for run in found] == [
            (born[0]["state"], False, None)
        ] * 3
        claimed = opened(system).claim([], SUBMITTED, limit=3)
        assert (number, {run["id"] for run in claimed}) == (number, {run["id"] for run in born})
        number += 1
    assert number > 3 * 5


def test_an_interrupted_claim_leaves_alone_what_others_were_quicker_to_take():
    system = MemorySystem()
    run, _ = opened(system).create(a_run())
    claim = Claim(opened(system), {**SUBMITTED, "agent_id": "one"}, lambda _: True)
    claim._changes(run)  # an interrupt has come before they were written
    (of_another,) = opened(system).claim([], {**SUBMITTED, "agent_id": "two"})

    claim.give_back()

    assert opened(system).get(run["id"]) == of_another


@pytest.mark.parametrize("error", [Locked("/store/label-limits/.lock", 30.0), RuntimeError("a bug")])
def test_what_a_claim_took_before_something_went_wrong_is_handed_out(error: Exception):
    system = MemorySystem()
    for name in ("first", "second"):
        opened(system).create(a_run(name=name))
    runs = opened(system)

    def fits(run: dict[str, Any]) -> bool:
        if runs.active():
            raise error
        return True

    assert [run["state"] for run in runs.claim([], SUBMITTED, limit=2, check=fits)] == [{"type": "Submitted"}]
    assert len(list(opened(system).due([]))) == 1
    with pytest.raises(type(error)):
        runs.claim([], SUBMITTED, limit=2, check=fits)


def test_a_run_that_is_damaged_while_it_is_being_taken_does_not_stop_the_others(caplog: pytest.LogCaptureFixture):
    system = MemorySystem()
    for name in ("first", "second"):
        opened(system).create(a_run(name=name))
        system.sleep(1)
    runs = opened(system)
    (first, second) = (entry.run_id for entry in runs.due([]))

    def fits(run: dict[str, Any]) -> bool:
        if run["id"] == first:
            runs.files.append_stream(runs.layout.run(first), b"rubbish\n")
        return run["id"] != first

    assert [run["id"] for run in runs.claim([], SUBMITTED, limit=2, check=fits)] == [second]
    assert f"{first}.jsonl, line 2, is damaged" in caplog.text


def test_a_run_that_may_not_be_opened_does_not_stop_the_others(caplog: pytest.LogCaptureFixture):
    system = MemorySystem()
    hidden, _ = opened(system).create(a_run(due="2001-01-01T00:00:00.000000+00:00"))
    system.sleep(1)
    run, _ = opened(system).create(a_run())

    class Hiding(FaultySystem):
        def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
            self.fault = lambda _: errno.EACCES if hidden["id"] in path and name == "open" else None
            return super().around(name, path, arguments)

    claimed = opened(Hiding(system, full_disk)).claim([], SUBMITTED)

    assert [found["id"] for found in claimed] == [run["id"]]
    assert "Permission denied" in caplog.text
