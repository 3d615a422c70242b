"""Systems that stand between the store and another system: they write down what is asked for, or let it fail."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from prefect.storage.state.system import System

#: Calls that only pass the time or give something back: no system refuses them.
HARMLESS = frozenset("now milliseconds monotonic sleep close unlock exists is_directory real_path".split())
OPENING = frozenset("create open open_to_read".split())
#: Calls that need room on the disk.
NEEDS_ROOM = frozenset("create write touch link make_directory".split())
#: Of these a system first tells that the name exists, then that there is no room for it.
NAMES_FIRST = frozenset("create touch link make_directory".split())
#: Calls that a disk that can only be read refuses.
CHANGES = NEEDS_ROOM | frozenset("open truncate unlink replace remove_directory touch_time".split())


class Seam(System):
    """A system that passes every call on to another one.

    Args:
        system: The other one.

    Attributes:
        paths: Open file → its path.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.paths: dict[int, str] = {}

    def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
        """Make one call; what is special about a seam goes here."""
        return getattr(self.system, name)(*arguments)


def _passed_on(name: str) -> Callable[..., Any]:
    def call(self: Seam, *arguments: Any) -> Any:
        subject = arguments[0] if arguments else ""
        result = self.around(name, self.paths.get(subject, subject), arguments)
        if name in OPENING:
            self.paths[result] = subject
        return result

    return call


for _name in [name for name in vars(System) if not name.startswith("_")]:
    setattr(Seam, _name, _passed_on(_name))


class Call(NamedTuple):
    """A change of the disk, or the wish that changes be kept.

    Attributes:
        name: Of the method; ``touch`` of a new file and ``link`` count as ``create``.
        path: Of the file or folder.
        inode: Of the file; two files that had the same name one after the other differ.
        data: What was written.
        offset: Where it was written, or where the file was cut off.
        target: The new name.
    """

    name: str
    path: str
    inode: int = 0
    data: bytes = b""
    offset: int = 0
    target: str = ""


class RecordingSystem(Seam):
    """Writes down every change of the disk and counts all calls.

    Attributes:
        calls: The changes and syncs that succeeded, in order.
        counts: Name → number of calls.
        bytes_written: All bytes that were written.
        names_read: Names that were read of folders one by one.
    """

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self.bytes_written = 0
        self.names_read = 0

    def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
        self.counts[name] += 1
        recorded = getattr(self, f"_{name}", None)
        if recorded is not None:
            return recorded(path, *arguments)
        result = super().around(name, path, arguments)
        if name in ("make_directory", "remove_directory", "sync_directory", "unlink"):
            self.calls.append(Call(name, path))
        return result

    def _create(self, path: str, _: str) -> int:
        fd = self.system.create(path)
        self.calls.append(Call("create", path, self.system.facts(fd).inode))
        return fd

    def _touch(self, path: str, _: str) -> None:
        is_new = not self.system.exists(path)
        self.system.touch(path)
        if is_new:
            self.calls.append(Call("create", path, self.system.facts_of(path).inode))

    def _link(self, path: str, _: str, other: str) -> None:
        is_new = not self.system.exists(path)
        self.system.link(path, other)
        if is_new:
            self.calls.append(Call("create", path, self.system.facts_of(path).inode))

    def _write(self, path: str, fd: int, data: bytes) -> int:
        facts = self.system.facts(fd)
        written = self.system.write(fd, data)
        self.bytes_written += written
        self.calls.append(Call("write", path, facts.inode, data[:written], facts.size))
        return written

    def _truncate(self, path: str, fd: int, size: int) -> None:
        self.system.truncate(fd, size)
        self.calls.append(Call("truncate", path, self.system.facts(fd).inode, offset=size))

    def _sync(self, path: str, fd: int) -> None:
        self.system.sync(fd)
        self.calls.append(Call("sync", path, self.system.facts(fd).inode))

    def _replace(self, source: str, _: str, target: str) -> None:
        inode = self.system.facts_of(source).inode
        self.system.replace(source, target)
        self.calls.append(Call("replace", source, inode, target=target))

    def _each_name(self, path: str, _: str) -> Iterator[str]:
        for name in self.system.each_name(path):
            self.names_read += 1
            yield name


SHORT_WRITE = "short write"

#: Name of a call → the number of the error it fails with, :data:`SHORT_WRITE`, or None if it works.
Fault = Callable[[str], "int | str | None"]


class FaultySystem(Seam):
    """Lets calls fail.

    Args:
        system: Where the other calls go.
        fault: Asked about every call that a system may refuse.
    """

    def __init__(self, system: System, fault: Fault) -> None:
        super().__init__(system)
        self.fault = fault

    def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
        fault = None if name in HARMLESS else self.fault(name)
        if fault in (errno.ENOSPC, errno.EROFS) and name in NAMES_FIRST and self.system.exists(path):
            fault = None
        if fault == SHORT_WRITE and name == "write":
            fd, data = arguments
            return self.system.write(fd, data[: len(data) // 2])
        if isinstance(fault, int):
            raise OSError(fault, os.strerror(fault), path)
        return super().around(name, path, arguments)


class Nth:
    """Lets one call fail.

    Args:
        number: Which, from 0.
        fault: How.

    Attributes:
        seen: How many calls there were.
        hit: Name of the call that failed.
    """

    def __init__(self, number: int, fault: int | str) -> None:
        self.number = number
        self.fault = fault
        self.seen = 0
        self.hit: str | None = None

    def __call__(self, name: str) -> int | str | None:
        self.seen += 1
        if self.seen - 1 != self.number:
            return None
        self.hit = name
        return self.fault


def full_disk(name: str) -> int | None:
    """A disk without room: only what needs none works."""
    return errno.ENOSPC if name in NEEDS_ROOM else None


def read_only_disk(name: str) -> int | None:
    """A disk that can only be read."""
    return errno.EROFS if name in CHANGES else None
