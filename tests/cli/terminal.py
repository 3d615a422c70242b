"""A terminal for the command under test, and the person before it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

PREFECT = Path(sys.executable).parent / "prefect"
ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")

#: The command with a live view that does not wait a second before it appears.
EAGER = (
    sys.executable,
    "-c",
    "from prefect.cli import live_view, main; live_view.APPEARS_AFTER = live_view.REDRAWN_EVERY = 0.01; raise SystemExit(main())",
)
#: Does something once a text has appeared, given the terminal's file descriptor and the process.
Action = Callable[[int, "subprocess.Popen[bytes]"], object]


class Seen(NamedTuple):
    """What a terminal received: as it is, and the lines left on its screen and above it."""

    raw: str
    lines: list[str]
    exit_code: int


class Screen:
    """The few things a terminal does that the view relies on."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0
        self.column = 0
        self.cursor_shown = True

    def feed(self, text: str) -> None:
        position = 0
        for match in ESCAPE.finditer(text):
            self._print(text[position : match.start()])
            self._control(*match.groups())
            position = match.end()
        self._print(text[position:])

    def _print(self, text: str) -> None:
        for character in text:
            if character == "\n":
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
            elif character == "\r":
                self.column = 0
            else:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + character + line[self.column + 1 :]
                self.column += 1

    def _control(self, number: str, letter: str) -> None:
        if letter == "A":
            self.row -= int(number or 1)
        elif letter == "K":
            self.lines[self.row] = ""
        elif letter in "hl" and number == "?25":
            self.cursor_shown = letter == "h"


def run_on_terminal(
    command: Sequence[str | Path], folder: Path, env: dict[str, str], steps: Sequence[tuple[str, Action]], columns: int
) -> Seen:
    """Run a command; once the text of a step has appeared after the one before, its action is done."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    attributes = termios.tcgetattr(theirs)
    attributes[3] |= termios.NOFLSH  # otherwise Ctrl-C drops what was printed and not yet read here
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    waiting = list(steps)
    received, looked = b"", 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 1)[0]:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            if not chunk:
                break
            received += chunk
            while waiting and (found := received.find(waiting[0][0].encode(), looked)) >= 0:
                text, action = waiting.pop(0)
                looked = found + len(text)
                action(ours, process)
    else:
        process.kill()
    os.close(ours)
    exit_code = process.wait(10)
    text = received.decode()
    screen = Screen()
    screen.feed(text)
    assert screen.cursor_shown
    return Seen(text, [line.rstrip() for line in screen.lines], exit_code)
