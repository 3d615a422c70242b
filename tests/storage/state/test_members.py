"""What task runs and artifacts promise, on real files and in memory."""

from __future__ import annotations

import errno
import os
import signal
import threading
import warnings
from pathlib import Path
from typing import Any

import pytest
from samples import a_run, state
from seam import FaultySystem, Nth, RecordingSystem, Seam
from workers import Report, all_reports

from prefect.storage.state import layout
from prefect.storage.state.errors import Conflict, Corrupt, NotFound, StoreIO, UnsupportedFormat
from prefect.storage.state.journal import encoded
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store
from prefect.storage.state.system import System

UNKNOWN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"
NAMES = ["a/b", "..", "", "a\0b", "🦦", "x" * 4096, "CON", "Otter", "otter", "\ud800", "a\nb"]


class Reading(Seam):
    """Counts the bytes that are read."""

    count = 0

    def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
        result = super().around(name, path, arguments)
        if name == "read":
            self.count += len(result)
        return result


@pytest.fixture
def run_id(store: Store) -> str:
    return str(store.runs.create(a_run())[0]["id"])


def again(store: Store, system: System | None = None) -> Store:
    """Return the same store as another process sees it."""
    return Store(store.root, system=system or store.system, durability="process")


def child(map_index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"task": "load", "map_index": map_index, **state("Pending"), **fields}


def birth(run_id: str, number: int = 1) -> dict[str, Any]:
    return {"id": layout.member(run_id, number), "task": "extract", "map_index": -1, **state("Pending")}


def write(store: Store, run_id: str, data: bytes) -> None:
    """Add bytes to the journal as a crash, or somebody else, leaves them."""
    store.files.append_stream(store.layout.tasks(run_id), data)


def content(store: Store, run_id: str) -> bytes:
    return store.files.read(store.layout.tasks(run_id)) or b""


# ---- creating ----------------------------------------------------------------------------------------------------------


def test_a_member_gets_the_number_after_those_that_are_taken(store, run_id):
    first = store.members.create(run_id, child(0), after=3)
    second = store.members.create(run_id, child(1), after=3)

    assert [layout.number_of(first["id"]), layout.number_of(second["id"])] == [4, 5]
    assert layout.run_of(first["id"]) == run_id


def test_a_member_has_what_it_was_given(store, run_id):
    created = store.members.create(run_id, child(extra=[1, None]))

    expected = {"format": 1, "id": layout.member(run_id, 1), "v": 1, "at": store.system.now(), **child(extra=[1, None])}
    assert created == expected
    assert store.members.get(created["id"]) == expected
    assert again(store).members.all(run_id) == {created["id"]: expected}


def test_a_task_run_that_exists_is_returned_instead_of_a_second_one(store, run_id):
    first = store.members.create(run_id, child(7))
    changed = store.members.update(first["id"], state("Running"))

    assert again(store).members.create(run_id, child(7)) == changed
    assert list(store.members.all(run_id)) == [first["id"]]


def test_artifacts_may_be_alike(store, run_id):
    made = [store.members.create(run_id, {"kind": "artifact", "data": {}})["id"] for _ in range(2)]

    assert list(store.members.all(run_id)) == made


@pytest.mark.parametrize("id", [UNKNOWN, "../../etc", "", "x" * 36])
def test_a_run_that_does_not_exist_has_no_members(store, run_id, id):
    with pytest.raises(NotFound) as failure:
        store.members.create(id, child())

    assert failure.value.kind == "flow run"
    assert store.members.all(id) == {}
    assert store.members.find_task_run(id, "load", 0) is None
    assert not store.system.exists(f"{store.root}/tasks")


def test_a_deleted_run_has_no_members(store, run_id):
    made = store.members.create(run_id, child())
    store.runs.delete(run_id)

    with pytest.raises(NotFound):
        store.members.update(made["id"], {}, birth=made)
    with pytest.raises(NotFound):
        store.members.create(run_id, child(1))
    with pytest.raises(NotFound):
        store.members.get(made["id"])
    assert store.members.all(run_id) == {}
    assert not store.system.exists(store.layout.tasks(run_id))


def test_a_journal_that_was_taken_away_is_begun_again(store, run_id):
    made = store.members.create(run_id, child())
    store.files.remove(store.layout.tasks(run_id))

    assert store.members.update(made["id"], state("Running"), birth=birth(run_id))["v"] == 1


def test_a_run_has_so_many_members_and_no_more(store, run_id):
    store.members.create(run_id, child(0), after=(1 << 22) - 2)

    with pytest.raises(ValueError, match="at most 4194303"):
        store.members.create(run_id, child(1))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_may_have_any_name(store, run_id, name):
    created = store.members.create(run_id, {"task": name, "map_index": 0})

    assert again(store).members.find_task_run(run_id, name, 0) == created


# ---- changing ----------------------------------------------------------------------------------------------------------


def test_a_change_keeps_the_other_fields(store, run_id):
    created = store.members.create(run_id, child())

    changed = store.members.update(created["id"], lambda current: {"state": {**current["state"], "message": "x"}})

    assert changed == {**created, "v": 2, "state": {"type": "Pending", "message": "x"}}
    assert again(store).members.get(created["id"]) == changed


def test_a_task_run_without_a_line_is_what_it_was_born_as(store, run_id):
    changed = store.members.update(layout.member(run_id, 1), state("Running"), birth=birth(run_id))

    assert (changed["v"], changed["task"], changed["map_index"], changed["state"]) == (
        1,
        "extract",
        -1,
        {"type": "Running"},
    )
    assert again(store).members.find_task_run(run_id, "extract", -1) == changed


def test_a_birth_does_not_count_once_there_is_a_line(store, run_id):
    id = layout.member(run_id, 1)
    store.members.update(id, {**state("Running"), "name": "mine"}, birth=birth(run_id))

    changed = store.members.update(id, state("Success"), birth=birth(run_id))

    assert (changed["v"], changed["name"]) == (2, "mine")


@pytest.mark.parametrize("id", [layout.member(UNKNOWN, 1), UNKNOWN, "x"])
def test_what_has_neither_line_nor_birth_is_not_found(store, run_id, id):
    with pytest.raises(NotFound):
        store.members.get(id)
    with pytest.raises(NotFound):
        store.members.update(id, {})
    assert store.members.delete(id) is False
    assert not store.system.exists(f"{store.root}/tasks")


def test_a_change_may_expect_a_version(store, run_id):
    created = store.members.create(run_id, child())
    changed = store.members.update(created["id"], state("Running"), expect=1)

    with pytest.raises(Conflict) as failure:
        store.members.update(created["id"], state("Failed"), expect=1)

    assert failure.value.current == changed


def test_version_zero_is_that_without_a_line(store, run_id):
    id = layout.member(run_id, 1)
    store.members.update(id, {}, birth=birth(run_id), expect=0)

    with pytest.raises(Conflict):
        store.members.update(id, {}, birth=birth(run_id), expect=0)


def test_a_change_may_check_the_current_value(store, run_id):
    created = store.members.create(run_id, child())

    with pytest.raises(Conflict):
        store.members.update(created["id"], {}, check=lambda current: current["state"]["type"] == "Running")

    assert store.members.get(created["id"]) == created


def test_time_does_not_go_back_in_a_member(store, run_id):
    created = store.members.create(run_id, child())
    store.system.sleep(-3600)

    assert store.members.update(created["id"], {})["at"] == created["at"]


def test_a_change_can_say_when_it_was_made(store, run_id):
    created = store.members.create(run_id, child())

    assert store.members.update(created["id"], {}, at="9999-12-31T00:00:00.000000+00:00")["at"].startswith("9999")


def test_several_members_change_at_once(store, run_id):
    made = store.members.create(run_id, child(), after=1)

    changed = store.members.update_many(
        run_id,
        [
            (made["id"], state("Running"), None),
            (layout.member(run_id, 1), state("Running"), birth(run_id)),
            (made["id"], state("Success"), None),
        ],
    )

    assert [(record["v"], record["state"]["type"]) for record in changed] == [
        (2, "Running"),
        (1, "Running"),
        (3, "Success"),
    ]
    assert list(again(store).members.all(run_id).values()) == [changed[2], changed[1]]


def test_several_members_change_all_or_none(store, run_id):
    made = store.members.create(run_id, child())

    with pytest.raises(NotFound):
        store.members.update_many(run_id, [(made["id"], state("Running"), None), (layout.member(run_id, 9), {}, None)])

    assert store.members.all(run_id) == {made["id"]: made}


def test_no_change_is_no_line(store, run_id):
    assert store.members.update_many(run_id, []) == []
    assert content(store, run_id) == b""


def test_a_deleted_artifact_is_gone_and_its_number_is_not_used_again(store, run_id):
    first = store.members.create(run_id, {"kind": "artifact"})
    last = store.members.create(run_id, {"kind": "artifact"})

    assert store.members.delete(last["id"]) is True
    assert store.members.delete(last["id"]) is False
    for one in (store, again(store)):
        assert one.members.all(run_id) == {first["id"]: first}
        with pytest.raises(NotFound):
            one.members.get(last["id"])
    assert layout.number_of(again(store).members.create(run_id, {"kind": "artifact"})["id"]) == 3


def test_a_deleted_task_run_may_be_created_again(store, run_id):
    first = store.members.create(run_id, child())
    store.members.delete(first["id"])

    assert store.members.find_task_run(run_id, "load", 0) is None
    assert store.members.create(run_id, child())["id"] != first["id"]


def test_what_was_returned_is_the_callers_own(store, run_id):
    created = store.members.create(run_id, child())
    for record in (created, store.members.get(created["id"]), store.members.all(run_id)[created["id"]]):
        record["task"] = "mine"

    assert store.members.get(created["id"])["task"] == "load"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_say_is_refused(store, run_id, value):
    with pytest.raises((ValueError, TypeError)):
        store.members.create(run_id, {"kind": "artifact", "data": value})

    assert store.members.all(run_id) == {}


# ---- what others write -------------------------------------------------------------------------------------------------


def test_what_another_process_writes_is_seen(store, run_id):
    mine, theirs = store.members, again(store).members
    made = mine.create(run_id, child())

    changed = theirs.update(made["id"], state("Running"))
    other = theirs.create(run_id, child(1))

    assert mine.get(made["id"]) == changed
    assert mine.find_task_run(run_id, "load", 1) == other
    assert mine.update(made["id"], {})["v"] == 3


def test_only_what_was_added_is_read():
    system = Reading(MemorySystem())
    store = Store("/store", system=system)
    run_id = store.runs.create(a_run())[0]["id"]
    other = again(store)
    made = [store.members.create(run_id, child(number)) for number in range(50)]
    other.members.all(run_id)
    system.count = 0

    line = encoded(store.members.update(made[0]["id"], state("Running")))
    for number in range(50):
        other.members.find_task_run(run_id, "load", number)

    assert system.count == len(line)


def test_the_runs_used_last_are_remembered():
    system = Reading(MemorySystem())
    store = Store("/store", system=system)
    made = [store.members.create(store.runs.create(a_run())[0]["id"], child()) for _ in range(9)]
    system.count = 0

    for member in made[1:]:
        store.members.get(member["id"])
    assert system.count == 0
    store.members.get(made[0]["id"])
    assert system.count == len(encoded(made[0]))


def test_a_journal_that_was_replaced_is_read_again(store, run_id):
    made = store.members.create(run_id, child())
    other = {**made, "task": "other"}
    store.files.replace(store.layout.tasks(run_id), encoded(other) + encoded({**other, "v": 2}))

    assert store.members.all(run_id) == {made["id"]: {**other, "v": 2}}


def test_a_journal_that_was_cut_is_read_again(store, run_id):
    made = store.members.create(run_id, child())
    store.members.update(made["id"], state("Running"))
    with store.files.locked(store.layout.tasks(run_id)) as fd:
        store.system.truncate(fd, len(encoded(made)))

    assert store.members.get(made["id"]) == made
    assert store.members.update(made["id"], {})["v"] == 2


def test_a_journal_that_was_cut_and_went_on_differently_is_read_again(store, run_id):
    made = store.members.create(run_id, child())
    store.members.update(made["id"], state("Running"))
    with store.files.locked(store.layout.tasks(run_id)) as fd:
        store.system.truncate(fd, len(encoded(made)))
    other = {**made, "v": 2, "note": "x" * 500}
    write(store, run_id, encoded(other))

    assert store.members.get(made["id"]) == other


# ---- torn and damaged lines --------------------------------------------------------------------------------------------

TORN = [b'{"id":', b"\0" * 40, b"\0\n", b'{"id":"\0\0\0"}\n', b'\0\0\n{"whole": true}\n']


@pytest.mark.parametrize("tail", TORN)
def test_the_first_torn_line_ends_the_journal(store, run_id, tail):
    made = store.members.create(run_id, child())
    write(store, run_id, tail)

    assert store.members.all(run_id) == {made["id"]: made}
    assert again(store).members.all(run_id) == {made["id"]: made}


@pytest.mark.parametrize("tail", TORN)
def test_the_next_writer_sets_torn_lines_aside(store, run_id, tail):
    made = store.members.create(run_id, child())
    write(store, run_id, tail)

    changed = again(store).members.update(made["id"], state("Running"))

    assert content(store, run_id) == encoded(made) + encoded(changed)
    kept = [name for name in store.files.names(f"{store.root}/quarantine") if not name.endswith(".json")]
    assert [store.files.read(f"{store.root}/quarantine/{name}") for name in kept] == [tail]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nonsense\n", "it is not JSON"),
        (b"[]\n", "it is not an object"),
        (b"\xff\n", "it is not JSON"),
        (b"[" * 100_000 + b"\n", "it is not JSON"),
        (b'{"v":1}\n', "its id is None"),
    ],
)
def test_a_damaged_line_is_named_and_left(store, run_id, line, reason):
    made = store.members.create(run_id, child())
    write(store, run_id, line)
    before = content(store, run_id)

    for one in (store, again(store)):
        with pytest.raises(Corrupt) as failure:
            one.members.all(run_id)
        assert (failure.value.path, failure.value.line) == (store.layout.tasks(run_id), 2)
        assert failure.value.reason.startswith(reason)
    with pytest.raises(Corrupt):
        store.members.update(made["id"], {})
    assert content(store, run_id) == before


def test_a_gap_in_the_versions_is_damage(store, run_id):
    made = store.members.create(run_id, child())
    write(store, run_id, encoded({**made, "v": 3}))

    with pytest.raises(Corrupt, match=f"its version of {made['id']} is 3 where 2 was to come"):
        store.members.get(made["id"])


def test_a_journal_of_a_newer_version_is_refused(store, run_id):
    store.files.replace(store.layout.tasks(run_id), encoded({"format": 2, "id": layout.member(run_id, 1), "v": 1}))

    with pytest.raises(UnsupportedFormat):
        store.members.all(run_id)


# ---- what is kept when ---------------------------------------------------------------------------------------------------


@pytest.fixture
def recording() -> tuple[Store, RecordingSystem, dict[str, Any]]:
    """A store that syncs, but not in the background, with a member."""
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    store._background.add = lambda path: None  # type: ignore[method-assign]  # no thread
    member = store.members.create(store.runs.create(a_run())[0]["id"], child())
    system.counts.clear()
    return store, system, member


def test_a_line_costs_one_write_and_no_sync(recording):
    store, system, member = recording

    store.members.update(member["id"], state("Running"))

    costs = {
        name: system.counts[name] for name in ("open", "facts", "read", "write", "sync", "sync_directory", "exists")
    }
    assert costs == {"open": 0, "facts": 1, "read": 0, "write": 1, "sync": 0, "sync_directory": 0, "exists": 0}


def test_many_lines_cost_one_write(recording):
    store, system, member = recording

    store.members.update_many(layout.run_of(member["id"]), [(member["id"], state("Running"), None)] * 100)

    assert (system.counts["open"], system.counts["write"]) == (0, 1)


def test_a_durable_line_and_its_file_are_synced(recording):
    store, system, member = recording

    store.members.update(member["id"], state("Running"), durable=True)
    assert (system.counts["sync"], system.counts["sync_directory"]) == (1, 1)
    store.members.update(member["id"], state("Success"), durable=True)
    assert (system.counts["sync"], system.counts["sync_directory"]) == (2, 1)


def test_what_a_run_has_is_synced_on_demand(recording):
    store, system, member = recording

    store.members.sync(layout.run_of(member["id"]))

    assert system.counts["sync"] == 1


def test_what_was_written_is_to_be_synced_in_the_background(recording):
    store, _, member = recording
    dirty: list[str] = []
    store._background.add = dirty.append

    store.members.update(member["id"], state("Running"))

    assert dirty == [store.layout.tasks(layout.run_of(member["id"]))]


@pytest.mark.parametrize("durable", [False, True])
def test_whatever_fails_nothing_of_it_is_seen_and_the_next_try_succeeds(tmp_path: Path, durable: bool):
    for number in range(100):
        system = FaultySystem(MemorySystem(), lambda name: None)
        store = Store("/store", system=system, durability="disk" if durable else "process")
        made = store.members.create(store.runs.create(a_run())[0]["id"], child())
        fault = Nth(number, errno.EIO)
        system.fault = fault
        try:
            store.members.update(made["id"], state("Running"), durable=durable)
        except StoreIO:
            pass
        else:
            assert fault.hit is None
            return
        system.fault = lambda name: None
        assert store.members.get(made["id"]) == made
        assert again(store).members.get(made["id"]) == made
        assert store.members.update(made["id"], state("Running"), durable=durable)["v"] == 2
    raise AssertionError("there was no end of calls")


# ---- many at once --------------------------------------------------------------------------------------------------------


def test_of_processes_that_create_the_same_children_each_child_is_made_once(disk):
    run_id = disk.runs.create(a_run())[0]["id"]

    def work(number: int, report: Report) -> None:
        members = Store(disk.root, durability="process").members
        report(*[members.create(run_id, child(map_index))["id"] for map_index in range(100)])

    said = {tuple(ids) for _, ids in all_reports(work)}

    assert len(said) == 1
    assert list(disk.members.all(run_id)) == sorted(said.pop())


def test_threads_lose_nothing(disk):
    run_id = disk.runs.create(a_run())[0]["id"]
    member = disk.members.create(run_id, {"kind": "counter", "count": 0})

    def work() -> None:
        for _ in range(100):
            disk.members.update(member["id"], lambda current: {"count": current["count"] + 1})
            disk.members.get(member["id"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert disk.members.get(member["id"])["count"] == 800
    assert Store(disk.root).members.get(member["id"])["v"] == 801


def test_a_forked_process_does_not_wait_for_a_thread_that_it_does_not_have(disk):
    member = disk.members.create(disk.runs.create(a_run())[0]["id"], child())
    inside, done = threading.Event(), threading.Event()

    def slow(current: dict[str, Any]) -> dict[str, Any]:
        inside.set()
        done.wait()
        return {}

    thread = threading.Thread(target=disk.members.update, args=(member["id"], slow))
    thread.start()
    inside.wait()
    pid = forked()
    if pid == 0:
        signal.alarm(60)
        try:
            os._exit(disk.members.update(member["id"], state("Running"))["v"])
        finally:
            os._exit(1)
    done.set()
    thread.join()

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3


def forked() -> int:
    with warnings.catch_warnings():
        # Python advises against what is tested here.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
