"""What is done with files: folders, locks, appending, replacing, marking, and what remains when the system refuses."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from seam import FaultySystem, Nth, RecordingSystem

from prefect.storage.state.errors import Locked, StoreIO
from prefect.storage.state.files import Files
from prefect.storage.state.locks import Busy
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.system import System

ROOT = "/store"
FILE = f"{ROOT}/runs/2024-05-17/13/some.jsonl"
FOLDER = os.path.dirname(FILE)


@pytest.fixture
def memory() -> MemorySystem:
    return MemorySystem(directories=(ROOT,))


@pytest.fixture
def recording(memory: MemorySystem) -> RecordingSystem:
    return RecordingSystem(memory)


def content(system: System, path: str = FILE) -> bytes | None:
    return Files(ROOT, system).read(path)


def written(files: Files, *lines: bytes, path: str = FILE) -> None:
    with files.locked(path, create=True) as fd:
        for line in lines:
            files.append(fd, path, line, files.system.facts(fd).size)


# ---- folders ---------------------------------------------------------------------------------------------------------


def test_folders_are_made_from_the_top_and_each_name_is_synced(recording: RecordingSystem):
    Files(ROOT, recording).make_directories(f"{ROOT}/a/b")

    assert [call[:2] for call in recording.calls] == [
        ("make_directory", f"{ROOT}/a"),
        ("sync_directory", ROOT),
        ("make_directory", f"{ROOT}/a/b"),
        ("sync_directory", f"{ROOT}/a"),
    ]


def test_a_folder_that_another_process_made_is_synced_once_by_this_one(recording: RecordingSystem):
    recording.system.make_directory(f"{ROOT}/a")
    files = Files(ROOT, recording)

    files.make_directories(f"{ROOT}/a")
    files.make_directories(f"{ROOT}/a")

    assert [call[:2] for call in recording.calls] == [("sync_directory", ROOT)]


def test_folders_that_need_not_be_kept_are_not_synced(recording: RecordingSystem):
    Files(ROOT, recording).make_directories(f"{ROOT}/a/b", durable=False)

    assert [call.name for call in recording.calls] == ["make_directory", "make_directory"]


@pytest.mark.parametrize("durable", [True, False])
def test_a_folder_that_was_removed_meanwhile_is_made_again(memory: MemorySystem, durable: bool):
    files = Files(ROOT, memory)
    files.make_directories(f"{ROOT}/a/b", durable)
    memory.remove_directory(f"{ROOT}/a/b")
    memory.remove_directory(f"{ROOT}/a")

    files.mark(f"{ROOT}/a/b/marker", durable)

    assert memory.exists(f"{ROOT}/a/b/marker")


@pytest.mark.parametrize("durable", [True, False])
def test_a_store_that_vanished_is_an_error(durable: bool):
    with pytest.raises(StoreIO) as caught:
        Files(ROOT, MemorySystem()).make_directories(f"{ROOT}/a/b", durable)

    assert (caught.value.path, caught.value.errno) == (ROOT, errno.ENOENT)


# ---- locks -----------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_cannot_be_locked(memory: MemorySystem):
    with pytest.raises(FileNotFoundError), Files(ROOT, memory).locked(FILE):
        pass


def test_who_does_not_want_to_wait_is_told_that_a_lock_is_taken(memory: MemorySystem):
    files = Files(ROOT, memory)
    with files.locked(FILE, create=True), pytest.raises(Busy), files.locked(FILE, waits=False):
        pass

    with files.locked(FILE, waits=False):
        assert memory.monotonic() == 0


@pytest.mark.parametrize("shared", [False, True])
def test_who_outlasts_looks_waits_for_those_who_share_the_lock_only(memory: MemorySystem, shared: bool):
    files = Files(ROOT, memory)
    with (
        files.locked(FILE, create=True, shared=shared),
        pytest.raises(Locked if shared else Busy),
        files.locked(FILE, waits=False, outlasts_looks=True),
    ):
        pass

    assert memory.monotonic() == pytest.approx(30 if shared else 0, abs=0.01)


def test_a_lock_that_is_given_back_is_had_at_the_next_look():
    class GivenBack(MemorySystem):
        lock = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.monotonic() > 5:
                self.unlock(self.lock)

    system = GivenBack({FILE: b""})
    system.lock = system.open(FILE)
    system.try_lock(system.lock)

    with Files(ROOT, system).locked(FILE):
        assert system.monotonic() == pytest.approx(5, abs=0.01)


def test_after_30_seconds_a_lock_is_given_up_and_after_one_it_is_told_what_is_waited_for(memory: MemorySystem):
    told: list[tuple[str, float]] = []
    files = Files(ROOT, memory, on_wait=lambda path, seconds: told.append((path, round(seconds, 1))))

    with files.locked(FILE, create=True), pytest.raises(Locked) as caught, files.locked(FILE):
        pass

    assert told == [(FILE, 1.0)]
    assert str(caught.value) == (
        f"The file {FILE} has been locked by another process for 30 s."
        f" Find it with 'fuser {FILE}', end it, and try again."
    )


def test_waiting_is_logged_where_nobody_else_tells_of_it(memory: MemorySystem, caplog: pytest.LogCaptureFixture):
    files = Files(ROOT, memory)

    with files.locked(FILE, create=True), pytest.raises(Locked), files.locked(FILE):
        pass

    assert [record.message for record in caplog.records] == [f"Waiting for another process that has {FILE} locked."]


def test_a_lock_is_given_back_when_its_block_fails(memory: MemorySystem):
    files = Files(ROOT, memory)
    with pytest.raises(ZeroDivisionError), files.locked(FILE, create=True):
        1 / 0  # noqa: B018 - it is to fail

    with files.locked(FILE, waits=False):
        pass


def test_the_lock_of_a_file_that_was_removed_meanwhile_is_of_no_use():
    class Removed(MemorySystem):
        lock = 0

        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            self.unlink(FILE)
            self.unlock(self.lock)

    system = Removed({FILE: b"old"})
    system.lock = system.open(FILE)
    system.try_lock(system.lock)

    with Files(ROOT, system).locked(FILE, create=True) as fd:
        assert system.facts(fd).size == 0
        assert system.exists(FILE)


# ---- appending -------------------------------------------------------------------------------------------------------


def test_a_line_is_kept_when_it_is_synced(recording: RecordingSystem):
    written(Files(ROOT, recording), b"line\n")

    assert [(call.name, call.path, call.data) for call in recording.calls[-2:]] == [
        ("write", FILE, b"line\n"),
        ("sync", FILE, b""),
    ]


def test_bytes_after_the_last_line_are_set_aside_before_a_line_is_written(memory: MemorySystem):
    files = Files(ROOT, memory)
    written(files, b"line\n", b"to")

    with files.locked(FILE) as fd:
        files.append(fd, FILE, b"next\n", 5)

    assert content(memory) == b"line\nnext\n"
    copy, note = files.names(f"{ROOT}/quarantine")
    assert content(memory, f"{ROOT}/quarantine/{copy}") == b"to"
    assert note == f"{copy}.note.json"


@pytest.mark.parametrize("call", ["write", "sync"])
def test_a_line_that_is_refused_leaves_the_file_as_it_was(memory: MemorySystem, call: str):
    written(Files(ROOT, memory), b"line\n")
    files = Files(ROOT, FaultySystem(memory, lambda name: errno.EIO if name == call else None))

    with pytest.raises(StoreIO) as caught, files.locked(FILE) as fd:
        files.append(fd, FILE, b"next\n", 5)

    assert (caught.value.path, caught.value.errno) == (FILE, errno.EIO)
    assert content(memory) == b"line\n"


def test_half_a_write_is_a_full_disk(memory: MemorySystem):
    written(Files(ROOT, memory), b"line\n")
    files = Files(ROOT, FaultySystem(memory, lambda name: "short write" if name == "write" else None))

    with pytest.raises(StoreIO) as caught, files.locked(FILE) as fd:
        files.append(fd, FILE, b"next\n", 5)

    assert caught.value.errno == errno.ENOSPC
    assert content(memory) == b"line\n"


def test_a_line_that_cannot_even_be_taken_back_is_cut_off_by_the_next(memory: MemorySystem):
    written(Files(ROOT, memory), b"line\n")
    broken = FaultySystem(memory, lambda name: {"write": "short write", "truncate": errno.EIO}.get(name))

    with pytest.raises(StoreIO), Files(ROOT, broken).locked(FILE) as fd:
        Files(ROOT, broken).append(fd, FILE, b"next\n", 5)
    with Files(ROOT, memory).locked(FILE) as fd:
        Files(ROOT, memory).append(fd, FILE, b"other\n", 5)

    assert content(memory) == b"line\nother\n"


# ---- streams ---------------------------------------------------------------------------------------------------------


def test_lines_of_streams_are_appended_without_lock_and_sync(recording: RecordingSystem):
    files = Files(ROOT, recording)

    files.append_stream(FILE, b"one\n")
    files.append_stream(FILE, b"two\n")

    assert content(recording) == b"one\ntwo\n"
    assert not {"sync", "sync_directory", "try_lock"} & set(recording.counts)


def test_a_line_of_a_stream_begins_a_new_line(memory: MemorySystem):
    files = Files(ROOT, memory)
    written(files, b"half")

    files.append_stream(FILE, b"whole\n")

    assert content(memory) == b"half\nwhole\n"


def test_syncing_a_file_keeps_its_name_and_those_of_its_folders_too(recording: RecordingSystem):
    files = Files(ROOT, recording)
    files.append_stream(FILE, b"line\n")
    begin = len(recording.calls)

    files.sync_file(FILE)

    synced = {call[:2] for call in recording.calls[begin:]}
    assert synced == {
        ("sync", FILE),
        *(("sync_directory", folder) for folder in (FOLDER, f"{ROOT}/runs/2024-05-17", f"{ROOT}/runs", ROOT)),
    }


def test_a_file_that_is_gone_needs_no_sync(memory: MemorySystem):
    Files(ROOT, memory).sync_file(FILE)

    assert memory.names(ROOT) == []


# ---- replacing -------------------------------------------------------------------------------------------------------


def test_a_document_is_written_beside_the_old_one_and_takes_its_place(recording: RecordingSystem):
    files = Files(ROOT, recording)
    files.replace(f"{ROOT}/kv/some.json", b"old")
    begin = len(recording.calls)

    files.replace(f"{ROOT}/kv/some.json", b"new")

    assert [call.name for call in recording.calls[begin:]] == ["create", "write", "sync", "replace", "sync_directory"]
    assert content(recording, f"{ROOT}/kv/some.json") == b"new"


@pytest.mark.parametrize("call", ["create", "write", "sync", "replace"])
def test_a_document_that_is_refused_leaves_the_old_one_and_nothing_else(memory: MemorySystem, call: str):
    path = f"{ROOT}/kv/some.json"
    Files(ROOT, memory).replace(path, b"old")
    files = Files(ROOT, FaultySystem(memory, lambda name: errno.EIO if name == call else None))

    with pytest.raises(StoreIO):
        files.replace(path, b"new")

    assert content(memory, path) == b"old"
    assert memory.names(f"{ROOT}/kv") == ["some.json"]


# ---- markers, names, other files -------------------------------------------------------------------------------------


def test_a_marker_that_must_be_kept_is_synced_with_its_folders(recording: RecordingSystem):
    Files(ROOT, recording).mark(f"{ROOT}/queue/_/marker", durable=True)

    assert [call[:2] for call in recording.calls][-2:] == [
        ("create", f"{ROOT}/queue/_/marker"),
        ("sync_directory", f"{ROOT}/queue/_"),
    ]


def test_what_cannot_be_removed_now_is_no_error(memory: MemorySystem, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG", "prefect.store")
    files = Files(ROOT, FaultySystem(memory, Nth(0, errno.EACCES)))

    files.discard(FILE)
    files.discard(FILE)

    assert caplog.messages == [f"Could not remove {FILE}: [Errno {errno.EACCES}] Permission denied: '{FILE}'"]


def test_names_are_in_order_and_those_of_a_missing_folder_or_a_file_are_none(memory: MemorySystem):
    files = Files(ROOT, memory)
    for name in "cab":
        files.mark(f"{ROOT}/{name}", durable=False)

    assert files.names(ROOT) == ["a", "b", "c"]
    assert files.names(f"{ROOT}/missing") == []
    assert files.names(f"{ROOT}/a") == []


def test_a_missing_file_reads_as_none(memory: MemorySystem):
    assert Files(ROOT, memory).read(FILE) is None


OPERATIONS: list[Callable[[Files], Any]] = [
    lambda files: files.read(FILE),
    lambda files: files.names(ROOT),
    lambda files: files.remove(FILE),
    lambda files: files.mark(FILE, durable=True),
    lambda files: files.replace(FILE, b"new"),
    lambda files: files.append_stream(FILE, b"new"),
    lambda files: files.sync_file(FILE),
    lambda files: files.sync_directory(ROOT),
    lambda files: written(files, b"new"),
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_system_refuses_is_an_error_of_the_store(operation: Callable[[Files], Any]):
    system = FaultySystem(MemorySystem({FILE: b"old"}), lambda _: errno.EMFILE)

    with pytest.raises(StoreIO) as caught:
        operation(Files(ROOT, system))

    assert caught.value.errno == errno.EMFILE
    assert str(caught.value).endswith(
        "Too many open files. Close files or raise the limit ('ulimit -n'), and try again."
    )


def test_nothing_is_open_to_others_from_the_moment_it_exists(tmp_path: Path):
    before = os.umask(0)
    try:
        files = Files(str(tmp_path), System(), syncs=False)
        files.replace(f"{tmp_path}/kv/some.json", b"{}")
        files.mark(f"{tmp_path}/queue/_/marker", durable=True)
        files.append_stream(f"{tmp_path}/logs/log", b"line\n")
        with files.locked(f"{tmp_path}/runs/13/run", create=True):
            pass
    finally:
        os.umask(before)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}


def test_no_link_is_followed_to_a_file(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    link = tmp_path / "link"
    link.symlink_to(secret)
    files = Files(str(tmp_path), System(), syncs=False)

    for operation in (lambda: files.read(str(link)), lambda: files.append_stream(str(link), b"x\n")):
        with pytest.raises(StoreIO) as caught:
            operation()
        assert caught.value.errno == errno.ELOOP
    assert secret.read_bytes() == b"secret"
