"""The process of a function with a timeout, as the thread that waits for it sees it.

Its other side is :mod:`prefect.utilities._timeout_worker`.

Source: core.md §8.4 "Timeout mechanism by place".
"""

from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection, Pipe
from typing import Any

from prefect.utilities._timeout_worker import flush
from prefect.utilities.executors import LOOK_UP_SECONDS, timed_out

#: Longest wait in seconds for a process to begin with the function. The function's own time starts when it does, so
#: a slow import or a busy machine costs a task nothing of its timeout.
_START_SECONDS = 60.0
#: Seconds a process has to end by itself: after its answer, and after it was asked to.
_GRACE_SECONDS = 2.0


class TimeoutProcess:
    """The process of one call; it is gone when the ``with`` block is left.

    Args:
        name: What messages call the function.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        #: Whether the process has nothing left to do.
        self._has_answered = False

    def __enter__(self) -> TimeoutProcess:
        # What this process has printed comes before what the other will print.
        flush(sys.stdout)
        self._connection, theirs = Pipe()
        try:
            self._process = subprocess.Popen(
                _command(theirs),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # A session, and so a group, of its own: what the function has started can be ended with it.
                start_new_session=True,
            )
        except BaseException:
            self._connection.close()
            raise
        finally:
            theirs.close()
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            if not (self._has_answered and self._ends_in(_GRACE_SECONDS)):
                self._end()
        finally:
            # Not before: the process takes the end of the connection for the end of this process.
            self._connection.close()

    def send(self, request: bytes) -> None:
        """Hand over what is to be called."""
        try:
            self._connection.send_bytes(request)
        except OSError:
            raise self._death(_START_SECONDS) from None

    def answer(self, timeout: float) -> tuple[str, Any]:
        """Do what the process asks for until it answers.

        Raises:
            TaskTimeoutSignal: The time is over.
            RuntimeError: The process has died.
        """
        deadline = time.monotonic() + _START_SECONDS
        printed_to = sys.stdout
        while True:
            kind, content = self._message(deadline)
            if kind == "started":
                deadline = time.monotonic() + timeout
            elif kind == "printed":
                printed_to.write(content)
            elif kind == "logged":
                _handle_record(content)
            else:
                self._has_answered = True
                return kind, content

    def _message(self, deadline: float) -> tuple[str, Any]:
        while True:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise timed_out()
            try:
                if not self._connection.poll(min(seconds, LOOK_UP_SECONDS)):
                    continue
                message = self._connection.recv_bytes()
            except (EOFError, OSError):
                raise self._death(seconds) from None
            return pickle.loads(message)  # type: ignore[no-any-return]

    def _death(self, seconds: float) -> BaseException:
        """Return what to raise when the connection has ended before the answer came."""
        if not self._ends_in(seconds):
            return timed_out()
        code = self._process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return RuntimeError(
            f"{self._name}: the process that runs it because of its timeout {how} before it returned."
            " Look for os._exit, a crash in an extension module, or too little memory."
        )

    def _ends_in(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end(self) -> None:
        """End the process and whatever it has started."""
        for signum in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, signum)
            except (ProcessLookupError, PermissionError):
                # Nobody is left; macOS says "not permitted" when only a zombie is.
                pass
            self._ends_in(_GRACE_SECONDS)


def _command(connection: Connection) -> list[str]:
    # `-m` would look for the package before it knows where this process found it.
    code = f"import sys; sys.path[:] = {[str(entry) for entry in sys.path]!r}"
    code += f"; from prefect.utilities._timeout_worker import main; main({connection.fileno()})"
    options = [*["-O"] * sys.flags.optimize, *(f"-W{option}" for option in sys.warnoptions)]
    return [sys.executable, *options, "-c", code]


def _handle_record(attributes: dict[str, Any]) -> None:
    """Log a record of the other process as if it had been made here."""
    record = logging.makeLogRecord(attributes)
    logger = logging.getLogger(record.name)
    if logger.isEnabledFor(record.levelno):
        logger.handle(record)
