"""After a power cut at any moment, whatever the disk kept: acknowledged runs are there, nothing is half there, work goes on."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from crash_states import Act, Ledger, Moment, crash_states
from samples import FAR, FARTHER, FINISHED, GROUP, SUBMITTED, a_run, state
from seam import FaultySystem, RecordingSystem

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt, NotFound, StoreIO
from prefect.storage.state.journal import Record
from prefect.storage.state.maintenance import scrub
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.runs import Runs
from prefect.storage.state.store import Store

ROOT = "/store"
KEY = "every-morning"


class Story:
    """Does things with runs and keeps the record of it."""

    def __init__(self, kind: type[Runs] = Runs) -> None:
        self.refuses = ""
        disk = FaultySystem(MemorySystem(), self._fault)
        self.system = RecordingSystem(disk)
        self.ledger = Ledger(self.system)
        store = Store(ROOT, system=self.system)
        self.runs = kind(store.files, store.layout)

    def create(self, **fields: Any) -> dict[str, Any]:
        return self.ledger.act(lambda: self.runs.create(a_run(**fields))[0], _itself)

    def claim(self, label: str) -> dict[str, Any]:
        return self.ledger.act(lambda: self.runs.claim([label], SUBMITTED)[0], _itself)

    def update(self, run: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
        return self.ledger.act(lambda: self.runs.update(run["id"], change, expect=run["v"]), _itself)

    def delete(self, run: dict[str, Any]) -> None:
        self.ledger.act(lambda: self.runs.delete(run["id"]), lambda _: {run["id"]: None})

    def fail_to_update(self, run: dict[str, Any], change: dict[str, Any], refuses: str) -> None:
        """Change a run while the system refuses one call; a crash meanwhile may show the change, later nothing may."""
        self.refuses = refuses
        begin = len(self.system.calls)
        with pytest.raises(StoreIO):
            self.runs.update(run["id"], change)
        attempted = {**run, **change, "v": run["v"] + 1}
        end = len(self.system.calls)
        self.ledger.acts += [Act(begin, end + 1, {run["id"]: attempted}), Act(begin, end, {run["id"]: run})]

    def _fault(self, name: str) -> int | None:
        if name != self.refuses:
            return None
        self.refuses = ""
        return errno.EIO

    def tear(self, run: dict[str, Any], rest: bytes) -> None:
        """Leave behind what a writer leaves that is killed while it writes."""
        fd = self.system.open(self.runs.layout.run(run["id"]))
        self.system.write(fd, rest)
        self.system.close(fd)


def _itself(run: dict[str, Any]) -> dict[str, Any]:
    return {run["id"]: run}


def a_life(story: Story) -> None:
    """A run is claimed, waits, goes on and finishes; a key is used again after its run was deleted."""
    run = story.create(name="alpha", labels=["gpu"], parameters="x" * 5000)  # two pages
    keyed = story.create(name="beta", idempotency_key=KEY)
    run = story.claim("gpu")
    run = story.update(run, state("Running"))
    run = story.update(run, {**state("Scheduled"), "due": FAR, "live": False})
    run = story.update(run, {**state("Running"), "due": None, "live": True, "name": "omega"})
    story.update(run, FINISHED)
    story.delete(keyed)
    story.create(name="gamma", idempotency_key=KEY)


def a_large_record(story: Story) -> None:
    """A record of which only the ends are read."""
    run = story.create(parameters="x" * (journal.WHOLE + 5000))
    run = story.update(run, {"labels": ["gpu"]})
    story.update(run, state("Scheduled"))


def a_torn_record(story: Story) -> None:
    """What a crash left behind a record is set aside by the next change."""
    run = story.create(labels=["gpu"])
    story.tear(run, b'{"v":2,"at":"2024-')
    run = story.claim("gpu")
    story.tear(run, bytes(300) + b"\n")
    story.update(run, {**state("Scheduled"), "due": FAR, "live": False})


def a_failed_sync(story: Story) -> None:
    """A line that was refused must not come back, nor what is left of it after a shorter one."""
    run = story.create()
    story.fail_to_update(run, {"state": "x" * 200}, refuses="sync")
    story.update(run, {"state": "y"})


def recorded(scenario: Callable[[Story], None], kind: type[Runs] = Runs) -> Ledger:
    story = Story(kind)
    scenario(story)
    return story.ledger


def violations(ledger: Ledger, moment: Moment) -> list[str]:
    """Return the promises that are broken after a crash, and again after opening the store once more."""
    try:
        return [
            *markers_missing(ledger, moment, Store(ROOT, system=moment.system).runs),
            *promises_broken(ledger, moment, Store(ROOT, system=moment.system)),
            *promises_broken(ledger, moment, store := Store(ROOT, system=moment.system)),
            *what_stops_work(store.runs),
        ]
    except Corrupt:
        return ["a file is damaged"]


def markers_missing(ledger: Ledger, moment: Moment, runs: Runs) -> list[str]:
    """Look for the markers that no scrub may be needed for: all but those of a birth."""
    missing = []
    for id in ledger.things():
        found = current(runs, id)
        if found is None or None in ledger.allowed(id, moment.after):
            continue
        if found["live"] and id not in runs.active():
            missing.append("a run that was picked up is not among the active ones")
        if found["due"] not in (None, runs.history(id)[0]["due"]) and not is_queued(runs, id):
            missing.append("a run that was put off is not in the queue")
    return missing


def promises_broken(ledger: Ledger, moment: Moment, store: Store) -> list[str]:
    """Scrub, as everybody does before the first look at the queue, and compare with what was acknowledged."""
    scrub(store)
    runs, broken = store.runs, []
    for id in ledger.things():
        allowed = ledger.allowed(id, moment.after)
        found = current(runs, id)
        if found not in allowed:
            broken.append("a run is not as acknowledged")
        elif found is not None and None not in allowed:
            broken += unfindable(runs, found)
    return broken


def unfindable(runs: Runs, run: dict[str, Any]) -> list[str]:
    id = run["id"]
    broken = []
    if [line["v"] for line in runs.history(id)] != list(range(1, run["v"] + 1)):
        broken.append("a version is missing")
    if run["due"] is not None and not is_queued(runs, id):
        broken.append("a run that is due is not in the queue")
    if run["live"] and id not in runs.active():
        broken.append("a run that was picked up is not among the active ones")
    if run not in runs.named(run["name"]) or run not in list(runs.of_group(GROUP)):
        broken.append("a run is not found by name and flow group")
    return broken


def is_queued(runs: Runs, id: str) -> bool:
    return id in [entry.run_id for entry in runs.due(None, FARTHER)]


def what_stops_work(runs: Runs) -> list[str]:
    """Use the store as if nothing had happened, until there is nothing left to do."""
    again, _ = runs.create(a_run(name="gamma", idempotency_key=KEY))
    if runs.create(a_run(name="gamma", idempotency_key=KEY)) != (again, False):
        return ["a key leads to two runs"]
    runs.claim(None, SUBMITTED, limit=100, at=FARTHER)
    runs.claim(None, SUBMITTED, limit=100, at=FARTHER)  # meets what the first took by another marker
    if list(runs.due(None, FARTHER)):
        return ["the queue does not empty"]
    for run in list(runs.newest()):
        finished = runs.update(run["id"], FINISHED, expect=run["v"])
        if runs.get(run["id"]) != finished:
            return ["a change after the crash is lost"]
    for id in runs.active():
        runs.heal(id, runs.layout.active(id))
    if runs.active():
        return ["finished runs stay among the active ones"]
    for run in list(runs.newest()):
        runs.delete(run["id"])
    return ["deleted runs are listed"] if list(runs.newest()) else []


def current(runs: Runs, id: str) -> dict[str, Any] | None:
    try:
        return runs.get(id)
    except NotFound:
        return None


def found_by_checking(ledger: Ledger, without: str = "", samples: int = 0) -> tuple[int, Counter[str]]:
    """Return how many states there are, and how often each promise is broken.

    Args:
        ledger: What was done.
        without: A call that does nothing. Its place in the record stays, or the acknowledgements would move.
        samples: See :func:`crash_states`.
    """
    calls = [call._replace(name="nothing") if call.name == without else call for call in ledger.system.calls]
    states, broken = 0, Counter[str]()
    for moment in crash_states(calls, "/", samples):
        states += 1
        broken.update(violations(ledger, moment))
    return states, broken


@pytest.mark.parametrize(
    ("scenario", "at_least"), [(a_life, 1500), (a_large_record, 300), (a_torn_record, 800), (a_failed_sync, 200)]
)
def test_a_power_cut_at_any_moment_breaks_no_promise(scenario: Callable[[Story], None], at_least: int):
    states, broken = found_by_checking(recorded(scenario), samples=8)

    assert broken == {}
    assert states > at_least


def test_control_without_syncing_data_acknowledged_runs_are_lost():
    _, broken = found_by_checking(recorded(a_life), without="sync")

    assert broken["a run is not as acknowledged"]


def test_control_without_syncing_folders_acknowledged_runs_are_lost():
    _, broken = found_by_checking(recorded(a_life), without="sync_directory")

    assert broken["a run is not as acknowledged"]


class MarkersLast(Runs):
    """What must not be done: the line first, then the markers it wants."""

    def _commit(self, fd: int, path: str, old: Record, new: Record, end: int) -> Record:
        new |= {"v": old["v"] + 1, "at": max(self.system.now(), old["at"])}
        self._settled(old, new, new["at"])
        line = {key: value for key, value in new.items() if key not in self.frozen}
        self.files.append(fd, path, journal.encoded(line), end)
        for marker in self._markers(new) - self._markers(old):
            self.files.mark(marker, durable=True)
        for marker in self._markers(old) - self._markers(new):
            self.files.discard(marker)
        return new


def test_control_with_markers_after_the_line_runs_are_lost_from_sight():
    _, broken = found_by_checking(recorded(a_life, MarkersLast))

    assert broken["a run that was picked up is not among the active ones"]
    assert broken["a run that was put off is not in the queue"]
