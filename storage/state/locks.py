"""The blocks in which files are used: under a lock, and with the errors of the system as the store's.

Source: store.md §8, §10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import StoreIO

if TYPE_CHECKING:
    from prefect.storage.state.files import Files


class Busy(Exception):
    """A lock is taken and the caller did not want to wait for it."""


class Translated:
    """The block of :meth:`Files.translated`. Every operation goes through several: a generator would take thrice as long."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise StoreIO(self._path, error) from error


class Lock:
    """The block of :meth:`Files.locked`."""

    __slots__ = ("_arguments", "_fd", "_files", "_path")

    def __init__(self, files: Files, path: str, *arguments: Any) -> None:
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
