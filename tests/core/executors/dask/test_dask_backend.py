"""States and log lines of tasks on a Dask cluster reach whoever looks after the flow run."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Client, Flow, task
from prefect.backend.execution import run_here
from prefect.engine.results import LocalResult
from prefect.engine.state import Cancelled, Failed, State
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.orchestration.limits import update_task_tag_limit
from prefect.orchestration.task_runs import task_runs
from prefect.storage.state.store import Store
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.logging import log_to, temporary_logger_config

Run = Callable[..., State]


@task
def divide(n: int) -> float:
    return 1 / n


# ---- log lines -------------------------------------------------------------------------------------------------------


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """What the loggers of this process show."""
    stream = io.StringIO()
    log_to(stream)
    yield stream
    log_to(sys.stdout)


def test_lines_of_tasks_are_shown_by_the_process_of_the_flow_run_as_it_shows_its_own(
    run: Run, out: io.StringIO
) -> None:
    @task
    def speaks(n: int) -> None:
        prefect.context.logger.debug("below the level")
        prefect.context.logger.info("hello from %s: %d", "afar", n)

    with Flow("speaking") as flow:
        speaks.map([1, 2])
    with temporary_logger_config(stream_fmt="> %(name)s | %(message)s | %(task_name)s"):
        run(flow)
    lines = [line for line in out.getvalue().splitlines() if "afar" in line]
    assert sorted(lines) == [f"> prefect.speaks[{n - 1}] | hello from afar: {n} | speaks" for n in (1, 2)]


def test_the_level_is_that_of_the_flow_run(run: Run, out: io.StringIO) -> None:
    @task
    def speaks() -> None:
        prefect.context.logger.debug("in detail")
        prefect.context.logger.info("in short")

    with Flow("speaking") as flow:
        speaks()
    with temporary_logger_config(level="DEBUG"):
        run(flow)
    assert "in detail" in out.getvalue()
    out.truncate(0)
    with temporary_logger_config(level="WARNING"):
        run(flow)
    assert "in short" not in out.getvalue()


def test_what_a_task_prints_is_logged_if_it_asks_for_that(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    @task(log_stdout=True)
    def speaks() -> None:
        print("printed")

    with Flow("speaking") as flow:
        speaks()
    run(flow)
    assert "printed" in caplog.messages


def test_other_loggers_that_are_configured_are_heard(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    @task
    def speaks() -> None:
        logging.getLogger("mine").info("from a library")
        logging.getLogger("other").info("from another")

    with Flow("speaking") as flow:
        speaks()
    logging.getLogger("mine").setLevel("INFO")
    with set_temporary_config({"logging.extra_loggers": ["mine"]}):
        run(flow)
    assert "from a library" in caplog.messages
    assert "from another" not in caplog.messages


# ---- a backend -------------------------------------------------------------------------------------------------------


@pytest.fixture
def execute(register: Callable[..., str], executor: DaskExecutor) -> Callable[..., tuple[str, State]]:
    """Registers a flow, executes a run of it here, its tasks on the cluster; returns the run's id and its last state."""

    def executed(flow: Flow) -> tuple[str, State]:
        flow.executor = executor
        flow_run_id = Client().create_flow_run(flow_id=register(flow))
        return flow_run_id, run_here(flow_run_id, flow)

    return executed


def states_of(backend: Store, flow_run_id: str) -> dict[str, str]:
    return {f"{run['task']}/{run['map_index']}": run["state"]["type"] for run in task_runs(backend, flow_run_id)}


def test_states_and_log_lines_reach_the_backend(execute: Any, backend: Store) -> None:
    @task
    def speaks(n: int) -> float:
        prefect.context.logger.info("hello from afar: %d", n)
        return 1 / n

    with Flow("f") as flow:
        speaks.map([1, 0])
    flow_run_id, state = execute(flow)
    assert isinstance(state, Failed)
    assert states_of(backend, flow_run_id) == {
        "[1, 0]-1/-1": "Success",
        "speaks-1/-1": "Mapped",
        "speaks-1/0": "Success",
        "speaks-1/1": "Failed",
    }
    lines = list(backend.logs.read(flow_run_id))
    ids = {run["id"] for run in task_runs(backend, flow_run_id)}
    own = [line for line in lines if "from afar" in line["message"]]
    assert sorted(line["message"] for line in own) == ["hello from afar: 0", "hello from afar: 1"]
    assert {line["task_run_id"] for line in own} < ids
    (broken,) = (
        line["message"] for line in lines if line["level"] == "ERROR" and "Exception encountered" in line["message"]
    )
    assert broken.splitlines()[1] == "Traceback (most recent call last):"
    assert broken.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_values_are_stored_where_the_result_of_the_task_says(execute: Any, backend: Store, tmp_path: Path) -> None:
    @task(result=LocalResult(dir=str(tmp_path), location="{task_name}.pickle"))
    def make() -> bytes:
        return bytes(LARGEST_SENT + 1)

    @task
    def length(value: bytes) -> int:
        return len(value)

    with Flow("f") as flow:
        length(make())
    flow_run_id, state = execute(flow)
    assert state.is_successful()
    assert LocalResult(dir=str(tmp_path)).read("make.pickle").value == bytes(LARGEST_SENT + 1)
    (made,) = (run for run in task_runs(backend, flow_run_id) if run["task"] == "make-1")
    assert made["state"]["_result"]["location"] == str(tmp_path / "make.pickle")


class When(logging.Handler):
    """Does something when a line is logged in this process."""

    def __init__(self, message: str, act: Callable[[logging.LogRecord], Any]) -> None:
        super().__init__()
        self._message = message
        self._act = act

    def emit(self, record: logging.LogRecord) -> None:
        if self._message in record.getMessage():
            self._act(record)


@pytest.fixture
def when() -> Iterator[Callable[..., None]]:
    logger, handlers = logging.getLogger("prefect"), []

    def added(message: str, act: Callable[[logging.LogRecord], Any]) -> None:
        handlers.append(When(message, act))
        logger.addHandler(handlers[-1])

    yield added
    for handler in handlers:
        logger.removeHandler(handler)


def test_a_limit_for_a_tag_holds_on_the_cluster(execute: Any, backend: Store, when: Any, tmp_path: Path) -> None:
    """Each task runs until the other one has been told to wait."""
    mark = tmp_path / "one waits"

    @task(tags=["db"])
    def use() -> None:
        deadline = time.monotonic() + 30
        while not mark.exists() and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        assert mark.exists()

    with Flow("f") as flow:
        use()
        use()
    when("final state: 'Queued'", lambda record: mark.touch())
    update_task_tag_limit(backend, "db", 1)
    _, state = execute(flow)
    assert state.is_successful()


def test_a_retry_after_a_worker_died_is_recorded(execute: Any, backend: Store, tmp_path: Path) -> None:
    """Dask runs the task again by itself, so that the backend sees it begin twice and end once."""

    @task(max_retries=1, retry_delay=timedelta(0))
    def die_once(n: int) -> int:
        mark = tmp_path / "died"
        if n == 3 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    with Flow("f") as flow:
        die_once.map(list(range(6)))
    flow_run_id, state = execute(flow)
    assert state.is_successful()
    assert set(states_of(backend, flow_run_id).values()) == {"Mapped", "Success"}


def test_a_run_is_cancelled_in_the_midst_of_a_task(
    execute: Any, backend: Store, when: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("prefect.backend.watcher.LOCAL_INTERVAL", 0.01)
    client = Client()

    @task
    def waits() -> None:
        prefect.context.logger.info("begun")
        try:
            while True:
                threading.Event().wait(0.02)
        finally:
            (tmp_path / "cleaned up").touch()

    with Flow("f") as flow:
        divide(waits())
    when("begun", lambda record: client.cancel_flow_run(record.__dict__["flow_run_id"]))
    flow_run_id, state = execute(flow)
    assert state == Cancelled("Flow run is cancelled")
    assert states_of(backend, flow_run_id) == {"waits-1/-1": "Cancelled", "divide-1/-1": "Cancelled"}
    assert (tmp_path / "cleaned up").exists()
