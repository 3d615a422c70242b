"""A Dask cluster of two worker processes on this machine, which the tests of a module share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster, utils

from prefect import Flow
from prefect.engine.state import State
from prefect.executors import DaskExecutor

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
