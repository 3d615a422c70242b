"""What becomes of a flow run when workers of its Dask cluster die, or are told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dask
import pytest
from distributed import Client, Event, Future, LocalCluster, get_client

from prefect import Flow, task
from prefect.engine.state import State
from prefect.executors import DaskExecutor
from prefect.triggers import all_failed

from .conftest import TWO_PROCESSES

Run = Callable[..., State]


@pytest.fixture(scope="module")
def strict_cluster() -> Iterator[LocalCluster]:
    """One where a Dask task is not tried again when its worker dies."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), LocalCluster(**TWO_PROCESSES) as cluster:
        yield cluster


def test_dask_runs_the_tasks_of_a_worker_that_dies_elsewhere(run: Run, tmp_path: Path) -> None:
    @task
    def die_once(n: int) -> tuple[int, int]:
        mark = tmp_path / "died"
        if n == 100 and not mark.exists():
            mark.write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return n, os.getpid()

    @task
    def second(pair: tuple[int, int]) -> int:
        return pair[0] + 1

    with Flow("dying") as flow:
        first = die_once.map(list(range(200)))
        ends = second.map(first)
    state = run(flow)
    assert state.is_successful()
    assert state.result[ends].result == list(range(1, 201))
    pids = [pid for _, pid in state.result[first].result]
    dead = int((tmp_path / "died").read_text())
    assert dead in pids  # it had done a part
    assert pids[100] != dead


def test_a_worker_dies_in_the_midst_of_two_thousand_children_and_the_flow_succeeds_since_its_tasks_retry(
    strict_cluster: LocalCluster, tmp_path: Path
) -> None:
    @task(max_retries=1, retry_delay=timedelta(0))
    def die_once(n: int) -> int:
        mark = tmp_path / "died"
        if n == 1000 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    with Flow("reviving") as flow:
        results = die_once.map(list(range(2000)))
    state = flow.run(executor=DaskExecutor(address=strict_cluster.scheduler_address))
    assert state is not None
    assert state.is_successful()
    assert state.result[results].result == list(range(2000))


def test_a_task_that_kills_its_worker_fails_with_the_reason(
    strict_cluster: LocalCluster, caplog: pytest.LogCaptureFixture
) -> None:
    @task
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with Flow("dying") as flow:
        dying = die()
        after = task(lambda: "alive", name="after")(upstream_tasks=[dying])
        after.trigger = all_failed
    state = flow.run(executor=DaskExecutor(address=strict_cluster.scheduler_address))
    assert state is not None
    reason = "Task 'die' failed. Every Dask worker that ran it died."
    assert state.result[dying].message == reason
    assert reason in caplog.messages
    assert state.result[after].result == "alive"


def test_a_dask_task_that_somebody_cancels_fails_its_task(cluster: LocalCluster, run: Run) -> None:
    @task
    def wait() -> None:
        with get_client():
            Event("begun").set()
            Event("never").wait(timeout=30)

    with Flow("cancelled") as flow:
        waiting = wait()

    def cancel() -> None:
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            Event("begun", client=client).wait(timeout=30)
            (key,) = (key for key in cluster.scheduler.tasks if str(key).startswith("wait-"))
            client.cancel(Future(key, client=client), force=True)

    other = threading.Thread(target=cancel)
    other.start()
    state = run(flow)
    other.join()
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        Event("never", client=client).set()
    assert "Dask has cancelled it" in state.result[waiting].message


SCRIPT = r"""
import os, threading
from prefect import Flow, task
from prefect.executors import DaskExecutor
from prefect.triggers import all_failed

@task
def wait(n):
    try:
        os.write(1, b"%d\n" % os.getpid())
        while True:
            threading.Event().wait(0.02)
    finally:
        os.write(1, b"cleaned up\n")

with Flow("interrupted") as flow:
    wait.map([1, 2, 3])

if __name__ == "__main__":
    kwargs = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "scheduler_kwargs": {"dashboard": False}}
    try:
        flow.run(executor=DaskExecutor(cluster_kwargs=kwargs))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.parametrize("goes_to_workers", [False, True], ids=["to the flow run", "to all processes of a terminal"])
def test_ctrl_c_interrupts_the_tasks_and_closes_the_cluster(tmp_path: Path, goes_to_workers: bool) -> None:
    script = tmp_path / "interrupted.py"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PREFECT__LOGGING__LEVEL": "CRITICAL"},
    )
    assert process.stdout is not None
    try:
        workers = [int(process.stdout.readline()) for _ in range(2)]
        (os.killpg if goes_to_workers else os.kill)(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert out == "cleaned up\ncleaned up\ninterrupted\n"
    assert err == ""
    for worker in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
