"""What the store does with files: append so that it is kept, replace whole, mark, read. Built on :mod:`locks`.

Source: store.md §6.1, §6.2, §6.7.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import StoreIO
from prefect.storage.state.kept_open import OpenStreams
from prefect.storage.state.locks import LockedFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.kept_open import OpenStream
    from prefect.storage.state.system import OpenFacts, System

#: Folder or file is missing, the file has as many names as it may have, or the filesystem gives a file one name only.
_NO_LINK = frozenset({errno.ENOENT, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})


class Files(LockedFiles):
    """Files and folders under one root; arguments are those of :class:`LockedFiles`."""

    def __init__(
        self, root: str, system: System, syncs: bool = True, on_wait: Callable[[str, float], None] | None = None
    ) -> None:
        super().__init__(root, system, syncs, on_wait)
        self._streams = OpenStreams(system)

    # ---- writing -------------------------------------------------------------------------------------------------

    def append(
        self, fd: int, path: str, data: bytes, size: int, syncs: bool = True, facts: OpenFacts | None = None
    ) -> None:
        """Append bytes to a locked file whose last good byte is at ``size``; the end of the sync is the commit.

        Bytes beyond ``size`` are what a crash left: they are copied to ``quarantine/`` and cut off first. After an error
        the file is as before; a failed sync is never tried again, because the kernel may have dropped the pages.

        Args:
            fd: The file, locked.
            path: Its path.
            data: Whole lines.
            size: Offset after its last good line.
            syncs: Force it to disk, unless nothing is.
            facts: Of the file since it was locked, if they are known.

        Raises:
            StoreIO: The system refused; nothing was written.
        """
        system = self.system
        if facts is None or facts.size != size:
            with self.translated(path):
                self._cut_off(fd, path, size)
        try:
            if system.write(fd, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if syncs:
                self._sync(fd)
        except OSError as error:
            self._cut_back(fd, size)
            raise StoreIO(path, error) from error

    def _cut_off(self, fd: int, path: str, size: int) -> None:
        """Set aside what lies after the last good line, if there is anything."""
        found = self.system.facts(fd).size
        if found != size:
            self.set_aside(path, self.system.read(fd, found - size, size), "Bytes after the last whole line.")
            self.system.truncate(fd, size)
            self._sync(fd)

    def _cut_back(self, fd: int, size: int) -> None:
        try:
            self.system.truncate(fd, size)
            # Or the next line, shorter than this one, could be followed by the rest of it after a power cut.
            self._sync(fd)
        except OSError:
            # The next writer cuts it off; a line without its newline does not exist, and a whole one was refused to nobody's harm.
            return

    def append_stream(self, path: str, data: bytes, create: bool = True) -> None:
        """Append whole lines to a stream: one write, no lock, not synced.

        Args:
            path: The stream, which stays open for the next time.
            data: The lines.
            create: Make the stream if it is not there.

        Raises:
            FileNotFoundError: It is not there and ``create`` is false.
            StoreIO: The system refused.
        """
        self._prepare(create)
        system = self.system
        stream = self._streams.take(path)
        try:
            fd, size = self._open_stream(path, stream, create)
            if size and size != stream.end and system.read(fd, 1, size - 1) != b"\n":
                data = b"\n" + data
            if system.write(fd, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreIO(path, error) from error
        stream.end = size + len(data) if data.endswith(b"\n") else None
        self._streams.put_back(path, stream)

    def _open_stream(self, path: str, stream: OpenStream, create: bool) -> tuple[int, int]:
        """Return the open file of a stream and its size."""
        fd = stream.fd
        if fd is not None:
            facts = self.system.facts(fd)
            if facts.links:
                return fd, facts.size
            # Somebody has deleted it.
            stream.close()
            stream.end = None
        try:
            fd = self.system.open(path)
        except FileNotFoundError:
            if not create:
                raise
            fd = self._open_or_create(path, durable=False)
        stream.keep(fd)
        return fd, self.system.facts(fd).size

    def replace(self, path: str, data: bytes) -> None:
        """Write a document whole: readers see the old one or the new one, and what returned is kept.

        Raises:
            StoreIO: The system refused; the old document stands. Only if the sync of the folder failed the new one may.
        """
        self._prepare()
        system = self.system
        folder, name = os.path.split(path)
        temporary = f"{folder}/.{name}.{os.urandom(4).hex()}.tmp"
        with self.translated(path):
            self.make_directories(folder)
            is_new = not system.exists(path)
            fd = system.create(temporary)
            try:
                try:
                    if system.write(fd, data) != len(data):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    self._sync(fd)
                finally:
                    system.close(fd)
                system.replace(temporary, path)
            except BaseException:
                self.discard(temporary)
                raise
            try:
                self.sync_directory(folder)
            except StoreIO:
                if is_new:
                    self.discard(path)
                raise

    def _sync(self, fd: int) -> None:
        if self.syncs:
            self.system.sync(fd)

    def sync_file(self, path: str) -> None:
        """Force a file's data and its name to disk; nothing happens if it is gone."""
        if not self.syncs:
            return
        with self.translated(path):
            try:
                fd = self.system.open(path)
            except FileNotFoundError:
                return
            try:
                self.system.sync(fd)
            finally:
                self.system.close(fd)
            self.make_directories(os.path.dirname(path))
            self.sync_directory(os.path.dirname(path))

    # ---- markers -------------------------------------------------------------------------------------------------

    def mark(self, path: str, durable: bool, like: str | None = None) -> None:
        """Make a marker.

        Args:
            path: The marker.
            durable: Return when its name is on disk.
            like: Another marker. If possible it gets a further name, which costs a fraction of a file of its own; neither
                of the two may ever be locked.

        Raises:
            StoreIO: The system refused.
        """
        self._prepare()
        folder = os.path.dirname(path)
        with self.translated(path):
            if durable:
                self.make_directories(folder)
            while not self._marked(path, like):
                self.make_directories(folder, durable, anew=True)
            if durable:
                self.sync_directory(folder)

    def _marked(self, path: str, like: str | None) -> bool:
        """Make a marker unless it is there; return false if its folder is missing."""
        try:
            if like is not None:
                try:
                    self.system.link(path, like)
                    return True
                except OSError as error:
                    if error.errno not in _NO_LINK:
                        raise
            self.system.touch(path)
        except FileNotFoundError:
            return False
        return True

    def discard(self, path: str) -> None:
        """Remove a file or marker whose absence nobody waits for: what cannot be removed now is healed later."""
        try:
            self.system.unlink(path)
        except OSError as error:
            if error.errno != errno.ENOENT:
                from logging import getLogger

                getLogger("prefect.store").debug("Could not remove %s: %s", path, error)

    def remove(self, path: str) -> None:
        """Remove a file; nothing happens if it is gone.

        Raises:
            StoreIO: The system refused.
        """
        with self.translated(path):
            try:
                self.system.unlink(path)
            except FileNotFoundError:
                return

    def set_aside(self, path: str, data: bytes, reason: str) -> str:
        """Copy bytes to ``quarantine/`` with a note saying from where and why, and return the path of the copy."""
        from prefect.storage.state.journal import encoded

        name = f"{path[len(self.root) + 1 :].replace('/', '~')}.{os.urandom(4).hex()}"
        target = f"{self.root}/quarantine/{name}"
        note: dict[str, Any] = {"format": 1, "at": self.system.now(), "from": path, "bytes": len(data), "why": reason}
        self.replace(target, data)
        self.replace(f"{target}.note.json", encoded(note))
        return target

    # ---- reading -------------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes | None:
        """Return what a file holds; None if it is not there.

        Raises:
            StoreIO: The system refused.
        """
        with self.translated(path):
            try:
                fd = self.system.open_to_read(path)
            except FileNotFoundError:
                return None
            try:
                return self.system.read(fd, self.system.facts(fd).size, 0)
            finally:
                self.system.close(fd)

    def names(self, path: str) -> list[str]:
        """Return the names in a folder in order; none if it is not there.

        Raises:
            StoreIO: The system refused.
        """
        with self.translated(path):
            try:
                return sorted(self.system.names(path))
            except (FileNotFoundError, NotADirectoryError):
                return []
