"""Large values leave the workers of a Dask cluster as soon as nobody needs them any more (docs/decisions/0016)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from distributed import Client, Event, get_client, get_worker

import prefect
from prefect import Flow, flatten, task
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.state import State
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.triggers import all_finished

from .conftest import Calls

LARGE = 10 * LARGEST_SENT


def held() -> list[str]:
    """Names of the runs whose values the cluster holds, seen from inside a task."""
    with Client(get_worker().scheduler.address, set_as_default=False) as client:
        keys = client.run_on_scheduler(
            lambda dask_scheduler: [str(key) for key, state in dask_scheduler.tasks.items() if state.state == "memory"]
        )
    return sorted(key.rpartition("-")[0] for key in keys if key.startswith(("make", "change")))


@task
def make(n: int) -> bytes:
    return bytes(LARGE + n)


@task
def change(value: bytes) -> bytes:
    return value + b"."


@task
def length(value: bytes) -> int:
    return len(value)


@task(trigger=all_finished)
def look(after: Any) -> list[str]:
    return held()


@pytest.fixture
def run_for(executor: DaskExecutor) -> Callable[..., State]:
    """Runs a pass over a flow for the values of some tasks only."""

    def run(flow: Flow, *tasks: Any, **options: Any) -> State:
        return FlowRunner(flow).run(executor=executor, return_tasks=tasks, **options)

    return run


def test_a_value_goes_when_all_tasks_that_need_it_are_done(run_for: Any) -> None:
    with Flow("f") as flow:
        made = make(0)
        before = look(length(made))
        also_needed = length(made, upstream_tasks=[before])
        after = look(also_needed)
    state = run_for(flow, before, after)
    assert state.result[before].result == ["make"]
    assert state.result[after].result == []


def test_a_value_of_a_child_goes_when_the_child_that_needs_it_is_done(run_for: Any) -> None:
    """The second one does so only when the third level has looked at what came of the first one."""

    @task
    def wait(value: bytes) -> int:
        n = len(value) - LARGE
        if n:
            with get_client():
                assert Event("seen").wait(timeout=30)
        return n

    @task
    def see(n: int) -> list[str] | None:
        if n:
            return None
        try:
            return held()
        finally:
            with get_client():
                Event("seen").set()

    with Flow("f") as flow:
        seen = see.map(wait.map(make.map([0, 1])))
    assert run_for(flow, seen).result[seen].result[0] == ["make-1"]


def test_values_that_are_asked_for_are_kept(run_for: Any) -> None:
    with Flow("f") as flow:
        made = make.map([0, 1])
        looked = look(length.map(made))
    state = run_for(flow, made, looked)
    assert state.result[looked].result == ["make-0", "make-1"]
    assert state.result[made].result == [bytes(LARGE), bytes(LARGE + 1)]


def test_flattened_values_are_kept_until_all_children_are_done(run_for: Any) -> None:
    @task(name="make list")
    def make_list(n: int) -> list[bytes]:
        return [bytes(LARGE)] * n

    with Flow("f") as flow:
        lengths = length.map(flatten(make_list.map([1, 2])))
        looked = look(lengths)
    state = run_for(flow, lengths, looked)
    assert state.result[lengths].result == [LARGE] * 3
    assert state.result[looked].result == []


def test_a_value_stays_for_a_task_that_is_to_be_tried_again(executor: DaskExecutor, calls: Calls) -> None:
    @task(max_retries=1, retry_delay=timedelta(0))
    def fragile(value: bytes) -> int:
        if len(value) > LARGE and prefect.context.task_run_count == 1:
            raise ValueError("again")
        calls.add(len(value) - LARGE)
        return len(value)

    with Flow("f") as flow:
        made = make.map([0, 1])
        lengths = fragile.map(made)
    runner = FlowRunner(flow)
    runner.valued_tasks = ()
    state = runner.run(executor=executor, return_tasks=flow.tasks)
    assert [child.result for child in state.result[made].map_states] == [None, bytes(LARGE + 1)]

    state = runner.run(executor=executor, return_tasks=flow.tasks, task_states=state.result)
    assert state.result[lengths].result == [LARGE, LARGE + 1]
    assert calls.all() == ["0", "1"]
