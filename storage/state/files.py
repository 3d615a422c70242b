"""What the store does with files: lock, append so that it is kept, replace whole, mark. Built on :mod:`system`.

Source: store.md §6.1, §6.2, §6.7, §8.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import Locked, StoreIO
from prefect.storage.state.kept_open import OpenStreams
from prefect.storage.state.locks import Busy as Busy
from prefect.storage.state.locks import Lock, Translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.kept_open import KeptOpen, OpenStream
    from prefect.storage.state.system import OpenFacts, System

_RETRY_SECONDS = 0.001
_TELL_AFTER_SECONDS = 1.0
_GIVE_UP_AFTER_SECONDS = 30.0
#: Folder or file is missing, the file has as many names as it may have, or the filesystem gives a file one name only.
_NO_LINK = frozenset({errno.ENOENT, errno.EMLINK, errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})


class Files:
    """Files and folders under one root.

    Args:
        root: The store's folder.
        system: The operating system, or what stands in for it.
        syncs: Whether what is acknowledged is forced to disk (class A of store.md §9).
        on_wait: Called with a path and the seconds waited so far when a lock is not to be had.

    Attributes:
        system: See above.
        syncs: See above.
    """

    def __init__(
        self, root: str, system: System, syncs: bool = True, on_wait: Callable[[str, float], None] | None = None
    ) -> None:
        self.root = root
        self.system = system
        self.syncs = syncs
        self._on_wait = on_wait or _say_what_is_waited_for
        # Directories whose own names this process has made durable: another process may have made one without syncing it yet.
        self._durable = {root}
        self._streams = OpenStreams(system)

    # ---- folders -------------------------------------------------------------------------------------------------

    def make_directories(self, path: str, durable: bool = True, anew: bool = False) -> None:
        """Make a folder and those above it.

        Args:
            path: A folder under the root.
            durable: Also sync the folders that hold their names, once in the life of this process.
            anew: Do not rely on what was made before: somebody may have removed it.
        """
        if path == self.root or (path in self._durable and not anew):
            return
        parent = os.path.dirname(path)
        if durable:
            self.make_directories(parent, anew=anew)
        while not self._made_directory(path, durable):
            self.make_directories(parent, durable, anew=True)
        if durable:
            self._durable.add(path)
        else:
            # It may be a new folder in place of one whose name was made durable.
            self._durable.discard(path)

    def _made_directory(self, path: str, durable: bool) -> bool:
        """Make a folder unless it is there; return false if the one above it is missing."""
        parent = os.path.dirname(path)
        try:
            try:
                self.system.make_directory(path)
            except FileExistsError:
                pass
            if durable and self.syncs:
                self.system.sync_directory(parent)
        except FileNotFoundError as error:
            if parent == self.root:
                raise StoreIO(parent, error) from error
            return False
        return True

    def sync_directory(self, path: str) -> None:
        """Return when the names in a folder are on disk, or that the folder was removed meanwhile.

        Raises:
            StoreIO: The system refused.
        """
        if not self.syncs:
            return
        with self.translated(path):
            try:
                self.system.sync_directory(path)
            except FileNotFoundError:
                self.sync_directory(os.path.dirname(path))

    def _prepare(self, create: bool = True) -> None:
        """Do what has to be done once before anything is locked or written.

        Args:
            create: It may make the root.
        """

    # ---- locks ---------------------------------------------------------------------------------------------------

    def locked(
        self, path: str, create: bool = False, waits: bool = True, patience: float = 0.0, shared: bool = False
    ) -> Lock:
        """Open a file under its lock.

        Args:
            path: The file.
            create: Make it, and the folders above it, if it is not there.
            waits: Wait for whoever holds the lock.
            patience: Seconds to try nevertheless if ``waits`` is false.
            shared: Take a lock that others may share.

        Raises:
            Busy: Somebody holds the lock and ``waits`` is false.
            FileNotFoundError: The file is not there and ``create`` is false.
            Locked: Somebody has held the lock for 30 seconds.
            StoreIO: The system refused.
        """
        self._prepare(create)
        return Lock(self, path, create, None if waits else patience, shared)

    def lock_kept(self, path: str, kept: KeptOpen) -> tuple[int, OpenFacts]:
        """Lock a file that stays open from one use to the next, and return it with what is known of it.

        The caller has ``kept`` to itself meanwhile, and gives the lock back with ``system.unlock``.

        Raises:
            FileNotFoundError: The file is not there.
            Locked: Somebody has held the lock for 30 seconds.
            StoreIO: The system refused.
        """
        self._prepare(False)
        system, fd = self.system, kept.fd
        try:
            if fd is not None:
                try:
                    if not system.try_lock(fd):
                        self._wait_for_lock(fd, path, None, False)
                    facts = system.facts(fd)
                    if facts.links:
                        return fd, facts
                except BaseException:
                    kept.close()
                    raise
                # Whoever deleted the file has left it without a name.
                kept.close()
            fd, facts = self._open_locked(path, False, None, False)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreIO(path, error) from error
        kept.keep(fd)
        return fd, facts

    def _open_locked(self, path: str, create: bool, patience: float | None, shared: bool) -> tuple[int, OpenFacts]:
        system = self.system
        while True:
            fd = self._open(path, create)
            try:
                if not system.try_lock(fd, shared):
                    self._wait_for_lock(fd, path, patience, shared)
                # Whoever deleted the file while this process waited has left it without a name.
                facts = system.facts(fd)
                if facts.links:
                    return fd, facts
            except BaseException:
                system.close(fd)
                raise
            system.close(fd)

    def _open(self, path: str, create: bool) -> int:
        if not create:
            return self.system.open(path)
        self.make_directories(os.path.dirname(path))
        return self._open_or_create(path, durable=True)

    def _open_or_create(self, path: str, durable: bool) -> int:
        while True:
            try:
                return self.system.create(path)
            except FileExistsError:
                pass
            except FileNotFoundError:
                self.make_directories(os.path.dirname(path), durable, anew=True)
                continue
            try:
                return self.system.open(path)
            except FileNotFoundError:
                continue

    def _wait_for_lock(self, fd: int, path: str, patience: float | None, shared: bool) -> None:
        if patience == 0:
            raise Busy(path)
        began = self.system.monotonic()
        told = False
        while not self.system.try_lock(fd, shared):
            waited = self.system.monotonic() - began
            if patience is not None and waited >= patience:
                raise Busy(path)
            if waited >= _GIVE_UP_AFTER_SECONDS:
                raise Locked(path, waited)
            if waited >= _TELL_AFTER_SECONDS and not told:
                told = True
                self._on_wait(path, waited)
            self.system.sleep(_RETRY_SECONDS)

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

    def translated(self, path: str) -> Translated:
        """Turn what the system raises into :class:`StoreIO`; a missing file stays ``FileNotFoundError``."""
        return Translated(path)


def _say_what_is_waited_for(path: str, seconds: float) -> None:
    from logging import getLogger

    getLogger("prefect.store").warning("Waiting for another process that has %s locked.", path)
