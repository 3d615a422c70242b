"""Standard streams while a live view stands at the foot of the terminal: what is printed scrolls above it.

Source: issue "A live view": log lines and task prints above it, unharmed.
"""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import RLock

    #: Prints whole lines, the last without its line feed, above the view.
    PrintLines = Callable[[str], None]


class StreamAbove:
    """A terminal stream; while a view is shown, whole lines go above it and the rest of a line waits for its end.

    Args:
        stream: The stream of the terminal.
        lock: Held while something is written or drawn.
    """

    def __init__(self, stream: TextIO, lock: RLock) -> None:
        self.stream = stream
        self.at_line_start = True
        #: Called before something is written, to write what has to come first.
        self.before_writing: Callable[[], None] = _nothing
        self._lock = lock
        self._owner = os.getpid()
        self._print_lines: PrintLines | None = None
        self._unfinished = ""

    def write(self, text: str) -> int:
        """Write text, above the view if there is one."""
        if os.getpid() != self._owner:  # a forked process has no view, and the lock may be held for ever in it
            return self.stream.write(text)
        with self._lock:
            self.before_writing()
            if self._print_lines is None:
                if text:
                    self.at_line_start = text.endswith("\n")
                return self.stream.write(text)
            lines, line_feed, self._unfinished = (self._unfinished + text).rpartition("\n")
            if line_feed:
                self._print_lines(lines)
            return len(text)

    def writelines(self, lines: Iterator[str]) -> None:
        """Write each string of ``lines``."""
        for line in lines:
            self.write(line)

    def go_above(self, print_lines: PrintLines) -> None:
        """From now on print whole lines through ``print_lines``."""
        self._print_lines = print_lines

    def go_back(self) -> None:
        """Write directly again, beginning with the line that has not been finished."""
        self._print_lines = None
        unfinished, self._unfinished = self._unfinished, ""
        if unfinished:
            self.write(unfinished)
            self.stream.flush()

    @property
    def buffer(self) -> _BytesAbove:
        """The same stream for bytes."""
        return _BytesAbove(self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _nothing() -> None:
    """Do nothing."""


class _BytesAbove:
    """The ``buffer`` of a :class:`StreamAbove`."""

    def __init__(self, text: StreamAbove) -> None:
        self._text = text

    def write(self, data: Any) -> int:
        if self._text._print_lines is None:
            self._text.stream.flush()
            written: int = self._text.stream.buffer.write(data)
            return written
        self._text.write(bytes(data).decode(self._text.stream.encoding or "utf-8", "backslashreplace"))
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._text.stream.buffer, name)


class WatchedInput:
    """Standard input that ends the view as soon as somebody wants to read: a debugger, ``input()``, a paused task.

    Args:
        stream: The real standard input.
        used: Called before the first use in this process.
    """

    def __init__(self, stream: TextIO, used: Callable[[], None]) -> None:
        self._stream = stream
        self._used = used
        self._owner = os.getpid()

    def __getattr__(self, name: str) -> Any:
        if os.getpid() == self._owner:
            self._used()
        return getattr(self._stream, name)

    def __iter__(self) -> Iterator[str]:
        self._used()
        return iter(self._stream)


class ChildOutput:
    """What forked processes print, kept in a file that the view copies above itself: their terminal is not theirs alone.

    Files do not block, as a pipe does that nobody reads for a while.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._position = 0
        self._owner = os.getpid()
        self.active = True
        os.register_at_fork(before=self._before_fork, after_in_child=self._after_fork)

    def _before_fork(self) -> None:
        if self.active and self._file is None and os.getpid() == self._owner:
            import tempfile

            self._file = tempfile.TemporaryFile("ab", buffering=0)  # noqa: SIM115 - lives as long as the run

    def _after_fork(self) -> None:
        if self.active and self._file is not None:
            for descriptor in (1, 2):
                os.dup2(self._file.fileno(), descriptor)

    def new_text(self) -> str:
        """Return what was printed since the last call."""
        if self._file is None:
            return ""
        found = []
        while chunk := os.pread(self._file.fileno(), 65536, self._position):
            self._position += len(chunk)
            found.append(chunk)
        return b"".join(found).decode("utf-8", "backslashreplace")

    def close(self) -> None:
        """Let processes forked later print where they like."""
        self.active = False
        if self._file is not None:
            self._file.close()
            self._file = None
