"""Files that stay open from one use to the next: opening and closing is most of what a short line costs.

Source: store.md §6.5, §6.6.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.storage.state.system import System

#: Streams that a process keeps open; that of the one it has not used for longest is closed.
_MOST_STREAMS = 4


class KeptOpen:
    """A file that may be open. It is closed with this object, or by who finds that it has no name any more.

    Args:
        system: What closes it.

    Attributes:
        fd: The open file, or None.
    """

    __slots__ = ("__weakref__", "_closing", "_system", "fd")

    def __init__(self, system: System) -> None:
        self._system = system
        self._closing: weakref.finalize[[int], KeptOpen] | None = None
        self.fd: int | None = None

    def keep(self, fd: int) -> None:
        """Keep a file open from now on."""
        self.fd = fd
        self._closing = weakref.finalize(self, self._system.close, fd)
        self._closing.atexit = False

    def close(self) -> None:
        """Close the file, if one is kept."""
        self.fd = None
        if self._closing is not None:
            self._closing()


class OpenStream(KeptOpen):
    """A stream that this process appends to.

    Attributes:
        end: Size after the last whole line of this process: as long as it is that, the stream ends with a newline.
    """

    __slots__ = ("end",)

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.end: int | None = None


class OpenStreams:
    """The streams that a process used last.

    Args:
        system: What closes them.
    """

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[str, OpenStream] = {}

    def take(self, path: str) -> OpenStream:
        """Return a stream for the only use of the caller: two threads that append at once have a file each."""
        return self._known.pop(path, None) or OpenStream(self._system)

    def put_back(self, path: str, stream: OpenStream) -> None:
        """Keep a stream for the next use."""
        self._known[path] = stream
        if len(self._known) > _MOST_STREAMS:
            # Another thread may take and put back meanwhile; a list is made in one step.
            for oldest in list(self._known)[:-_MOST_STREAMS]:
                self._known.pop(oldest, None)
