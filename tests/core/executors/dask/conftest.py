"""A Dask cluster of two worker processes on this machine, which the tests of a module share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster, utils

import prefect
from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.engine.state import State
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT

#: Arguments of a cluster that serves no dashboard, and its few other pages at any port. To silence its logs would silence
#: the handler of pytest.
QUIET = {"dashboard_address": ":0", "scheduler_kwargs": {"dashboard": False}, "silence_logs": False}
TWO_PROCESSES = {"n_workers": 2, "threads_per_worker": 1, **QUIET}
#: One whose only worker is a thread of this process, which begins at once.
IN_PROCESS = {"n_workers": 1, "threads_per_worker": 1, "processes": False, **QUIET}


@pytest.fixture(scope="module", autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Dask keeps a thread for ever, and a process with more than one must not be forked, which later tests do."""
    yield
    utils._offload_executor.shutdown()
    utils._offload_executor = ThreadPoolExecutor(1, thread_name_prefix="Dask-Offload")


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(**TWO_PROCESSES, resources={"GPU": 2}) as cluster:
        yield cluster


@pytest.fixture
def executor(cluster: LocalCluster) -> DaskExecutor:
    return DaskExecutor(address=cluster.scheduler_address)


@pytest.fixture
def run(executor: DaskExecutor) -> Callable[..., State]:
    """Runs a flow on the cluster."""

    def ran(flow: Flow, **options: Any) -> State:
        state = flow.run(**{"executor": executor, **options})
        assert state is not None
        return state

    return ran


class Calls:
    """What the function under test was called with, in whatever process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, x: Any) -> None:
        with open(self._path, "a") as file:
            file.write(f"{x}\n")

    def all(self) -> list[str]:
        return sorted(self._path.read_text().split()) if self._path.exists() else []


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return Calls(tmp_path / "calls")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where values are stored."""
    return tmp_path / "values"


def asking_flow() -> tuple[Flow, Task]:
    """Return a flow with a mapped task of which the second child pauses, and that task."""

    @task
    def asks(n: int) -> int:
        if n and not prefect.context.get("resume"):
            raise signals.PAUSE("may I?")
        return n

    with Flow("f") as flow:
        asked = asks.map([0, 1])
    return flow, asked


def growing_flow(folder: Path) -> tuple[Flow, Task]:
    """Return a flow with a large value that goes through a loop and its retry, and the task that tells its length."""

    @task(max_retries=1, retry_delay=timedelta(0))
    def grow() -> str:
        so_far = prefect.context.get("task_loop_result", "")
        count = prefect.context.get("task_loop_count", 1)
        if count == 2 and prefect.context.task_run_count == 1:
            raise ValueError("again")
        if count < 3:
            raise signals.LOOP(result=so_far + "x" * LARGEST_SENT)
        return so_far + "."

    with Flow("f", result=LocalResult(dir=str(folder))) as flow:
        length = task(lambda text: len(text), name="length")(grow())
    return flow, length
