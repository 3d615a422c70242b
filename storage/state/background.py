"""One thread per store that forces to disk what was written without waiting for it.

Source: store.md §6.5, §9 (class B).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from prefect.storage.state.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.files import Files

#: What is written without waiting is on disk after this long.
_SECONDS = 1.0


class BackgroundSync:
    """Files that are to be synced soon. A thread is started by the first of them, and ends when there are none.

    Args:
        files: What syncs.
        pause: Waits between the first file and the syncing; by default a second.
    """

    def __init__(self, files: Files, pause: Callable[[], object] | None = None) -> None:
        self._files = files
        self._pause = pause or _pause
        self.forget()

    def forget(self) -> None:
        """Forget files and thread, as a forked process must: the files are its parent's to sync."""
        self._guard = threading.Lock()
        self._dirty: set[str] = set()
        self._thread: threading.Thread | None = None

    def add(self, path: str) -> None:
        """See to it that what was written to a file is on disk within a second."""
        # Whoever finds the file here has written before, and it is synced after it has been taken out.
        if path in self._dirty or not self._files.syncs:
            return
        with self._guard:
            self._dirty.add(path)
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="prefect-store-sync", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        while True:
            self._pause()
            self.sync()
            with self._guard:
                if not self._dirty:
                    self._thread = None
                    return

    def sync(self) -> None:
        """Force to disk what is waiting for it. What the system refuses is logged and not tried again."""
        with self._guard:
            paths, self._dirty = self._dirty, set()
        for path in paths:
            try:
                self._files.sync_file(path)
            except StoreError as error:
                from logging import getLogger

                getLogger("prefect.store").warning("%s", error)


def _pause() -> None:
    import time

    time.sleep(_SECONDS)
