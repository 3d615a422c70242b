"""What can go wrong with the store, told apart.

Missing and damaged are never confused, and every message says what failed and what to do. Source: store.md §10.
"""

from __future__ import annotations

import os
from typing import Any


class StoreError(Exception):
    """Base of everything the store raises."""


class NotFound(StoreError):
    """There is no such record.

    Attributes:
        kind: What was looked for, such as ``flow run``.
        id: Its id or name.
    """

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"There is no {kind} {id!r} in the store. Check the id, or list what there is.")
        self.kind = kind
        self.id = id


class Conflict(StoreError):
    """The record is not as the caller expected it, or a unique name is taken.

    Attributes:
        current: The record as it is, or the one that has the name.
    """

    def __init__(self, message: str, current: dict[str, Any]) -> None:
        super().__init__(message)
        self.current = current


class Corrupt(StoreError):
    """A line or document is damaged. Nothing was moved or changed.

    Attributes:
        path: The damaged file.
        line: Number of the damaged line, from 1; 0 for a document.
        reason: What is wrong with it.
    """

    def __init__(self, path: str, line: int, reason: str) -> None:
        place = f", line {line}," if line else ""
        super().__init__(
            f"The file {path}{place} is damaged: {reason}."
            " Run 'prefect store check --repair' to set aside what cannot be read."
        )
        self.path = path
        self.line = line
        self.reason = reason


class Locked(StoreError):
    """Somebody else has held a lock for too long.

    Attributes:
        path: The locked file.
        seconds: How long was waited.
    """

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(
            f"The file {path} has been locked by another process for {seconds:.0f} s."
            f" Find it with 'fuser {path}', end it, and try again."
        )
        self.path = path
        self.seconds = seconds


class UnsupportedFormat(StoreError):
    """The store or a file of it was written by a newer version.

    Attributes:
        path: The file.
        found: Its format.
        known: The newest format this version reads.
    """

    def __init__(self, path: str, found: object, known: int) -> None:
        super().__init__(
            f"The file {path} has format {found}, and this version knows formats up to {known}."
            " Install the version that wrote it, or a newer one."
        )
        self.path = path
        self.found = found
        self.known = known


class StoreIO(StoreError):
    """The system refused an operation; nothing that was not acknowledged is visible.

    Attributes:
        path: The file or folder.
        errno: The system's number for the reason.
    """

    def __init__(self, path: str, error: OSError) -> None:
        reason = os.strerror(error.errno) if error.errno else str(error)
        super().__init__(f"The system refused to work on {path}: {reason}. {_remedy(error.errno)}")
        self.path = path
        self.errno = error.errno


class Unsafe(StoreError):
    """The folder of the store belongs to somebody else or is open to others.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: str, reason: str, remedy: str) -> None:
        super().__init__(f"The store at {path} is not used because {reason}. {remedy}")
        self.path = path


def _remedy(number: int | None) -> str:
    import errno

    if number in (errno.ENOSPC, errno.EDQUOT):
        return "Make room, for instance with 'prefect store prune', and try again."
    if number == errno.EROFS:
        return "Make the filesystem writable, or set PREFECT__HOME_DIR to a folder that is."
    if number in (errno.EACCES, errno.EPERM):
        return "Give yourself access to it, or set PREFECT__HOME_DIR to a folder of your own."
    if number in (errno.EMFILE, errno.ENFILE):
        return "Close files or raise the limit ('ulimit -n'), and try again."
    return "Check the disk, then try again."
