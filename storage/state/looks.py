"""Looking at a part of the store to find what is wrong there, and mending it.

Everything is looked at twice. The first look takes no lock and touches nothing; what it finds may be somebody's work that is
half done. The second one, a moment later, takes the lock of what it looks at, so what it finds again is so.

Source: store.md §11.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from prefect.storage.state.errors import StoreIO
from prefect.storage.state.files import Files
from prefect.storage.state.flows import Flows
from prefect.storage.state.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.storage.state.errors import UnsupportedFormat
    from prefect.storage.state.store import Store

#: What was written cannot be read, or cannot be found.
ERROR = "error"
#: What a crash leaves, and what is none of the store's business.
WARNING = "warning"


class Finding(NamedTuple):
    """Something that is not as it should be.

    Attributes:
        severity: :data:`ERROR` or :data:`WARNING`.
        path: Of the file or folder, relative to the store.
        message: A sentence or two.
        repaired: Whether it is in order now.
    """

    severity: str
    path: str
    message: str
    repaired: bool = False


class Look:
    """One look at a store.

    Args:
        store: The store.
        certain: Take locks.
        repairs: Mend what is found; with locks only.

    Attributes:
        files: The files of the store, without its being prepared: looking changes nothing.
        runs: Its flow runs.
        flows: Its registered flows.
        repairs: See above.
        present: Folder → how many markers it has that records want, as far as records were looked at.
    """

    def __init__(self, store: Store, *, certain: bool = False, repairs: bool = False) -> None:
        self.files = Files(store.root, store.system, store.files.syncs)
        self.system = store.system
        self.layout = store.layout
        self.runs = Runs(self.files, self.layout)
        self.flows = Flows(self.files, self.layout)
        self.certain = certain
        self.repairs = repairs
        self.present: Counter[str] = Counter()

    def found(self, severity: str, path: str, message: str, *, repaired: bool = False) -> Finding:
        """Return a finding.

        Args:
            severity: See :class:`Finding`.
            path: Of the file, absolute.
            message: See :class:`Finding`.
            repaired: See :class:`Finding`.
        """
        return Finding(severity, self.layout.inside(path), message, repaired)

    def unsupported(self, path: str, error: UnsupportedFormat) -> Finding:
        """Return the finding that a newer version wrote a file."""
        message = f"It has format {error.found}, and this version knows formats up to {error.known}."
        return self.found(ERROR, path, message)

    @contextmanager
    def opened(self, path: str) -> Iterator[int]:
        """Open a file for the length of a block, under its lock if the look is to be certain.

        Raises:
            FileNotFoundError: It is gone.
            StoreIO: The system refused.
        """
        with ExitStack() as stack:
            yield self._locked(path, stack) if self.certain else self._read_only(path, stack)

    @contextmanager
    def holding(self, path: str, create: bool = False) -> Iterator[bool]:
        """Hold the lock of a folder for the length of a block if the look is to be certain; yield whether it is held.

        Args:
            path: The file that is locked for the folder.
            create: Make it if it is not there.
        """
        with ExitStack() as stack:
            try:
                if self.certain and create:
                    stack.enter_context(self.files.locked(path, create=True))
                elif self.certain:
                    stack.enter_context(self.opened(path))
                is_held = self.certain
            except FileNotFoundError:
                is_held = False
            yield is_held

    def _locked(self, path: str, stack: ExitStack) -> int:
        try:
            return stack.enter_context(self.files.locked(path))
        except StoreIO as error:
            # Where nothing can be written there is nobody to wait for.
            if self.repairs or error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM):
                raise
            return self._read_only(path, stack)

    def _read_only(self, path: str, stack: ExitStack) -> int:
        with self.files.translated(path):
            fd = self.system.open_to_read(path)
            stack.callback(self.system.close, fd)
            return fd

    def content(self, fd: int, path: str) -> bytes:
        """Return all that an open file holds."""
        with self.files.translated(path):
            return self.system.read(fd, self.system.facts(fd).size, 0)

    # ---- mending -------------------------------------------------------------------------------------------------

    def cut_off(self, fd: int, path: str, size: int, kept: bytes, reason: str) -> None:
        """Cut a locked file off after ``size`` bytes.

        Args:
            fd: The file.
            path: Its path.
            size: What stays, in bytes.
            kept: What goes into the quarantine first.
            reason: What the note there says.
        """
        self.files.set_aside(path, kept, reason)
        with self.files.translated(path):
            self.system.truncate(fd, size)
            if self.files.syncs:
                self.system.sync(fd)

    def take_away(self, path: str, kept: bytes, reason: str) -> None:
        """Remove a file, under the lock of what it belongs to, after its content went into the quarantine.

        Args:
            path: The file.
            kept: Its content; of an empty file there is no copy.
            reason: What the note says.
        """
        if kept:
            self.files.set_aside(path, kept, reason)
        self.files.remove(path)
        self.files.sync_directory(os.path.dirname(path))
