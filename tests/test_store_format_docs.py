"""What ``docs/store-format.md`` shows is what the store writes, and its recipes print what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from prefect import Flow, Parameter, task
from prefect.orchestration.artifacts import create_artifact
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.key_values import set_key_value
from prefect.orchestration.logs import write_logs
from prefect.orchestration.projects import create_project
from prefect.orchestration.queue import claim
from prefect.orchestration.registration import register_flow
from prefect.orchestration.states import set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run
from prefect.storage.state import places
from prefect.storage.state.store import Store
from prefect.storage.state.system import System

PAGE = Path(__file__).parent.parent / "docs" / "store-format.md"
CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
#: Printed after each command.
END = "=== end ==="


class Clock(System):
    """The real system at another time."""

    def __init__(self) -> None:
        self.time = datetime(2024, 5, 17, tzinfo=timezone.utc)

    def at(self, hour: int, minute: int, second: float) -> None:
        self.time = datetime(2024, 5, 17, hour, minute, tzinfo=timezone.utc) + timedelta(seconds=second)

    def now(self) -> str:
        return self.time.isoformat(timespec="microseconds")

    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)


@task
def extract(x: int) -> None:
    """Gets something."""


@task
def load(rows: None) -> None:
    """Keeps something."""


with Flow("etl") as etl:
    load(extract(Parameter("x", default=1)))


def live_a_day(store: Store, clock: Clock) -> None:
    """Let happen what the page tells of."""
    clock.at(9, 0, 0)
    project = create_project(store, "demo")
    first, _ = register_flow(store, etl.serialize(), project)
    fail(store, clock, first)
    flow, _ = register_flow(store, etl.serialize(), project)
    clock.at(13, 42, 5.123456)
    wanted = {"parameters": {"x": 2}, "labels": ["gpu", "prod"], "idempotency_key": "friday"}
    start = "2024-05-17T13:45:00.000000+00:00"
    run, _ = create_flow_run(store, flow_id=flow, name="fast-otter", scheduled_start_time=start, **wanted)
    clock.at(13, 42, 9.123456)
    create_flow_run(store, flow_id=flow, name="calm-crow", scheduled_start_time="2024-05-17T18:00:00.000000+00:00")
    clock.at(13, 45, 0.0412)
    claim(store, None, ["gpu", "prod"])
    clock.at(13, 45, 0.310022)
    set_flow_run_state(store, run["id"], {"type": "Running", "message": "Running flow."})
    succeed(store, clock, run["id"])
    set_key_value(store, "region", "eu-west-1")


def fail(store: Store, clock: Clock, flow: str) -> None:
    run, _ = create_flow_run(store, flow_id=flow, name="sad-seal")
    clock.at(9, 0, 2)
    set_flow_run_state(store, run["id"], {"type": "Failed", "message": "The disk is full."})


def succeed(store: Store, clock: Clock, run_id: str) -> None:
    for second, slug in enumerate(("extract-1", "load-1"), 1):
        task_run = get_or_create_task_run(store, run_id, task_slug=slug)["id"]
        for part, kind in ((0.1, "Running"), (0.9, "Success")):
            clock.at(13, 45, second + part)
            set_task_run_state(store, task_run, {"type": kind, "message": f"Task run is {kind}."})
            entry = {"flow_run_id": run_id, "task_run_id": task_run, "name": "prefect.TaskRunner"}
            write_logs(store, {**entry, "message": f"Task '{slug[:-2]}': {kind}"})
    create_artifact(store, task_run, "link", {"link": "https://example.com/rows.csv"})
    clock.at(13, 45, 3)
    set_flow_run_state(store, run_id, {"type": "Success", "message": "All reference tasks succeeded."})


@pytest.fixture
def folder(home) -> Path:
    """The folder of a store after a day."""
    (home / ".prefect").mkdir(mode=0o700)
    clock = Clock()
    store = Store(str(home / ".prefect" / "store"), system=clock, program="0.1.0", durability="process")
    live_a_day(store, clock)
    return Path(store.root)


def transcript() -> list[tuple[str, str]]:
    """Each command of the page with the lines that follow it."""
    text = "".join(match["text"] for match in CONSOLE.finditer(PAGE.read_text(encoding="utf-8")))
    parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2]))


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_commands_of_the_page_print_what_it_shows(folder, home):
    commands = transcript()
    done = subprocess.run(
        ["sh"],
        input="".join(f"{command}\necho {END}\n" for command, _ in commands),
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "LANG": "C.UTF-8",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.stderr == ""
    printed = done.stdout.replace(str(home), "/home/you").split(f"{END}\n")
    assert len(printed) == len(commands) + 1
    for (command, shown), found in zip(commands, printed):
        assert without_ids(found) == without_ids(shown), command


def test_every_folder_of_the_store_is_on_the_page():
    """And nothing that the store does not know."""
    shown = set(re.findall(r"`([a-z-]+)/", PAGE.read_text(encoding="utf-8").split("\n## ")[0]))

    assert shown == {pattern.split("/")[0] for pattern in places.PATTERNS.values() if "/" in pattern}
