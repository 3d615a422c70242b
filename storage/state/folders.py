"""Folders under one root: made, and kept when the power goes.

Source: store.md §6.2 (when a directory counts as durable), §9.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.storage.state.errors import StoreIO

if TYPE_CHECKING:
    from prefect.storage.state.system import System


class Translated:
    """The block of :meth:`Folders.translated`. Every operation goes through several: a generator would take thrice as long."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise StoreIO(self._path, error) from error


class Folders:
    """Folders under one root.

    Args:
        root: The topmost folder.
        system: The operating system, or what stands in for it.
        syncs: Whether what is acknowledged is forced to disk (class A of store.md §9).

    Attributes:
        root: See above.
        system: See above.
        syncs: See above.
    """

    def __init__(self, root: str, system: System, syncs: bool = True) -> None:
        self.root = root
        self.system = system
        self.syncs = syncs
        # Directories whose own names this process has made durable: another process may have made one without syncing it yet.
        self._durable = {root}

    def _prepare(self, create: bool = True) -> None:
        """Do what has to be done once before anything is locked or written.

        Args:
            create: It may make the root.
        """

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

    def translated(self, path: str) -> Translated:
        """Turn what the system raises into :class:`StoreIO`; a missing file stays ``FileNotFoundError``."""
        return Translated(path)
