"""The process around a command: its standard streams, signals and exit code."""

from __future__ import annotations

import io
import os
import sys

from prefect.cli.errors import FAILED, INTERRUPTED, OUTPUT_CLOSED, TERMINATED
from prefect.cli.garbage import leave_garbage_behind
from prefect.cli.root import cli
from prefect.cli.signals import discard, reader_may_leave

#: Seconds that the threads of an interrupted run have to end by themselves.
GRACE_SECONDS = 2.0


def run_command_line() -> int:
    """Run the command of ``sys.argv`` and return its exit code."""
    prepare_streams()
    if "_PREFECT_COMPLETE" in os.environ:
        return _exit_code_of_completion()
    code = 0
    with reader_may_leave() as pipe:
        try:
            cli.main(prog_name=_program_name())
        except SystemExit as error:
            code = _exit_code(error)
    if pipe is not None and pipe.error is not None:
        code = code or exit_code_of_unwritable_output(pipe.error)
    leave_threads_behind(code)
    leave_garbage_behind()
    return code


def _exit_code(error: SystemExit) -> int:
    """Return the exit code of a ``sys.exit``; a text is printed, as Python does."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)  # noqa: T201 - what sys.exit("text") means
    return 1


def leave_threads_behind(code: int) -> None:
    """Give the threads of an interrupted command a moment to clean up, then end the process whatever they do.

    The user waits: a second Ctrl-C ends the waiting.

    Args:
        code: The exit code, which tells whether the command was interrupted.
    """
    if code not in (INTERRUPTED, OUTPUT_CLOSED, TERMINATED):
        return
    import signal
    import threading
    import time

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    deadline = time.monotonic() + GRACE_SECONDS
    others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() and not thread.daemon for thread in others):
        sys.stdout.flush()
        os._exit(code)


def prepare_streams() -> None:
    """Open what the caller closed, and let no text fail for a character that the encoding lacks."""
    if sys.stdout is None:
        # Otherwise the next file to be opened would become standard output.
        discard(1)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def exit_code_of_unwritable_output(error: OSError) -> int:
    """Say why standard output takes nothing, unless its reader just went away; what is left for it is dropped."""
    discard(1)
    if isinstance(error, BrokenPipeError):
        return OUTPUT_CLOSED
    print(f"Cannot write to standard output: {error.strerror}.", file=sys.stderr)  # noqa: T201 - see the docstring
    return FAILED


def _program_name() -> str | None:
    """Return the name for usage lines; None where click finds out that it is ``python -m prefect``."""
    return None if os.path.basename(sys.argv[0]) == "__main__.py" else "prefect"


def _exit_code_of_completion() -> int:
    """Answer the shell; whatever goes wrong completes nothing and says nothing."""
    try:
        cli.main(prog_name="prefect", complete_var="_PREFECT_COMPLETE")
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    return 0
