"""Signals that meet a command while it writes to standard output."""

from __future__ import annotations

import fcntl
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

#: Bytes that a pipe holds once it has been made as small as it can be.
SMALLEST_PIPE = 4096
DEADLINE_SECONDS = 30.0

WRITER = """
import fcntl, signal, sys
from prefect.cli.signals import reader_may_leave

fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 4096)
signal.signal(signal.SIGINT, signal.default_int_handler)
with reader_may_leave():
    try:
        print(*range(1500))
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.skipif(
    not hasattr(fcntl, "F_SETPIPE_SZ"), reason="only Linux lets a pipe be made so small that it is full"
)
def test_what_was_written_when_ctrl_c_came_is_not_written_again():
    writer = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True)
    _wait_until_full(writer)
    writer.send_signal(signal.SIGINT)

    stdout, _ = writer.communicate(timeout=DEADLINE_SECONDS)

    assert stdout == " ".join(map(str, range(1500))) + "\ninterrupted\n"


def _wait_until_full(writer: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while struct.unpack("i", fcntl.ioctl(writer.stdout, termios.FIONREAD, b"\0" * 4))[0] < SMALLEST_PIPE:
        assert time.monotonic() < deadline, "the pipe was never full"
        time.sleep(0.01)
