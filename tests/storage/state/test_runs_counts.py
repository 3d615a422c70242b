"""What operations cost, counted instead of timed: syncs, opened files, bytes, names read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from samples import FAR, FINISHED, SUBMITTED, a_run, state
from seam import RecordingSystem

from prefect.storage.state import layout
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.runs import CHUNK
from prefect.storage.state.store import Store


class Counting:
    """A store in use, whose folders exist and are known to be durable.

    Attributes:
        system: Counts.
        runs: Of the store.
    """

    def __init__(self) -> None:
        self.system = RecordingSystem(MemorySystem())
        self.store = Store("/store", system=self.system)
        self.runs = self.store.runs
        for key in (None, "warm"):
            run, _ = self.runs.create(a_run(idempotency_key=key))
            self.runs.update(run["id"], {"due": FAR})
        self.runs.create(a_run())
        self.runs.claim([], SUBMITTED)

    @contextmanager
    def costs(self, **expected: int) -> Iterator[None]:
        """Check how often a block makes calls of each name."""
        before = self.system.counts.copy()
        yield
        made = self.system.counts - before
        assert {name: made[name] for name in expected} == expected


@pytest.fixture
def counting() -> Counting:
    return Counting()


def test_creating_a_run_syncs_its_folder_and_its_line(counting: Counting):
    with counting.costs(sync=1, sync_directory=1, write=1, create=1, touch=1, link=2):
        counting.runs.create(a_run())


def test_creating_a_run_with_a_key_also_syncs_those_of_the_key(counting: Counting):
    counting.store.files.make_directories(counting.store.layout.key(a_run()["flow_id"], "new").rpartition("/")[0])

    with counting.costs(sync=2, sync_directory=2, write=2, create=2, touch=1, link=2):
        counting.runs.create(a_run(idempotency_key="new"))


def test_finding_a_run_by_its_key_reads_two_files_and_locks_none(counting: Counting):
    with counting.costs(open_to_read=2, open=0, create=0, try_lock=0, sync=0, sync_directory=0):
        counting.runs.create(a_run(idempotency_key="warm"))


def test_claiming_a_run_syncs_the_active_folder_and_its_line(counting: Counting):
    counting.runs.create(a_run())

    with counting.costs(sync=1, sync_directory=1, write=1, touch=1, unlink=1):
        assert counting.runs.claim([], SUBMITTED)


def test_a_change_of_state_syncs_its_line(counting: Counting):
    run, _ = counting.runs.create(a_run())

    with counting.costs(sync=1, sync_directory=0, write=1, open=1, touch=0, unlink=0):
        counting.runs.update(run["id"], state("Running"))


def test_rescheduling_syncs_the_queue_and_the_line(counting: Counting):
    run, _ = counting.runs.create(a_run())

    with counting.costs(sync=1, sync_directory=1, write=1, touch=1, unlink=1):
        counting.runs.update(run["id"], {"due": FAR})


def test_finishing_first_syncs_task_runs_and_log(counting: Counting):
    counting.runs.create(a_run())
    (run,) = counting.runs.claim([], SUBMITTED)
    for path in (counting.store.layout.tasks(run["id"]), counting.store.layout.log(run["id"])):
        counting.store.files.append_stream(path, b"{}\n")
    counting.runs.sync(run["id"])
    begin = len(counting.system.calls)

    counting.runs.update(run["id"], FINISHED)

    synced = [call.path.split("/")[2] for call in counting.system.calls[begin:] if "sync" in call.name]
    assert synced == ["tasks", "tasks", "logs", "logs", "runs"]


def test_a_heartbeat_syncs_nothing(counting: Counting):
    (id,) = counting.runs.active()

    with counting.costs(touch_time=1, sync=0, sync_directory=0, open=0, write=0):
        counting.runs.heartbeat(id)


def test_deleting_syncs_the_folder(counting: Counting):
    run, _ = counting.runs.create(a_run())

    with counting.costs(sync=0, sync_directory=1, write=0):
        counting.runs.delete(run["id"])


def test_looking_up_a_run_opens_one_file_and_reads_it_once(counting: Counting):
    run, _ = counting.runs.create(a_run())

    with counting.costs(open_to_read=1, read=1, open=0, try_lock=0, names=0, each_name=0):
        counting.runs.get(run["id"])


def test_the_newest_runs_are_read_and_no_others(counting: Counting):
    for _ in range(50):
        counting.runs.create(a_run())

    with counting.costs(open_to_read=10, names=3):
        newest = counting.runs.newest()
        for _ in range(10):
            next(newest)


def test_without_durability_nothing_is_synced():
    system = RecordingSystem(MemorySystem())
    runs = Store("/store", system=system, durability="process").runs
    run, _ = runs.create(a_run(idempotency_key="key"))
    runs.claim([], SUBMITTED)
    runs.update(run["id"], FINISHED)
    runs.delete(run["id"])

    assert (system.counts["sync"], system.counts["sync_directory"]) == (0, 0)


def test_bytes_written_are_those_of_the_line(counting: Counting):
    run, _ = counting.runs.create(a_run(parameters="x" * 10_000))
    before = counting.system.bytes_written

    counting.runs.update(run["id"], state("Running"))

    assert counting.system.bytes_written - before < 300


def test_a_claim_reads_no_more_of_the_queue_than_it_takes_and_a_chunk():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system, durability="process")
    for _ in range(CHUNK):
        run, _ = store.runs.create(a_run())
    for number in range(100_000):
        id = layout.uuid_text(int(run["id"].replace("-", ""), 16) + (number + 1 << layout.MEMBER_BITS))
        system.touch(store.layout.queued([], run["due"], id))

    assert len(store.runs.claim([], SUBMITTED, limit=10)) == 10
    assert system.names_read <= CHUNK + 10


def test_an_empty_look_at_the_queue_opens_no_file(counting: Counting):
    with counting.costs(open=0, open_to_read=0, create=0, try_lock=0, sync_directory=0):
        assert counting.runs.claim(["other"], SUBMITTED) == []
