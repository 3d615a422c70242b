"""The scrub, and deleting old runs (store.md §6.8, §6.9)."""

from __future__ import annotations

import errno
from datetime import datetime, timezone
from typing import Any

import pytest
from samples import FAR, FARTHER, FINISHED, FLOW, a_run, names_in
from seam import FaultySystem, Nth, RecordingSystem

from prefect.storage.state.check import check
from prefect.storage.state.errors import StoreIO
from prefect.storage.state.journal import encoded
from prefect.storage.state.maintenance import prunable, prune, scrub
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

HOUR = 60 * 60
DAY = 24 * HOUR


def store_at(hour: int, minute: int, second: int = 0) -> Store:
    system = MemorySystem(at=datetime(2024, 5, 17, hour, minute, second, tzinfo=timezone.utc))
    return Store("/store", system=system, durability="process")


def markers_of(store: Store, run: dict[str, Any]) -> set[str]:
    return {path for path in store.runs.wanted(run) if store.system.exists(path)}


def lose_markers(store: Store, run: dict[str, Any]) -> None:
    for path in store.runs.wanted(run):
        store.system.unlink(path)


def scrubbed_hour(store: Store) -> bytes | None:
    return store.files.read(f"{store.root}/scrub.json")


# ---- scrub -----------------------------------------------------------------------------------------------------------


def test_the_scrub_makes_markers_that_a_power_cut_took(store):
    lost, _ = store.runs.create(a_run(labels=["gpu"]))
    store.runs.create(a_run("calm-crow"))
    lose_markers(store, lost)

    assert scrub(store) == 1
    assert markers_of(store, lost) == store.runs.wanted(lost)
    assert [run["id"] for run in store.runs.claim(["gpu"], {})] == [lost["id"]]


def test_where_nothing_is_missing_the_scrub_mends_nothing(store):
    store.runs.create(a_run())

    assert scrub(store) == 0


def test_a_store_that_does_not_exist_is_not_made_by_the_scrub(store):
    assert scrub(store) == 0
    assert not store.system.exists(store.root)


def test_a_deleted_run_gets_no_markers(store):
    run, _ = store.runs.create(a_run())
    store.runs.delete(run["id"])

    assert scrub(store) == 0
    assert markers_of(store, run) == set()


@pytest.mark.parametrize(
    ("time", "hour"), [((13, 9, 59), b"11"), ((13, 10, 0), b"12"), ((14, 0, 0), b"12"), ((0, 30, 0), b"23")]
)
def test_the_scrub_notes_the_last_hour_that_ended_ten_minutes_ago(time, hour):
    store = store_at(*time)
    store.runs.create(a_run())

    scrub(store)

    day = b"16" if hour == b"23" else b"17"
    assert scrubbed_hour(store) == b'{"format":1,"hour":"2024-05-' + day + b"/" + hour + b'"}\n'


def test_runs_of_hours_that_are_done_are_not_read_again():
    store = store_at(10, 59, 59)
    old, _ = store.runs.create(a_run())
    store.system.sleep(2 * HOUR)
    scrub(store)  # at 12:59:59: up to 11
    lose_markers(store, old)

    assert scrub(store) == 0


def test_runs_of_an_hour_that_is_not_done_are_read_again():
    store = store_at(10, 59, 59)
    scrub(store)
    run, _ = store.runs.create(a_run())
    store.system.sleep(10)
    scrub(store)
    lose_markers(store, run)

    assert scrub(store) == 1


def test_a_noted_hour_in_the_future_is_not_believed(store):
    run, _ = store.runs.create(a_run())
    lose_markers(store, run)
    store.files.replace(f"{store.root}/scrub.json", encoded({"format": 1, "hour": "2999-01-01/00"}))

    assert scrub(store) == 1


@pytest.mark.parametrize("data", [b"", b"{", b"[]\n", b'{"hour": 5}\n'])
def test_without_a_note_that_can_be_read_the_scrub_begins_with_the_oldest(store, data):
    run, _ = store.runs.create(a_run())
    store.system.sleep(30 * DAY)
    scrub(store)
    lose_markers(store, run)
    store.files.replace(f"{store.root}/scrub.json", data)

    assert scrub(store) == 1


@pytest.mark.parametrize("line", [b"{\n", b'{"format":2}\n', b'{"format":1,"v":1,"labels":5}\n', b""])
def test_a_run_that_cannot_be_read_does_not_keep_others_from_their_markers(store, line):
    bad, _ = store.runs.create(a_run())
    good, _ = store.runs.create(a_run())
    lose_markers(store, good)
    fd = store.system.open(store.layout.run(bad["id"]))
    store.system.truncate(fd, 0)
    store.system.write(fd, line)
    store.system.close(fd)

    assert scrub(store) == 1
    assert markers_of(store, good) == store.runs.wanted(good)


# ---- prune -----------------------------------------------------------------------------------------------------------


def finished_run(store: Store, name: str = "fast-otter", **fields: Any) -> dict[str, Any]:
    """Return a run that has all that a run can leave behind."""
    run, _ = store.runs.create(a_run(name, **fields))
    store.runs.update(run["id"], {"due": None, "live": True})
    store.members.create(run["id"], {"task": "load", "map_index": -1})
    store.logs.append(run["id"], [{"message": "hello"}])
    store.feed.append({"run": run["id"]})
    return store.runs.update(run["id"], FINISHED)


def test_what_is_old_and_finished_goes_with_all_that_belongs_to_it(store):
    store.documents("projects").create("demo", {})
    before = names_in(store)
    for number in range(3):
        finished_run(store, idempotency_key=f"key {number}")
        store.system.sleep(HOUR)
    store.system.sleep(DAY)

    assert prune(store, store.system.now()) == 3
    left = names_in(store) - before
    assert [name for name in left if not store.system.is_directory(f"{store.root}/{name}")] == []
    assert [name for name in left if name.startswith(("by-flow/", "logs/", "runs/", "tasks/"))] == []


def test_what_waits_or_is_executed_or_has_changed_lately_stays(store):
    waiting, _ = store.runs.create(a_run(due=FAR))
    running, _ = store.runs.create(a_run(live=True, due=None))
    changed = finished_run(store)
    store.system.sleep(DAY)
    before = store.system.now()
    changed = store.runs.update(changed["id"], {"name": "calm-crow"})
    new = finished_run(store)

    assert prune(store, before) == 0
    assert {run["id"] for run in store.runs.newest()} == {run["id"] for run in (waiting, running, changed, new)}
    assert list(check(store)) == []


def test_what_would_go_is_told_before(store):
    old = [finished_run(store), finished_run(store)]
    store.runs.create(a_run(due=FAR))

    assert sorted(prunable(store, FARTHER), key=lambda run: run["id"]) == sorted(old, key=lambda run: run["id"])
    assert sum(1 for _ in store.runs.newest()) == 3


def test_the_key_of_a_pruned_run_is_free_again(store):
    old = finished_run(store, idempotency_key="every-morning")

    prune(store, FARTHER)

    new, is_new = store.runs.create(a_run(idempotency_key="every-morning"))
    assert is_new
    assert new["id"] != old["id"]


def test_the_caller_may_say_what_is_finished(store):
    failed = finished_run(store)
    kept = finished_run(store)

    assert prune(store, FARTHER, lambda run: run["id"] != kept["id"]) == 1
    assert [run["id"] for run in store.runs.newest()] == [kept["id"]] != [failed["id"]]


def test_a_run_that_comes_back_to_life_meanwhile_stays(store):
    run = finished_run(store, idempotency_key="every-morning")

    def is_finished(found: dict[str, Any]) -> bool:
        if found["v"] == run["v"]:
            store.runs.update(run["id"], {"due": FAR})
        return found["due"] is None

    assert prune(store, FARTHER, is_finished) == 0
    assert store.runs.get(run["id"])["due"] == FAR
    assert store.runs.with_key(FLOW, "every-morning")["id"] == run["id"]


def test_a_damaged_run_stays(store):
    run = finished_run(store)
    store.files.append_stream(store.layout.run(run["id"]), b"{\n")

    assert prune(store, FARTHER) == 0
    assert store.system.exists(store.layout.run(run["id"]))


def test_what_a_deletion_that_died_has_left_goes_with_its_hour(store):
    run = finished_run(store)
    store.system.unlink(store.layout.run(run["id"]))
    store.system.sleep(HOUR)

    prune(store, store.system.now())

    assert not store.system.exists(store.layout.tasks(run["id"]))
    assert not store.system.exists(store.layout.log(run["id"]))


def test_days_of_the_feed_before_go(store):
    store.feed.append({})
    old = store.feed.path_today()
    store.system.sleep(DAY)
    store.feed.append({})
    today = store.feed.path_today()

    prune(store, store.system.now())

    assert (store.system.exists(old), store.system.exists(today)) == (False, True)


def test_cached_states_of_tasks_that_had_none_since_are_forgotten():
    store = store_at(10, 30)
    store.cached.append("old", {})
    store.cached.append("both", {})
    store.system.sleep(DAY)
    before = store.system.now()
    store.cached.append("both", {})
    store.cached.append("new", {})

    prune(store, before)

    assert [len(store.cached.newest(key)) for key in ("old", "both", "new")] == [0, 2, 1]


def test_the_folder_of_a_day_stays_while_it_lasts():
    store = store_at(10, 30)
    finished_run(store)
    store.system.sleep(2 * HOUR)

    prune(store, store.system.now())
    assert store.files.names(f"{store.root}/runs") == ["2024-05-17"]
    assert store.files.names(f"{store.root}/runs/2024-05-17") == []

    store.system.sleep(DAY)
    prune(store, store.system.now())
    assert store.files.names(f"{store.root}/runs") == []


def test_while_an_hour_has_runs_their_task_runs_and_logs_have_folders():
    store = store_at(10, 30)
    finished_run(store)
    store.runs.create(a_run(due=FAR))
    store.system.sleep(DAY)

    assert prune(store, store.system.now()) == 1
    for folder in ("tasks", "logs"):
        assert store.files.names(f"{store.root}/{folder}/2024-05-17") == ["10"]


def test_keys_are_gone_before_runs_and_runs_before_what_belongs_to_them():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    for number in range(2):
        finished_run(store, idempotency_key=f"key {number}")
    system.calls.clear()

    prune(store, FARTHER)

    calls = [(call.name, call.path.split("/")[2]) for call in system.calls if call.name != "remove_directory"]
    assert calls[:7] == [
        *2 * [("unlink", "keys")],
        *2 * [("sync_directory", "keys")],
        *2 * [("unlink", "runs")],
        ("sync_directory", "runs"),
    ]
    assert sorted(calls[7:]) == sorted(
        ("unlink", folder) for folder in ["feed", *2 * ["tasks", "logs", "names", "by-flow"]]
    )


def test_a_prune_that_fails_anywhere_is_completed_by_the_next():
    number = 0
    while True:
        memory = MemorySystem()
        store = Store("/store", system=memory)
        for key in ("a", "b"):
            finished_run(store, idempotency_key=key)
        memory.sleep(HOUR)
        faults = Nth(number, errno.EIO)
        try:
            prune(Store("/store", system=FaultySystem(memory, faults)), memory.now())
        except StoreIO:
            pass
        assert [found for found in check(store) if found.severity == "error"] == []

        prune(store, memory.now())
        list(check(store, repair=True))

        assert list(store.runs.newest()) == []
        assert list(check(store)) == []
        if faults.hit is None:
            break
        number += 1
    assert number > 20
