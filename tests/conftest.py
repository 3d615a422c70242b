"""No test can reach the user's home: every variable that could lead there points into a temporary folder."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Protocol

import pytest

_HOME = tempfile.mkdtemp(prefix="praefectus-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith(("PREFECT", "XDG_"))]:
    del os.environ[_name]
os.environ["HOME"] = _HOME
os.environ["XDG_DATA_HOME"] = os.path.join(_HOME, "data")
os.environ["PREFECT__HOME_DIR"] = os.path.join(_HOME, ".prefect")
os.environ["TZ"] = "UTC"

# A worker process in a new interpreter, which is what a flow run begins while other threads are alive, imports by name what
# tests define; it gets this path.
sys.path.append(str(Path(__file__).parent.parent))
sys.path.append(str(Path(__file__).parent))  # what tests of several folders share is no package

# A shell lets what it runs in the background ignore Ctrl-C, and every program that the tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: The command that was installed beside the Python running the tests.
PREFECT = Path(sys.executable).parent / "prefect"


class RunPrefect(Protocol):
    """Runs the installed command in ``cwd`` with an empty home and returns what it printed and its exit code."""

    def __call__(self, *args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``prefect *args`` with ``env`` added to the environment."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of the command under test: empty, and expected to stay so."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    """The folder in which the command under test is started."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    return folder


@pytest.fixture
def run_prefect(home: Path, cwd: Path) -> RunPrefect:
    """The installed command, as a user calls it on a fresh machine."""
    plain = {"PATH": os.environ["PATH"], "HOME": str(home), "TZ": "UTC", "LANG": "C.UTF-8"}

    def run(*args: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PREFECT, *args],
            cwd=cwd,
            env={**plain, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run
