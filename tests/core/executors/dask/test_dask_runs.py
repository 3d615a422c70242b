"""Flows on a Dask cluster give the states they give in one thread, each run being a Dask task (core.md §14.4)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from distributed import Event, LocalCluster, get_client
from distributed.diagnostics.plugin import SchedulerPlugin
from flows_side_by_side import (
    AS_IN_ONE_THREAD,
    add,
    branching_flow,
    leaving_flow,
    names,
    retries_loops_and_context,
    summary,
)

import prefect
from prefect import Flow, task
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.state import State, Success
from prefect.engine.task_runner import TaskRunner
from prefect.executors import DaskExecutor, LocalExecutor

Run = Callable[..., State]


class DaskTasks(SchedulerPlugin):
    """Counts the Dask tasks that come to their end."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def transition(self, key: str, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
        if (start, finish) == ("processing", "memory"):
            self.done.append(key)


@pytest.fixture
def dask_tasks(cluster: LocalCluster) -> DaskTasks:
    plugin = DaskTasks()
    cluster.scheduler.add_plugin(plugin, name="counting")
    yield plugin
    cluster.scheduler.remove_plugin("counting")


def test_the_states_are_those_of_a_run_in_one_thread(run: Run) -> None:
    flow = branching_flow()
    alone = flow.run(executor=LocalExecutor())
    assert alone is not None
    assert summary(flow, run(flow)) == summary(flow, alone)


def test_every_child_is_a_dask_task_on_one_of_the_workers(run: Run, dask_tasks: DaskTasks) -> None:
    @task
    def where(n: int) -> tuple[int, int]:
        return n, os.getpid()

    with Flow("many") as flow:
        found = where.map(list(range(300)))
    values = run(flow).result[found].result
    assert [n for n, _ in values] == list(range(300))
    assert len({pid for _, pid in values} - {os.getpid()}) == 2
    assert sorted(int(key.split("-")[1]) for key in dask_tasks.done) == list(range(300))


def test_dask_tasks_have_the_names_of_the_tasks(run: Run, dask_tasks: DaskTasks) -> None:
    with Flow("named") as flow:
        add.map([1, 2])
        names([])
    run(flow)
    assert sorted(key.rpartition("-")[0] for key in dask_tasks.done) == ["add-0", "add-1", "names"]


def test_the_tags_of_a_task_say_what_it_needs_of_a_worker(run: Run, cluster: LocalCluster) -> None:
    @task(tags=["dask-resource:GPU=1"])
    def needed() -> dict[str, float]:
        return get_client().run_on_scheduler(
            lambda dask_scheduler: [state.resource_restrictions for state in dask_scheduler.tasks.values()]
        )

    with Flow("needing") as flow:
        need = needed()
    assert run(flow).result[need].result == [{"GPU": 1.0}]


def test_a_child_begins_when_its_own_upstream_child_is_done(run: Run) -> None:
    """The second level of child 0 runs while child 1 of the first level has not ended."""

    @task
    def first(n: int) -> int:
        if n == 1:
            with get_client():
                assert Event("second level reached").wait(timeout=30)
        return n

    @task
    def second(n: int) -> int:
        if n == 0:
            with get_client():
                Event("second level reached").set()
        return n

    with Flow("levels") as flow:
        ends = second.map(first.map([0, 1]))
    assert run(flow).result[ends].result == [0, 1]


def test_retries_loops_and_context_work(run: Run) -> None:
    assert retries_loops_and_context(run) == AS_IN_ONE_THREAD


def test_children_that_an_earlier_pass_finished_are_no_dask_tasks_again(run: Run, dask_tasks: DaskTasks) -> None:
    @task(max_retries=1, retry_delay=timedelta(0))
    def odd_at_once(n: int) -> int:
        if n % 2 == 0 and prefect.context.task_run_count == 1:
            raise ValueError("again")
        return n

    with Flow("again") as flow:
        found = odd_at_once.map(list(range(6)))
    assert run(flow).result[found].result == list(range(6))
    assert sorted(int(key.split("-")[1]) for key in dask_tasks.done) == [0, 0, 1, 2, 2, 3, 4, 4, 5]


def test_a_task_with_a_timeout_is_stopped(run: Run) -> None:
    @task(timeout=1)
    def endless() -> None:
        threading.Event().wait(60)

    with Flow("late") as flow:
        late = endless()
    state = run(flow).result[late]
    assert (type(state).__name__, state.message) == ("TimedOut", "Task timed out during execution.")


def test_sys_exit_in_a_task_leaves_the_run(run: Run) -> None:
    with pytest.raises(SystemExit) as caught:
        run(leaving_flow())
    assert caught.value.code == 7


def test_a_task_runner_of_ones_own_runs_the_tasks(executor: DaskExecutor) -> None:
    class Doubling(TaskRunner):
        def run(self, **options: Any) -> State:
            state = super().run(**options)
            if state.is_successful() and not state.is_mapped():
                state.result = 2 * state.result
            return state

    with Flow("own runner") as flow:
        added = add.map([1, 2])
    state = FlowRunner(flow, task_runner_cls=Doubling).run(executor=executor, return_tasks=flow.tasks)
    assert state.result[added].result == [4, 6]


def test_an_input_that_cannot_be_pickled_fails_its_task_with_the_reason(run: Run) -> None:
    with Flow("lock") as flow:
        added, alone = add(threading.Lock()), add(1)
    state = run(flow)
    assert state.result[alone].is_successful()
    assert state.result[added].message == (
        "Task 'add' failed. Its inputs cannot be sent to a worker process:"
        " TypeError(\"cannot pickle '_thread.lock' object\"). Pass values that can be pickled, or use threads."
    )


def test_an_input_known_only_when_the_flow_runs_that_cannot_be_pickled_fails_its_task(run: Run) -> None:
    source = task(lambda: None, name="source")
    with Flow("lock") as flow:
        added = add(source)
    state = run(flow, task_states={source: Success(result=threading.Lock())})
    assert "Its inputs cannot be sent to a worker process" in state.result[added].message


@pytest.mark.parametrize("size", [0, 1_000_000], ids=["small", "large"])
def test_a_value_that_cannot_be_pickled_fails_its_task_with_the_reason(run: Run, size: int) -> None:
    @task
    def make() -> Any:
        return bytes(size), (n for n in range(3))

    with Flow("generator") as flow:
        made, after = make(), add(1)
    state = run(flow)
    assert state.result[after].result == 2
    assert state.result[made].message == (
        "Task 'make' failed. Its value of type tuple cannot be sent to another process:"
        " TypeError(\"cannot pickle 'generator' object\"). Return something that can be pickled, or use threads."
    )
