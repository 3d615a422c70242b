"""The interface of executors (core.md §14.1 to §14.3)."""

from __future__ import annotations

import threading
from typing import Any

import cloudpickle
import pytest

from prefect import Flow, task
from prefect.executors import Executor, LocalDaskExecutor, LocalExecutor
from prefect.utilities.configuration import set_temporary_config


@task
def thread_name() -> str:
    return threading.current_thread().name


with Flow("where") as where:
    name = thread_name()


def add(x: int, y: int) -> int:
    return x + y


def test_an_executor_shows_its_class() -> None:
    assert repr(LocalExecutor()) == "<Executor: LocalExecutor>"


def test_the_local_executor_calls_at_once_and_waits_for_nothing() -> None:
    executor = LocalExecutor()
    with executor.start():
        assert executor.wait(executor.submit(add, 1, y=2)) == 3


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ("threads", "threads"),
        ("threading", "threads"),
        ("Threads", "threads"),
        ("processes", "processes"),
        ("multiprocessing", "processes"),
        ("sync", "sync"),
        ("synchronous", "sync"),
        ("single-threaded", "sync"),
    ],
)
def test_every_name_of_a_scheduler_is_known(given: str, known: str) -> None:
    assert LocalDaskExecutor(scheduler=given).scheduler == known


def test_an_unknown_scheduler_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Unknown scheduler 'nope'\. Use 'threads', 'processes' or 'sync'\.$"):
        LocalDaskExecutor(scheduler="nope")


@pytest.mark.parametrize("scheduler", ["threads", "processes", "sync"])
def test_submitted_calls_are_resolved_in_any_nesting(scheduler: str) -> None:
    executor = LocalDaskExecutor(scheduler=scheduler, num_workers=2)
    with executor.start():
        futures = {"sums": [executor.submit(add, 1, 2), (executor.submit(add, 3, 4), 5)]}
        assert executor.wait(futures) == {"sums": [3, (7, 5)]}


def test_work_outside_a_run_is_refused() -> None:
    with pytest.raises(ValueError, match="takes work only while it runs"):
        LocalDaskExecutor().submit(add, 1, 2)


def test_an_executor_survives_pickling() -> None:
    copy = cloudpickle.loads(cloudpickle.dumps(LocalDaskExecutor("processes", num_workers=3)))
    assert (copy.scheduler, copy.num_workers) == ("processes", 3)


def test_the_argument_wins_over_the_flow_and_the_flow_over_the_configuration() -> None:
    def thread_of(flow: Flow, **options: Any) -> str:
        state = flow.run(**options)
        assert state is not None
        return str(state.result[name].result)

    with_threads = where.copy()
    with_threads.executor = LocalDaskExecutor(num_workers=1)
    here = threading.current_thread().name

    assert thread_of(where) == here
    assert thread_of(with_threads).startswith("prefect-task")
    assert thread_of(with_threads, executor=LocalExecutor()) == here
    with set_temporary_config({"engine.executor.default_class": LocalDaskExecutor}):
        assert thread_of(where).startswith("prefect-task")


def test_a_default_class_that_leads_nowhere_warns_and_runs_locally() -> None:
    with (
        set_temporary_config({"engine.executor.default_class": "nope.Nope"}),
        pytest.warns(
            UserWarning, match=r"Could not import nope\.Nope; using prefect\.executors\.LocalExecutor instead"
        ),
    ):
        state = where.run()
    assert state is not None
    assert state.is_successful()


class Recording(Executor):
    """An executor as somebody else may have written it."""

    def __init__(self) -> None:
        self.submitted: list[dict[str, Any] | None] = []

    def submit(self, fn: Any, *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        self.submitted.append(extra_context)
        return lambda: fn(*args, **kwargs)

    def wait(self, futures: Any) -> Any:
        return futures()


def test_an_executor_of_ones_own_gets_every_task_and_mapped_child() -> None:
    @task(tags=["io"])
    def double(n: int) -> int:
        return 2 * n

    with Flow("own") as flow:
        doubled = double.map([1, 2])
        total = double(doubled)
    executor = Recording()

    state = flow.run(executor=executor)

    assert state is not None
    assert state.result[doubled].result == [2, 4]
    assert state.result[total].result == [2, 4, 2, 4]
    assert executor.submitted == [
        {"task_name": "double", "task_tags": {"io"}, "task_index": 0},
        {"task_name": "double", "task_tags": {"io"}, "task_index": 1},
        {"task_name": "double", "task_tags": {"io"}, "task_index": None},
    ]


def test_an_executor_without_submit_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Executor does not say how to submit work"):
        Executor().submit(add, 1, 2)


def test_the_old_place_of_executors_works_and_warns() -> None:
    from prefect.engine.executors import LocalDaskExecutor as Deprecated

    with pytest.warns(UserWarning, match=r"use prefect\.executors\.LocalDaskExecutor"):
        executor = Deprecated(scheduler="threads")
    assert isinstance(executor, LocalDaskExecutor)
    assert repr(executor) == "<Executor: LocalDaskExecutor>"
