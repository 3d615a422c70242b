"""Two pages of the 1.x documentation hold: their commands, run as written there, print what they promise.

Each page is a shell script with the output of every command below it: after ``#>`` on stdout, after ``#!`` on stderr.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from backend_home import BackendHome

PAGES = sorted(Path(__file__).parent.glob("*.sh"))
DEADLINE_SECONDS = 120.0


def promised(page: Path, mark: str) -> str:
    """Return what the commands of a page are to print."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return "\n".join(line[2:].removeprefix(" ") for line in lines if line.startswith(mark))


def plain(text: str) -> str:
    """Return an output without what is new each time."""
    for pattern, name in (
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>"),
        (r"\d\d:\d\d:\d\d", "hh:mm:ss"),
        (r"agentless-run-[0-9a-f]{8}", "agentless-run-<hex>"),
        (r"(?<=└── Name: )[a-z]+-[a-z]+$", "<name>"),
        (re.escape(repr(socket.gethostname())), "'<host>'"),
    ):
        text = re.sub(pattern, name, text, flags=re.MULTILINE)
    # The agent writes this one while the process that it started begins to write its own.
    return "\n".join(line for line in text.splitlines() if "Submitted for execution: PID" not in line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_the_page_print_what_it_promises(backend: BackendHome, page: Path):
    process = backend.start_program(["sh", "-eu", str(page)], stderr=subprocess.PIPE)
    try:
        stdout, stderr = process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        end_group(process)

    assert plain(stdout) == promised(page, "#>"), stderr
    assert (process.returncode, plain(stderr)) == (0, promised(page, "#!"))


def end_group(process: subprocess.Popen[str]) -> None:
    """End what a page has left running."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
