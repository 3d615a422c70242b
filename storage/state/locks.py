"""Files under their locks: the kernel's, on the file itself, so that a dead holder holds nothing.

Source: store.md §8, §10.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import Locked, StoreIO
from prefect.storage.state.folders import Folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.kept_open import KeptOpen
    from prefect.storage.state.system import OpenFacts, System

_RETRY_SECONDS = 0.001
_TELL_AFTER_SECONDS = 1.0
_GIVE_UP_AFTER_SECONDS = 30.0


class Busy(Exception):
    """A lock is taken and the caller did not want to wait for it."""


class LockedFiles(Folders):
    """Files that are opened under their lock.

    Args:
        root: The topmost folder.
        system: The operating system, or what stands in for it.
        syncs: As for :class:`Folders`.
        on_wait: Called with a path and the seconds waited so far when a lock is not to be had.
    """

    def __init__(
        self, root: str, system: System, syncs: bool = True, on_wait: Callable[[str, float], None] | None = None
    ) -> None:
        super().__init__(root, system, syncs)
        self._on_wait = on_wait or _say_what_is_waited_for

    def locked(
        self, path: str, create: bool = False, waits: bool = True, shared: bool = False, outlasts_looks: bool = False
    ) -> Lock:
        """Open a file under its lock.

        Args:
            path: The file.
            create: Make it, and the folders above it, if it is not there.
            waits: Wait for whoever holds the lock.
            shared: Take a lock that others may share.
            outlasts_looks: Wait also if ``waits`` is false, as long as those who hold the lock only share it.

        Raises:
            Busy: Somebody holds the lock and ``waits`` is false.
            FileNotFoundError: The file is not there and ``create`` is false.
            Locked: Somebody has held the lock for 30 seconds.
            StoreIO: The system refused.
        """
        self._prepare(create)
        return Lock(self, path, create, waits, shared, outlasts_looks)

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
                        self._wait_for_lock(fd, path, True, False, False)
                    facts = system.facts(fd)
                    if facts.links:
                        return fd, facts
                except BaseException:
                    kept.close()
                    raise
                # Whoever deleted the file has left it without a name.
                kept.close()
            fd, facts = self._open_locked(path, False, True, False, False)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreIO(path, error) from error
        kept.keep(fd)
        return fd, facts

    def _open_locked(
        self, path: str, create: bool, waits: bool, shared: bool, outlasts_looks: bool
    ) -> tuple[int, OpenFacts]:
        system = self.system
        while True:
            fd = self._open(path, create)
            try:
                if not system.try_lock(fd, shared):
                    self._wait_for_lock(fd, path, waits, shared, outlasts_looks)
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

    def _wait_for_lock(self, fd: int, path: str, waits: bool, shared: bool, outlasts_looks: bool) -> None:
        began = self.system.monotonic()
        told = False
        while waits or (outlasts_looks and self._is_only_shared(fd)):
            if self.system.try_lock(fd, shared):
                return
            waited = self.system.monotonic() - began
            if waited >= _GIVE_UP_AFTER_SECONDS:
                raise Locked(path, waited)
            if waited >= _TELL_AFTER_SECONDS and not told:
                told = True
                self._on_wait(path, waited)
            self.system.sleep(_RETRY_SECONDS)
        raise Busy(path)

    def _is_only_shared(self, fd: int) -> bool:
        if not self.system.try_lock(fd, shared=True):
            return False
        self.system.unlock(fd)
        return True


class Lock:
    """The block of :meth:`LockedFiles.locked`."""

    __slots__ = ("_arguments", "_fd", "_files", "_path")

    def __init__(self, files: LockedFiles, path: str, *arguments: Any) -> None:
        self._files = files
        self._path = path
        self._arguments = arguments

    def __enter__(self) -> int:
        try:
            self._fd, _ = self._files._open_locked(self._path, *self._arguments)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreIO(self._path, error) from error
        return self._fd

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # A process that was forked meanwhile shares the lock; closing alone would leave it there.
        self._files.system.unlock(self._fd)
        self._files.system.close(self._fd)


def _say_what_is_waited_for(path: str, seconds: float) -> None:
    from logging import getLogger

    getLogger("prefect.store").warning("Waiting for another process that has %s locked.", path)
