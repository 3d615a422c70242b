"""Nothing is sent anywhere: no command asks for an address or connects to one."""

from __future__ import annotations

import sys

import pytest
from backend_home import BackendHome

#: Python loads this at its start, from the path; each line of the file is an attempt to talk to somebody.
WATCH = """
import os, sys

def note(event, arguments):
    inet = event == "socket.connect" and isinstance(arguments[1], tuple)
    if inet or event in ("socket.getaddrinfo", "socket.sendto"):
        with open(os.environ["ATTEMPTS"], "a") as file:
            print(event, arguments, file=file)

sys.addaudithook(note)
"""


@pytest.fixture
def watched(backend: BackendHome) -> BackendHome:
    (backend.cwd / "sitecustomize.py").write_text(WATCH)
    backend.environment |= {"PYTHONPATH": str(backend.cwd), "ATTEMPTS": str(backend.cwd / "attempts")}
    return backend


def test_the_watch_sees_attempts(watched):
    talk = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"

    watched.run([sys.executable, "-c", talk])

    assert (watched.cwd / "attempts").read_text().startswith("socket.connect ")


def test_registering_running_and_looking_talk_to_nobody(watched):
    watched.register()
    watched.start_agent()

    for command in (
        "run -m prefect.hello_world",
        "run -n acting --watch",
        "run -n acting --execute",
        "get flow-runs",
        "describe flows -n acting",
        "config",
        "diagnostics",
        "store check",
    ):
        done = watched.prefect(*command.split())
        assert done.returncode == 0, done.stderr

    assert not (watched.cwd / "attempts").exists()
