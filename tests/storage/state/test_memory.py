"""A computer in memory behaves as the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prefect.storage.state.memory import MemorySystem, StandingClock
from prefect.storage.state.system import System


@pytest.fixture(params=["files", "memory"])
def computer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[System, str]:
    """A system, and an empty folder in it."""
    if request.param == "files":
        return System(), str(tmp_path)
    return MemorySystem(directories=("/folder",)), "/folder"


def test_what_is_appended_is_read(computer):
    system, folder = computer
    fd = system.create(f"{folder}/a")

    assert system.write(fd, b"one") == 3
    assert system.write(fd, b"two") == 3

    assert system.read(fd, 100, 0) == b"onetwo"
    assert system.read(fd, 2, 3) == b"tw"
    assert system.read(fd, 2, 100) == b""
    assert system.facts(fd).size == 6
    system.truncate(fd, 1)
    system.write(fd, b"x")
    assert system.read(fd, 100, 0) == b"ox"
    system.sync(fd)
    system.close(fd)


def test_one_file_can_be_open_twice_and_lives_on_without_a_name(computer):
    system, folder = computer
    first = system.create(f"{folder}/a")
    second = system.open(f"{folder}/a")
    third = system.open_to_read(f"{folder}/a")
    system.unlink(f"{folder}/a")

    system.write(first, b"x")

    assert system.read(second, 9, 0) == system.read(third, 9, 0) == b"x"
    assert system.facts(second).links == 0
    assert system.facts(first).inode == system.facts(third).inode
    for fd in (first, second, third):
        system.close(fd)


def test_locks_belong_to_open_files(computer):
    system, folder = computer
    first, second, third = system.create(f"{folder}/a"), system.open(f"{folder}/a"), system.open(f"{folder}/a")

    assert system.try_lock(first)
    assert system.try_lock(first)
    assert not system.try_lock(second)
    assert not system.try_lock(second, True)
    system.unlock(first)
    assert system.try_lock(second, True)
    assert system.try_lock(third, True)
    assert not system.try_lock(first)
    system.close(second)
    system.close(third)
    assert system.try_lock(first)
    system.close(first)


def test_a_name_is_given_in_place_of_another(computer):
    system, folder = computer
    for name in ("a", "b"):
        fd = system.create(f"{folder}/{name}")
        system.write(fd, name.encode())
        system.close(fd)
    old = system.open_to_read(f"{folder}/b")

    system.replace(f"{folder}/a", f"{folder}/b")

    assert system.names(folder) == ["b"]
    assert system.facts(old).links == 0
    new = system.open_to_read(f"{folder}/b")
    assert system.read(new, 9, 0) == b"a"
    system.close(old)
    system.close(new)


def test_folders_and_markers(computer):
    system, folder = computer
    system.make_directory(f"{folder}/sub")
    system.touch(f"{folder}/sub/b")
    system.touch(f"{folder}/sub/a")
    system.touch(f"{folder}/sub/a")

    assert sorted(system.names(f"{folder}/sub")) == sorted(system.each_name(f"{folder}/sub")) == ["a", "b"]
    assert system.is_directory(f"{folder}/sub")
    assert not system.is_directory(f"{folder}/sub/a")
    assert not system.is_directory(f"{folder}/missing")
    assert system.exists(f"{folder}/sub/a")
    assert not system.exists(f"{folder}/sub/c")
    assert system.facts_of(f"{folder}/sub/a").size == 0
    assert system.facts_of(f"{folder}/sub/a").mode & 0o777 == 0o600
    system.sync_directory(f"{folder}/sub")


@pytest.mark.parametrize(
    ("error", "operation"),
    [
        (FileExistsError, lambda system, folder: system.create(f"{folder}/file")),
        (FileExistsError, lambda system, folder: system.make_directory(f"{folder}/file")),
        (FileExistsError, lambda system, folder: system.make_directory(folder)),
        (FileNotFoundError, lambda system, folder: system.create(f"{folder}/missing/file")),
        (FileNotFoundError, lambda system, folder: system.touch(f"{folder}/missing/file")),
        (FileNotFoundError, lambda system, folder: system.make_directory(f"{folder}/missing/sub")),
        (FileNotFoundError, lambda system, folder: system.open(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.open_to_read(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.unlink(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.replace(f"{folder}/missing", f"{folder}/file")),
        (FileNotFoundError, lambda system, folder: system.replace(f"{folder}/file", f"{folder}/missing/file")),
        (FileNotFoundError, lambda system, folder: system.remove_directory(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.sync_directory(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.names(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: list(system.each_name(f"{folder}/missing"))),
        (FileNotFoundError, lambda system, folder: system.facts_of(f"{folder}/missing")),
        (FileNotFoundError, lambda system, folder: system.touch_time(f"{folder}/missing")),
        (NotADirectoryError, lambda system, folder: system.create(f"{folder}/file/file")),
        (NotADirectoryError, lambda system, folder: system.open(f"{folder}/file/file")),
        (NotADirectoryError, lambda system, folder: system.names(f"{folder}/file")),
        (NotADirectoryError, lambda system, folder: list(system.each_name(f"{folder}/file"))),
        (NotADirectoryError, lambda system, folder: system.remove_directory(f"{folder}/file")),
        (NotADirectoryError, lambda system, folder: system.sync_directory(f"{folder}/file")),
        (IsADirectoryError, lambda system, folder: system.open(folder)),
        (OSError, lambda system, folder: system.remove_directory(folder)),
        (OSError, lambda system, folder: system.write(999_999, b"x")),
        (OSError, lambda system, folder: system.read(999_999, 1, 0)),
        (OSError, lambda system, folder: system.write(system.open_to_read(f"{folder}/file"), b"x")),
    ],
)
def test_what_cannot_be_done_is_refused(computer, error: type[OSError], operation: Callable[[System, str], Any]):
    system, folder = computer
    system.touch(f"{folder}/file")

    with pytest.raises(error) as caught:
        operation(system, folder)

    assert caught.type is error


def test_a_computer_can_begin_with_files_and_folders():
    system = MemorySystem({"/a/b/file": b"x"}, directories=("/c", "/c/d"))

    assert system.names("/") == ["c", "a"]
    assert system.names("/a/b") == ["file"]
    assert system.is_directory("/c/d")


def test_time_stands_still_until_it_is_told_to_pass():
    system = StandingClock()
    before = (system.now(), system.milliseconds(), system.monotonic())
    assert before == (system.now(), system.milliseconds(), system.monotonic())

    system.sleep(60)

    assert system.now() > before[0]
    assert system.milliseconds() == before[1] + 60_000
    assert system.monotonic() == before[2] + 60
