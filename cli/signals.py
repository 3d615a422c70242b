"""Signals that end a command: SIGTERM, and a reader of standard output that went away.

Both become exceptions in the main thread, as Ctrl-C does, so that a flow, its workers and the terminal are left in
order on every way out.

Source: DESIGN §4 decision 4; issue "Bad input".
"""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Terminated(KeyboardInterrupt):
    """The process received SIGTERM."""


class StdoutClosed(KeyboardInterrupt):
    """The reader of standard output went away."""


def _terminate(owner: int) -> Callable[[int, Any], None]:
    def handle(number: int, frame: Any) -> None:
        if os.getpid() == owner:
            raise Terminated("SIGTERM")
        # A worker forked from here dies as it would have without this handler.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    return handle


@contextmanager
def termination_raises() -> Iterator[None]:
    """Make SIGTERM raise :class:`Terminated` within the block."""
    previous = signal.signal(signal.SIGTERM, _terminate(os.getpid()))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals that end a command wait until the block has ended; for a process with one thread."""
    previous = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        # A signal that came before may raise here, after blocking; the old mask has to be known by then.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, previous)


def discard(descriptor: int) -> None:
    """Let what is written to a descriptor go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


class _Pipe(io.BufferedWriter):
    """Standard output that may stop taking anything: the rest is dropped.

    When its reader went away, the main thread is told, once. A full disk does not stop a flow. What is below the buffer
    is no Python: an interrupt between writing and noting what was written would have it written twice.
    """

    error: OSError | None = None
    ending = False

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except BlockingIOError:
            raise
        except OSError as error:
            self._stop(error)
            return memoryview(data).nbytes

    def flush(self) -> None:
        try:
            super().flush()
        except BlockingIOError:
            raise
        except OSError as error:
            self._stop(error)

    def _stop(self, error: OSError) -> None:
        self.error = error
        discard(self.fileno())
        if isinstance(error, BrokenPipeError) and not self.ending:
            os.kill(os.getpid(), signal.SIGPIPE)


@contextmanager
def reader_may_leave() -> Iterator[_Pipe | None]:
    """Make the end of standard output's reader raise :class:`StdoutClosed` within the block.

    Yields:
        The pipe, whose ``error`` tells what became of it; None if standard output is a terminal.
    """
    original = sys.stdout
    if not isinstance(original, io.TextIOWrapper) or original.isatty():
        yield None
        return
    pipe = _Pipe(io.FileIO(original.fileno(), "wb", closefd=False))

    def reader_left(number: int, frame: Any) -> None:
        # Sockets raise SIGPIPE too; those are the business of whoever writes to them.
        if isinstance(pipe.error, BrokenPipeError) and not pipe.ending:
            pipe.ending = True
            raise StdoutClosed

    original.flush()
    sys.stdout = wrapped = io.TextIOWrapper(
        pipe,
        encoding=original.encoding,
        errors=original.errors,
        line_buffering=original.line_buffering,
    )
    previous = signal.signal(signal.SIGPIPE, reader_left)
    try:
        yield pipe
    finally:
        pipe.ending = True
        if not wrapped.closed:  # by a task
            wrapped.flush()
        signal.signal(signal.SIGPIPE, previous)
        sys.stdout = original
