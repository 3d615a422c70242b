"""The seam between the store and the operating system: one method, one thing that the system does.

Tests put recorders and faults in its place (store.md §15), :mod:`prefect.storage.state.memory` a dict. What differs
from platform to platform is settled here (§13). All methods raise ``OSError``.
"""

from __future__ import annotations

import os
import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLLOWS_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)


class OpenFacts(NamedTuple):
    """What is known of an open file: size in bytes, number of names, identity."""

    size: int
    links: int
    inode: int


class FileFacts(NamedTuple):
    """What is known of a name: size in bytes, number of names, identity, time of change in Unix seconds, owner, mode."""

    size: int
    links: int
    inode: int
    mtime: float
    owner: int
    mode: int


class System:
    """The real operating system."""

    # ---- time ----------------------------------------------------------------------------------------------------

    def now(self) -> str:
        """Return the time as UTC text with microseconds, such as ``2024-05-17T13:45:00.041200+00:00``."""
        return time_text(time.time_ns() // 1000)

    def milliseconds(self) -> int:
        """Return Unix time in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    # ---- open files ----------------------------------------------------------------------------------------------

    def create(self, path: str) -> int:
        """Make a file that must not exist yet and open it for reading and appending."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | _FOLLOWS_NO_LINK | _CLOSED_ON_EXEC
        return os.open(path, flags, 0o600)

    def open(self, path: str) -> int:
        """Open a file for reading and appending."""
        return os.open(path, os.O_RDWR | os.O_APPEND | _FOLLOWS_NO_LINK | _CLOSED_ON_EXEC)

    def open_to_read(self, path: str) -> int:
        """Open a file for reading."""
        return os.open(path, os.O_RDONLY | _FOLLOWS_NO_LINK | _CLOSED_ON_EXEC)

    def close(self, fd: int) -> None:
        """Close a file."""
        os.close(fd)

    def facts(self, fd: int) -> OpenFacts:
        """Look at an open file."""
        found = os.fstat(fd)
        return tuple.__new__(OpenFacts, (found.st_size, found.st_nlink, found.st_ino))  # every write begins with this

    def read(self, fd: int, length: int, offset: int) -> bytes:
        """Read up to ``length`` bytes from ``offset``."""
        return os.pread(fd, length, offset)

    def write(self, fd: int, data: bytes) -> int:
        """Append bytes in one call and return how many were taken."""
        return os.write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file off."""
        os.ftruncate(fd, size)

    def sync(self, fd: int) -> None:
        """Return when the file's data is on disk."""
        if sys.platform == "darwin":
            _sync_fully(fd)
        else:
            os.fdatasync(fd)

    def try_lock(self, fd: int, shared: bool = False) -> bool:
        """Take the lock of an open file if nobody holds it; return whether it was taken."""
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(self, fd: int) -> None:
        """Give the lock of an open file back, also for processes that were forked meanwhile."""
        fcntl.flock(fd, fcntl.LOCK_UN)

    # ---- names ---------------------------------------------------------------------------------------------------

    def touch(self, path: str) -> None:
        """Make an empty file; nothing happens if it exists."""
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CLOSED_ON_EXEC, 0o600))
        except FileExistsError:
            return

    def link(self, path: str, other: str) -> None:
        """Make ``path`` a further name of the file ``other``; nothing happens if it exists."""
        try:
            os.link(other, path, follow_symlinks=False)
        except FileExistsError:
            return

    def unlink(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def replace(self, source: str, target: str) -> None:
        """Give a file another name, in place of what has that name."""
        os.replace(source, target)

    def make_directory(self, path: str) -> None:
        """Make a folder; its parent exists."""
        os.mkdir(path, 0o700)

    def remove_directory(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)

    def sync_directory(self, path: str) -> None:
        """Return when the names in a folder are on disk."""
        if sys.platform == "win32":
            return
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _CLOSED_ON_EXEC)
        try:
            _sync_fully(fd)
        finally:
            os.close(fd)

    # ---- looking -------------------------------------------------------------------------------------------------

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, in no order."""
        return os.listdir(path)

    def each_name(self, path: str) -> Iterator[str]:
        """Yield the names in a folder without reading all of them first."""
        with os.scandir(path) as entries:
            for entry in entries:
                yield entry.name

    def exists(self, path: str) -> bool:
        """Return whether there is anything of that name."""
        return os.path.lexists(path)

    def is_directory(self, path: str) -> bool:
        """Return whether a name is that of a folder."""
        return os.path.isdir(path) and not os.path.islink(path)

    def real_path(self, path: str) -> str:
        """Return a path without symbolic links; its end need not exist."""
        return os.path.realpath(path)

    def facts_of(self, path: str) -> FileFacts:
        """Look at a file or folder by name."""
        found = os.lstat(path)
        return FileFacts(found.st_size, found.st_nlink, found.st_ino, found.st_mtime, found.st_uid, found.st_mode)

    def touch_time(self, path: str) -> None:
        """Set the time of change of a file to now."""
        os.utime(path)


def time_text(microseconds: int) -> str:
    """Return Unix time as the store writes it.

    Made by hand, since every line of every file has one: only the second has to be worked out, and that once.
    """
    second, rest = divmod(microseconds, 1_000_000)
    return f"{_second_text(second)}.{rest:06d}+00:00"


@lru_cache(maxsize=16)
def _second_text(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))


def _sync_fully(fd: int) -> None:
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # there fsync leaves the data in the cache of the disk
    else:
        os.fsync(fd)
