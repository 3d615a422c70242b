"""What becomes of a flow run that loses its Dask scheduler, and of a cluster that loses a flow run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from distributed import Client, Event, LocalCluster

from prefect import Flow, task
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.observer import Observer
from prefect.engine.state import State
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.task import Task
from prefect.triggers import all_finished

# ---- the scheduler is gone -------------------------------------------------------------------------------------------


class Scheduler(NamedTuple):
    """A scheduler that is a process of its own."""

    pid: int
    address: str


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Scheduler]:
    """A scheduler with one worker."""
    file = tmp_path / "scheduler.json"
    options = ["--scheduler-file", str(file), "--no-dashboard"]
    with (
        ended("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *options) as process,
        ended("-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *options),
    ):
        wait_until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        yield Scheduler(process.pid, json.loads(file.read_text())["address"])


@contextmanager
def ended(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Python that is killed at the end."""
    with subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        yield process
        process.kill()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


@task
def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    threading.Event().wait(60)


@task(trigger=all_finished)
def after() -> str:
    return "after"


def test_a_lost_scheduler_fails_what_has_begun_and_what_follows_at_once(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    """Dask would try for 30 seconds to find it again, and knows nothing of the flow run if it does."""
    with Flow("f") as flow:
        killed = kill(scheduler.pid)
        queued = after()
        later = after(upstream_tasks=[killed, queued])
    state = flow.run(executor=DaskExecutor(address=scheduler.address))
    assert state is not None
    assert state.message == "Some reference tasks failed."
    assert [state.result[one].message for one in (killed, queued, later)] == [
        f"Task '{name}' failed. The connection to the Dask scheduler was lost." for name in ("kill", "after", "after")
    ]
    assert not [message for message in caplog.messages if message.startswith("Failed to reconnect")]


def test_values_that_were_lost_with_the_scheduler_fail_their_tasks(scheduler: Scheduler) -> None:
    @task
    def make() -> bytes:
        return bytes(2 * LARGEST_SENT)

    with Flow("f") as flow:
        made = make()
        kill(scheduler.pid, upstream_tasks=[made])
    state = flow.run(executor=DaskExecutor(address=scheduler.address))
    assert state is not None
    assert state.result[made].message.startswith(
        "The value of the task 'make' could not be fetched from the Dask cluster:"
    )


# ---- the flow run is gone --------------------------------------------------------------------------------------------

FLOW_RUN = """
import sys
from distributed import Event, get_client
from prefect import Flow, task
from prefect.executors import DaskExecutor

@task
def wait(name):
    with get_client():
        Event(name + " begun").set()
        Event(name + " may end").wait(timeout=60)

with Flow("f") as flow:
    wait(sys.argv[2])

if __name__ == "__main__":
    flow.run(executor=DaskExecutor(address=sys.argv[1]))
"""


def prefect_plugins(cluster: LocalCluster) -> list[str]:
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        names = client.run(lambda dask_worker: list(dask_worker.plugins))
    known = [
        *cluster.scheduler.worker_plugins,
        *cluster.scheduler.plugins,
        *(each for found in names.values() for each in found),
    ]
    return [name for name in known if name.startswith("prefect-")]


def test_a_flow_run_that_is_killed_leaves_nothing_on_a_cluster(cluster: LocalCluster, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(FLOW_RUN)
    with (
        ended(str(script), cluster.scheduler_address, "killed") as process,
        Client(cluster.scheduler_address, set_as_default=False) as client,
    ):
        assert Event("killed begun", client=client).wait(timeout=30)
        assert len(prefect_plugins(cluster)) == 4  # for each worker, for those to come, and one of the scheduler
        process.kill()
        wait_until(lambda: not prefect_plugins(cluster))
        Event("killed may end", client=client).set()


def test_a_flow_run_that_ends_leaves_nothing_on_a_cluster(executor: DaskExecutor, cluster: LocalCluster) -> None:
    Flow("f", tasks=[after]).run(executor=executor)
    wait_until(lambda: not prefect_plugins(cluster))


# ---- a worker is gone while values are fetched -----------------------------------------------------------------------


def test_a_worker_that_makes_a_lost_value_anew_at_the_end_gets_its_answers(
    executor: DaskExecutor, tmp_path: Path
) -> None:
    """The observer may hold the task back, so that its second run asks as its first one did."""
    marks = tmp_path / "made"

    class KillsTheMaker(Observer):
        def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
            if task.name == "last" and new.is_successful():
                os.kill(int(marks.read_text().split()[0]), signal.SIGKILL)
            return None

    @task
    def make() -> bytes:
        with open(marks, "a") as file:
            file.write(f"{os.getpid()}\n")
        return bytes(2 * LARGEST_SENT)

    with Flow("f") as flow:
        made = make()
        task(lambda: None, name="last")(upstream_tasks=[made])
    state: Any = FlowRunner(flow).run(executor=executor, observer=KillsTheMaker(), return_tasks=[made])
    assert state.result[made].result == bytes(2 * LARGEST_SENT)
    assert len(marks.read_text().split()) == 2
