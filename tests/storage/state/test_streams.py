"""What logs, cached states and the feed promise, on real files and in memory."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest
from samples import a_run
from seam import FaultySystem, RecordingSystem, full_disk
from workers import Report, all_reports

from prefect.storage.state.errors import NotFound, StoreIO
from prefect.storage.state.journal import encoded
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

RUN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"


def entry(message: str = "hello") -> dict[str, Any]:
    return {
        "timestamp": "2024-05-17T13:45:00.041200+00:00",
        "level": "INFO",
        "name": "prefect.TaskRunner",
        "task_run_id": None,
        "message": message,
    }


# ---- logs --------------------------------------------------------------------------------------------------------------


def test_a_log_is_read_as_it_was_written(store):
    store.logs.append(RUN, [entry("a"), entry("b\n\0🦦\ud800")])
    store.logs.append(RUN, [entry("c")])

    assert store.logs.read(RUN) == [entry("a"), entry("b\n\0🦦\ud800"), entry("c")]


def test_a_run_without_a_log_has_no_lines(store):
    assert store.logs.read(RUN) == []
    assert store.logs.read("../x") == []
    assert not store.system.exists(store.root)


def test_no_entries_make_no_file(store):
    store.logs.append(RUN, [])

    assert not store.system.exists(store.root)


def test_a_log_belongs_to_an_id(store):
    with pytest.raises(NotFound):
        store.logs.append("../x", [entry()])


def test_what_json_cannot_say_is_refused_with_the_whole_batch(store):
    with pytest.raises(ValueError):
        store.logs.append(RUN, [entry(), {"message": float("nan")}])

    assert store.logs.read(RUN) == []


@pytest.mark.parametrize("torn", [b'{"message":"ha', b"\0\0\0", b"\0\0\n", b"nonsense\n", b"[]\n", b"{\0}\0\n", b"\n"])
def test_a_line_that_cannot_be_read_is_skipped_and_hides_no_other(store, torn, caplog):
    store.logs.append(RUN, [entry("a")])
    store.files.append_stream(store.layout.log(RUN), torn)
    store.logs.append(RUN, [entry("b")])

    assert store.logs.read(RUN) == [entry("a"), entry("b")]
    assert caplog.messages == [
        f"A line of the file {store.layout.log(RUN)} cannot be read and is left out. 'prefect store check' says which."
    ]


def test_a_line_without_its_newline_does_not_exist(store):
    store.logs.append(RUN, [entry("a")])
    store.files.append_stream(store.layout.log(RUN), encoded(entry("b"))[:-1])

    assert store.logs.read(RUN) == [entry("a")]


def test_a_batch_costs_one_write_and_no_sync():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    dirty: list[str] = []
    store._background.add = dirty.append  # type: ignore[method-assign]  # no thread
    store.logs.append(RUN, [entry()])
    system.counts.clear()

    store.logs.append(RUN, [entry()] * 100)

    costs = {name: system.counts[name] for name in ("open", "read", "write", "sync", "try_lock")}
    assert costs == {"open": 0, "read": 0, "write": 1, "sync": 0, "try_lock": 0}
    assert dirty == [store.layout.log(RUN)] * 2


def test_a_full_disk_is_told(tmp_path):
    system = FaultySystem(MemorySystem(), lambda name: None)
    store = Store("/store", system=system, durability="process")
    store.logs.append(RUN, [entry()])
    system.fault = full_disk

    with pytest.raises(StoreIO) as failure:
        store.logs.append(RUN, [entry()])

    assert failure.value.errno == errno.ENOSPC
    assert store.logs.read(RUN) == [entry()]


def test_lines_of_many_processes_do_not_mix(disk):
    run_id = disk.runs.create(a_run())[0]["id"]

    def work(number: int, report: Report) -> None:
        logs = Store(disk.root, durability="process").logs
        for size in (100, 10_000, 1_000_000):
            logs.append(run_id, [entry(f"{number}" * size)])
            report(size)

    all_reports(work)

    found = [line["message"] for line in disk.logs.read(run_id)]
    assert sorted(found) == sorted(f"{number}" * size for number in range(8) for size in (100, 10_000, 1_000_000))


# ---- cached states -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["day", "a/b", "..", "", "a\0b", "x" * 4096, "\ud800"])
def test_cached_states_of_a_key_come_newest_first(store, key):
    for number in range(3):
        store.cached.append(key, {"number": number})

    assert store.cached.newest(key) == [{"number": 2}, {"number": 1}, {"number": 0}]


def test_keys_that_differ_in_case_are_different(store):
    store.cached.append("Day", {"number": 1})

    assert store.cached.newest("day") == []


@pytest.mark.parametrize("limit", [0, 1, 2, 5, 1000])
@pytest.mark.parametrize("size", [1, 30_000, 64 * 1024, 200_000])
def test_no_more_than_asked_for_is_returned_however_long_the_lines_are(store, limit, size):
    entries = [{"number": number, "long": "x" * size} for number in range(4)]
    for one in entries:
        store.cached.append("day", one)

    assert store.cached.newest("day", limit) == entries[::-1][:limit]


@pytest.mark.parametrize("torn", [b"\0\0\n", b'{"number":', b"x" * 100_000])
def test_what_a_crash_left_is_no_cached_state(store, torn):
    store.cached.append("day", {"number": 1})
    store.files.append_stream(store.layout.cached("day"), torn)

    assert store.cached.newest("day") == [{"number": 1}]


def test_of_a_long_stream_only_the_end_is_read():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    for number in range(2_000):
        store.cached.append("day", {"number": number, "long": "x" * 1000})
    system.counts.clear()

    store.cached.newest("day", 10)

    assert system.counts["read"] == 1


# ---- the feed ----------------------------------------------------------------------------------------------------------


def test_the_feed_has_the_time_and_a_file_for_each_day(store):
    store.feed.append({"run": RUN})

    at = store.system.now()
    assert store.feed.path_today() == f"{store.root}/feed/{at[:10]}.jsonl"
    assert store.files.read(store.feed.path_today()) == encoded({"at": at, "run": RUN})

    store.system.sleep(24 * 3600)
    assert store.files.read(store.feed.path_today()) is None


def test_the_feed_fails_nobody(caplog):
    system = FaultySystem(MemorySystem(), full_disk)
    store = Store("/store", system=system)
    caplog.set_level(logging.DEBUG, "prefect.store")

    store.feed.append({"run": RUN})
    store.feed.append({"run": object()})

    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith(f"Could not write to {store.feed.path_today()}: ")


def test_the_feed_is_never_synced():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    store.runs.create(a_run())
    system.counts.clear()

    store.feed.append({})

    assert (system.counts["sync"], system.counts["sync_directory"]) == (0, 0)
