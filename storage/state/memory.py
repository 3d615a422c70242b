"""A computer in memory: the same interface as the real one, over a dict of names, for tests and previews.

Time stands still unless it is told to pass. Source: store.md §15.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from prefect.storage.state.system import FileFacts, OpenFacts, System

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class _Node:
    """A file, or a folder with the names in it."""

    __slots__ = ("children", "data", "inode", "links", "locks", "mtime")

    def __init__(self, inode: int, mtime: float, children: dict[str, None] | None = None) -> None:
        self.inode = inode
        self.mtime = mtime
        self.children = children
        self.data = bytearray()
        self.links = 1
        # Open file → whether it shares the lock with others.
        self.locks: dict[int, bool] = {}


class StandingClock(System):
    """The real operating system, but for its time: that stands still unless it is told to pass.

    Args:
        at: The time at the start; by default the time it is.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._time = at or datetime.now(timezone.utc)
        self._passed = 0.0

    def now(self) -> str:
        """Return the time as UTC text with microseconds."""
        return self._time.astimezone(timezone.utc).isoformat(timespec="microseconds")

    def milliseconds(self) -> int:
        """Return Unix time in milliseconds."""
        return (self._time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)

    def monotonic(self) -> float:
        """Return the seconds that have passed since the start."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Let time pass without waiting for it."""
        self._time += timedelta(seconds=seconds)
        self._passed += seconds

    def touch_time(self, path: str) -> None:
        """Set the time of change of a file to now."""
        os.utime(path, (self._time.timestamp(),) * 2)


class MemorySystem(StandingClock):
    """Files, folders, locks and a clock that exist only in this object. The folder ``/`` is there from the start.

    Args:
        files: Path → content of files that are there from the start, with the folders above them.
        directories: Further folders that are there from the start, those above before those below.
        at: The time at the start; by default the time it is.
    """

    def __init__(
        self, files: Mapping[str, bytes] | None = None, directories: tuple[str, ...] = (), at: datetime | None = None
    ) -> None:
        super().__init__(at)
        self._guard = threading.RLock()
        self._inodes = 1
        self._nodes = {"/": _Node(1, self._time.timestamp(), {})}
        self._open: dict[int, tuple[_Node, bool]] = {}
        self._next_fd = 3
        for path in directories:
            self.make_directory(path)
        for path, data in (files or {}).items():
            self._make_parents(path)
            self._add(path).data += data

    # ---- open files ----------------------------------------------------------------------------------------------

    def create(self, path: str) -> int:
        """Make a file that must not exist yet and open it for reading and appending."""
        with self._guard:
            if path in self._nodes:
                raise _error(errno.EEXIST, path)
            return self._opened(self._add(path), writes=True)

    def open(self, path: str) -> int:
        """Open a file for reading and appending."""
        with self._guard:
            return self._opened(self._file(path), writes=True)

    def open_to_read(self, path: str) -> int:
        """Open a file for reading."""
        with self._guard:
            return self._opened(self._file(path), writes=False)

    def close(self, fd: int) -> None:
        """Close a file; its lock is given back."""
        with self._guard:
            self._of(fd).locks.pop(fd, None)
            del self._open[fd]

    def facts(self, fd: int) -> OpenFacts:
        """Look at an open file."""
        with self._guard:
            node = self._of(fd)
            return OpenFacts(len(node.data), node.links, node.inode)

    def read(self, fd: int, length: int, offset: int) -> bytes:
        """Read up to ``length`` bytes from ``offset``."""
        with self._guard:
            return bytes(self._of(fd).data[offset : offset + length])

    def write(self, fd: int, data: bytes) -> int:
        """Append bytes and return how many they are."""
        with self._guard:
            node = self._writable(fd)
            node.data += data
            node.mtime = self._time.timestamp()
            return len(data)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file off."""
        with self._guard:
            node = self._writable(fd)
            del node.data[size:]
            node.mtime = self._time.timestamp()

    def sync(self, fd: int) -> None:
        """Return at once: memory is all there is."""
        self._of(fd)

    def try_lock(self, fd: int, shared: bool = False) -> bool:
        """Take the lock of an open file if nobody holds it; return whether it was taken."""
        with self._guard:
            locks = self._of(fd).locks
            if any(holder != fd and not (shared and shares) for holder, shares in locks.items()):
                return False
            locks[fd] = shared
            return True

    def unlock(self, fd: int) -> None:
        """Give the lock of an open file back."""
        with self._guard:
            self._of(fd).locks.pop(fd, None)

    # ---- names ---------------------------------------------------------------------------------------------------

    def touch(self, path: str) -> None:
        """Make an empty file; nothing happens if it exists."""
        with self._guard:
            if path not in self._nodes:
                self._add(path)

    def link(self, path: str, other: str) -> None:
        """Make ``path`` a further name of the file ``other``; nothing happens if it exists."""
        with self._guard:
            node = self._file(other)
            if path not in self._nodes:
                self._name(path, node)
                node.links += 1

    def unlink(self, path: str) -> None:
        """Remove a file."""
        with self._guard:
            self._file(path).links -= 1
            self._forget(path)

    def replace(self, source: str, target: str) -> None:
        """Give a file another name, in place of what has that name."""
        with self._guard:
            node = self._file(source)
            self._parent(target)
            if target == source:
                return
            if target in self._nodes:
                self.unlink(target)
            self._forget(source)
            self._name(target, node)

    def make_directory(self, path: str) -> None:
        """Make a folder; its parent exists."""
        with self._guard:
            if path in self._nodes:
                raise _error(errno.EEXIST, path)
            self._add(path, {})

    def remove_directory(self, path: str) -> None:
        """Remove an empty folder."""
        with self._guard:
            if self._children(path):
                raise _error(errno.ENOTEMPTY, path)
            self._forget(path)

    def sync_directory(self, path: str) -> None:
        """Return at once: memory is all there is."""
        self._children(path)

    # ---- looking -------------------------------------------------------------------------------------------------

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, in the order they were made."""
        with self._guard:
            return list(self._children(path))

    def each_name(self, path: str) -> Iterator[str]:
        """Yield the names in a folder."""
        yield from self.names(path)

    def exists(self, path: str) -> bool:
        """Return whether there is anything of that name."""
        return path in self._nodes

    def is_directory(self, path: str) -> bool:
        """Return whether a name is that of a folder."""
        node = self._nodes.get(path)
        return node is not None and node.children is not None

    def real_path(self, path: str) -> str:
        """Return the path: there are no symbolic links."""
        return path

    def facts_of(self, path: str) -> FileFacts:
        """Look at a file or folder by name."""
        with self._guard:
            node = self._node(path)
            mode = stat.S_IFREG | 0o600 if node.children is None else stat.S_IFDIR | 0o700
            owner = os.getuid() if hasattr(os, "getuid") else 0
            return FileFacts(len(node.data), node.links, node.inode, node.mtime, owner, mode)

    def touch_time(self, path: str) -> None:
        """Set the time of change of a file to now."""
        with self._guard:
            self._node(path).mtime = self._time.timestamp()

    # ---- nodes ---------------------------------------------------------------------------------------------------

    def _add(self, path: str, children: dict[str, None] | None = None) -> _Node:
        self._inodes += 1
        return self._name(path, _Node(self._inodes, self._time.timestamp(), children))

    def _name(self, path: str, node: _Node) -> _Node:
        folder, name = self._parent(path), os.path.basename(path)
        folder[name] = None
        self._nodes[path] = node
        return node

    def _forget(self, path: str) -> None:
        del self._parent(path)[os.path.basename(path)]
        del self._nodes[path]

    def _node(self, path: str) -> _Node:
        node = self._nodes.get(path)
        if node is None:
            self._parent(path)  # tells a file in the middle of the path from a missing name
            raise _error(errno.ENOENT, path)
        return node

    def _file(self, path: str) -> _Node:
        node = self._node(path)
        if node.children is not None:
            raise _error(errno.EISDIR, path)
        return node

    def _children(self, path: str) -> dict[str, None]:
        node = self._node(path)
        if node.children is None:
            raise _error(errno.ENOTDIR, path)
        return node.children

    def _parent(self, path: str) -> dict[str, None]:
        return self._children(os.path.dirname(path))

    def _make_parents(self, path: str) -> None:
        folder = os.path.dirname(path)
        if folder not in self._nodes:
            self._make_parents(folder)
            self._add(folder, {})

    def _opened(self, node: _Node, writes: bool) -> int:
        self._next_fd += 1
        self._open[self._next_fd] = (node, writes)
        return self._next_fd

    def _of(self, fd: int) -> _Node:
        try:
            return self._open[fd][0]
        except KeyError:
            raise _error(errno.EBADF, str(fd)) from None

    def _writable(self, fd: int) -> _Node:
        node = self._of(fd)
        if not self._open[fd][1]:
            raise _error(errno.EBADF, str(fd))
        return node


def _error(number: int, path: str) -> OSError:
    """Return the error of the system; Python picks its subclass by the number."""
    return OSError(number, os.strerror(number), path)
