"""A Dask cluster of two worker processes on this machine, which the tests of a module share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from distributed import LocalCluster

from prefect import Flow
from prefect.engine.state import State
from prefect.executors import DaskExecutor

#: Arguments of a cluster that opens no page for its dashboard.
TWO_PROCESSES = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
#: One whose only worker is a thread of this process, which begins at once.
IN_PROCESS = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(**TWO_PROCESSES) as cluster:
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
