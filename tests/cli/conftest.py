"""Commands called in this process, on the real tree."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from click.testing import CliRunner

from prefect import Flow, Task
from prefect.cli import cli
from prefect.orchestration.opening import local_store
from prefect.orchestration.projects import create_project, project_named
from prefect.orchestration.registration import register_flow
from prefect.storage.state.store import Store
from prefect.storage.state.system import System
from prefect.utilities.configuration import set_temporary_config

sys.path.insert(0, str(Path(__file__).parent))  # what several test files share is no package

from terminal import EAGER, PREFECT, Action, Seen, run_on_terminal


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


class Check(Protocol):
    def __call__(self, *args: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
        """Call ``prefect *args`` and return its exit code and what it printed."""


@pytest.fixture
def prefect() -> Check:
    # Before click 8.2 the two streams were mixed unless asked otherwise.
    separate = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}

    def call(*args: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
        done = CliRunner(**separate).invoke(cli, list(args), input=stdin, env=env, prog_name="prefect")
        return Result(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class OnTerminal(Protocol):
    def __call__(
        self,
        *args: str,
        env: dict[str, str] | None = None,
        steps: Sequence[tuple[str, Action]] = (),
        columns: int = 80,
        eager: bool = False,
    ) -> Seen:
        """Call ``prefect *args`` and do what the steps say; ``eager`` if the live view is to appear at once."""


@pytest.fixture
def on_terminal(tmp_path) -> OnTerminal:
    """Runs the command on a terminal of its own."""

    def run(
        *args: str,
        env: dict[str, str] | None = None,
        steps: Sequence[tuple[str, Action]] = (),
        columns: int = 80,
        eager: bool = False,
    ) -> Seen:
        plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm", "LANG": "C.UTF-8", "TZ": "UTC"}
        command = [*(EAGER if eager else (PREFECT,)), *args]
        return run_on_terminal(command, tmp_path, {**plain, **(env or {})}, steps, columns)

    return run


class Clock(System):
    """The real system, whose time stands still until it is moved on: 17 May 2024, 12:00:30 UTC."""

    def __init__(self) -> None:
        self.time = datetime(2024, 5, 17, 12, 0, 30, tzinfo=timezone.utc)

    def now(self) -> str:
        return self.time.isoformat(timespec="microseconds")

    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)

    def pass_time(self, **duration: float) -> None:
        """Move the time on by so many ``days``, ``hours``, ``minutes``, ``seconds``."""
        self.time += timedelta(**duration)


@pytest.fixture
def clock() -> Clock:
    """The time of ``store``."""
    return Clock()


@pytest.fixture
def store(tmp_path, clock, monkeypatch) -> Store:
    """The store that commands work on; nothing is there yet."""
    store = Store(str(tmp_path / "store"), durability="process", system=clock)
    monkeypatch.setattr("prefect.cli.backend_store.opened_store", lambda: store)
    return store


@pytest.fixture
def register(store) -> Callable[..., str]:
    """Registers the next version of a flow of tasks in a row, the last one mapped, and returns its id."""

    def registered(name: str = "etl", *, project: str = "demo", tasks: tuple[str, ...] = ("extract", "load")) -> str:
        with Flow(name) as flow:
            made = [Task(name=task) for task in tasks]
            for task in made:
                flow.add_task(task)
            for upstream, downstream in zip(made, made[1:]):
                flow.add_edge(upstream, downstream, key=None, mapped=downstream is made[-1])
        found = project_named(store, project)
        flow_id, _ = register_flow(store, flow.serialize(), found["id"] if found else create_project(store, project))
        return flow_id

    return registered


@pytest.fixture
def backend(tmp_path) -> Iterator[Store]:
    """The store of the configured backend, for commands that also reach it through the client; nothing is there yet."""
    home = str(tmp_path / "home")
    with set_temporary_config({"backend": "local", "home_dir": home, "store.durability": "process"}):
        yield local_store()


@pytest.fixture
def write(in_folder) -> Callable[[str, str], None]:
    """Writes a file into the current folder, which is empty at first."""

    def written(name: str, text: str) -> None:
        path = in_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return written
