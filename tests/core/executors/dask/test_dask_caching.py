"""Values that are there already, on a Dask cluster: caches, targets and stored results (core.md §9, §14.4)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Flow, Parameter, Task, task
from prefect.engine import signals
from prefect.engine.cache_validators import (
    all_inputs,
    all_parameters,
    duration_only,
    never_use,
    partial_inputs_only,
    partial_parameters_only,
)
from prefect.engine.results import LocalResult, PrefectResult
from prefect.engine.state import Cached, State, Success
from prefect.executors import DaskExecutor, LocalExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.utilities.configuration import set_temporary_config

from .conftest import Calls, asking_flow, growing_flow

Run = Callable[..., State]

HOUR = timedelta(hours=1)
FIRST, SECOND = {"a": 1, "b": 1}, {"a": 1, "b": 2}


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Any:
    with prefect.context(caches={}):
        yield


@pytest.fixture
def value(calls: Calls) -> Callable[..., Task]:
    """Makes a task that returns its argument in a list, or what ``returns`` says, and is cached for an hour."""

    def made(returns: Any = None, **options: Any) -> Task:
        def value(x: Any = None) -> Any:
            calls.add(x)
            return returns(x) if returns else [x]

        return task(value, **{"name": "value", "cache_for": HOUR, **options})

    return made


def flow_of(value: Task) -> Flow:
    """A flow with the parameters a and b, the first of which is the task's input."""
    with Flow("f") as flow:
        flow.add_task(Parameter("b", default=1))
        value.bind(x=Parameter("a", default=1), flow=flow)
    return flow


@pytest.fixture
def runs_of(run: Run) -> Callable[..., list[State]]:
    """Runs a flow for each of some parameters, or twice; returns the states of its task ``value``."""

    def ran(flow: Flow, *parameters: dict[str, Any], **options: Any) -> list[State]:
        (value,) = flow.get_tasks("value")
        return [run(flow, parameters=given, **options).result[value] for given in parameters or ({}, {})]

    return ran


# ---- caches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validator", "parameters", "times"),
    [
        (None, SECOND, 1),
        (duration_only, SECOND, 1),
        (never_use, FIRST, 2),
        (all_inputs, SECOND, 1),
        (all_inputs, {"a": 2}, 2),
        (partial_inputs_only(["x"]), SECOND, 1),
        (partial_inputs_only(["x"]), {"a": 2}, 2),
        (partial_inputs_only(), {"a": 2}, 1),
        (all_parameters, FIRST, 1),
        (all_parameters, SECOND, 2),
        (partial_parameters_only(["a"]), SECOND, 1),
        (partial_parameters_only(["b"]), SECOND, 2),
        (partial_parameters_only(), SECOND, 1),
    ],
)
def test_each_validator_decides_on_the_worker(
    value: Any, runs_of: Any, calls: Calls, validator: Any, parameters: dict[str, Any], times: int
) -> None:
    states = runs_of(flow_of(value(cache_validator=validator)), FIRST, parameters)

    assert [type(state) for state in states] == [Cached, Cached]
    assert len(calls.all()) == times


def test_a_cached_state_says_what_it_says_without_dask(value: Any, runs_of: Any) -> None:
    flow = flow_of(value())
    (alone,) = runs_of(flow, FIRST, executor=LocalExecutor())
    with prefect.context(caches={}):
        (state,) = runs_of(flow, FIRST)

    assert (state.hashed_inputs, state.cached_parameters) == (alone.hashed_inputs, FIRST)
    assert (state.message, state.result) == (alone.message, [1])
    assert state.cached_result_expiration is not None


@pytest.mark.parametrize("x", [set("abcdef"), {"k": frozenset(["x", "yy", "zzz"])}, 1.5, None, b"x", "é"])
def test_an_input_is_known_again_by_another_process(run: Run, calls: Calls, x: Any) -> None:
    """The second worker hashes texts, and so orders sets, differently."""

    @task(cache_for=HOUR, cache_validator=all_inputs)
    def value(x: Any) -> Any:
        calls.add("x")
        return x

    with Flow("f") as flow:
        value.map([x])
    flow.run(executor=LocalExecutor())
    run(flow)
    assert calls.all() == ["x"]


def test_tasks_with_one_key_share_a_value(run: Run, calls: Calls) -> None:
    @task(cache_for=HOUR, cache_key="key")
    def one() -> str:
        return "of one"

    @task(cache_for=HOUR, cache_key="key")
    def other() -> str:
        return "of the other"

    (first, second) = Flow("first", tasks=[one]), Flow("second", tasks=[other])
    assert run(first).result[one].result == "of one"
    assert run(second).result[other].result == "of one"


def test_mapped_children_are_cached_one_by_one(value: Any, runs_of: Any, calls: Calls) -> None:
    with Flow("f") as flow:
        value(cache_validator=all_inputs).map(Parameter("numbers"))

    states = runs_of(flow, {"numbers": [1, 2]}, {"numbers": [2, 3, 1]})

    assert [state.result for state in states] == [[[1], [2]], [[2], [3], [1]]]
    assert {type(child) for child in states[1].map_states} == {Cached}
    assert calls.all() == ["1", "2", "3"]


def test_a_large_cached_value_goes_on_from_where_it_is_remembered(value: Any, run: Run, calls: Calls) -> None:
    size = 10 * LARGEST_SENT
    made = value(lambda x: [bytes(size)])
    with Flow("f") as flow:
        lengths = task(lambda value: len(value), name="length").map(made())

    for _ in range(2):
        assert run(flow).result[lengths].result == [size]
    assert len(calls.all()) == 1


def test_a_state_that_failed_is_not_cached_and_its_retry_is(run: Run) -> None:
    @task(cache_for=HOUR, cache_validator=all_inputs, max_retries=1, retry_delay=timedelta(0))
    def second_time(x: int) -> tuple[int, int]:
        if prefect.context.task_run_count == 1:
            raise ValueError("again")
        return x, prefect.context.task_run_count

    with Flow("f") as flow:
        children = second_time.map([7, 8])
    for _ in range(2):
        state = run(flow).result[children]
        assert state.result == [(7, 2), (8, 2)]
        assert {type(child) for child in state.map_states} == {Cached}


def test_children_that_are_cached_stay_so_when_others_are_tried_again(run: Run, calls: Calls) -> None:
    @task(cache_for=HOUR, cache_validator=all_inputs, max_retries=1, retry_delay=timedelta(0))
    def odd_at_once(x: int) -> int:
        calls.add(x)
        if x % 2 == 0 and prefect.context.task_run_count == 1:
            raise ValueError("again")
        return x

    with Flow("f") as flow:
        children = odd_at_once.map(Parameter("numbers", default=[0, 1, 2, 3]))
    assert run(flow).result[children].result == [0, 1, 2, 3]
    assert calls.all() == ["0", "0", "1", "2", "2", "3"]


def test_what_a_loop_comes_to_is_cached(run: Run, calls: Calls) -> None:
    @task(cache_for=HOUR, cache_validator=all_inputs)
    def count_down(n: int) -> int:
        calls.add("step")
        left = prefect.context.get("task_loop_result", n)
        if left:
            raise signals.LOOP(result=left - 1)
        return int(prefect.context.task_loop_count)

    with Flow("f") as flow:
        counted = count_down.map([2])
    for _ in range(2):
        assert run(flow).result[counted].result == [3]
    assert calls.all() == ["step"] * 3


def test_a_skipped_run_is_not_cached(run: Run, calls: Calls) -> None:
    @task(cache_for=HOUR, cache_validator=all_inputs)
    def odd_only(n: int) -> int:
        calls.add(n)
        if n % 2 == 0:
            raise signals.SKIP("even", result=n)
        return n

    with Flow("f") as flow:
        kept = odd_only.map([1, 2])
    for _ in range(2):
        assert [type(child).__name__ for child in run(flow).result[kept].map_states] == ["Cached", "Skipped"]
    assert calls.all() == ["1", "2", "2"]


def test_a_value_that_another_flow_remembers_and_cannot_be_pickled_is_in_nobodys_way(
    value: Any, runs_of: Any, calls: Calls
) -> None:
    lock = task(lambda: threading.Lock(), name="lock", cache_for=HOUR)
    Flow("here", tasks=[lock]).run(executor=LocalExecutor())

    runs_of(flow_of(value()))

    assert calls.all() == ["1"]


def test_a_value_that_cannot_be_pickled_is_made_anew_and_others_of_its_task_are_used(run: Run, calls: Calls) -> None:
    @task(cache_for=HOUR, cache_validator=all_inputs)
    def value(x: str) -> Any:
        calls.add(x)
        return threading.Lock() if x == "lock" and len(calls.all()) == 1 else x

    with Flow("f") as flow:
        made = value(Parameter("x"))
    flow.run(executor=LocalExecutor(), parameters={"x": "lock"})
    flow.run(executor=LocalExecutor(), parameters={"x": "text"})
    assert [run(flow, parameters={"x": x}).result[made].result for x in ("text", "lock")] == ["text", "lock"]
    assert calls.all() == ["lock", "lock", "text"]


# ---- targets and results ---------------------------------------------------------------------------------------------


def test_a_target_is_looked_for_on_the_worker(run: Run, calls: Calls, folder: Path) -> None:
    @task(target="{task_name}/{x}-{map_index}", result=LocalResult(dir=str(folder)))
    def value(x: int) -> list[int]:
        calls.add(x)
        return [x]

    with Flow("f") as flow:
        children, one = value.map([1, 2]), value(3)
    first, second = (run(flow, context={"checkpointing": True}) for _ in range(2))

    assert calls.all() == ["1", "2", "3"]
    assert [type(child) for child in first.result[children].map_states] == [Success, Success]
    assert [(type(child), child.message) for child in second.result[children].map_states] == [
        (Cached, "Result found at task target value/1-0"),
        (Cached, "Result found at task target value/2-1"),
    ]
    assert (second.result[one]._result.location, second.result[one].result) == ("value/3-None", [3])
    assert second.result[children].result == [[1], [2]]


@pytest.mark.parametrize("checkpointing", [True, False])
def test_values_are_stored_by_the_worker_if_checkpointing_is_on(run: Run, folder: Path, checkpointing: bool) -> None:
    @task(result=LocalResult(dir=str(folder), location="{task_name}"))
    def stored() -> int:
        return 1

    @task(result=LocalResult(dir=str(folder), location="{task_name}"), checkpoint=False)
    def not_stored() -> int:
        return 2

    @task(result=PrefectResult())
    def told() -> int:
        return 3

    @task
    def of_the_flow(x: int) -> bytes:
        return bytes(2 * LARGEST_SENT)

    with Flow("f", result=LocalResult(dir=str(folder), location="{task_name}-{map_index}-{x}")) as flow:
        stored()
        not_stored()
        told()
        of_the_flow.map([4])
    with set_temporary_config({"flows.checkpointing": checkpointing}):
        state = run(flow)
    states = [
        state.result[one] for one in (*flow.get_tasks("stored"), *flow.get_tasks("not_stored"), *flow.get_tasks("told"))
    ]
    (child,) = state.result[flow.get_tasks("of_the_flow")[0]].map_states

    assert [one.result for one in (*states, child)] == [1, 2, 3, bytes(2 * LARGEST_SENT)]
    if checkpointing:
        assert sorted(path.name for path in folder.iterdir()) == ["of_the_flow-0-4", "stored"]
        assert [one._result.location for one in states] == [str(folder / "stored"), None, "3"]
        assert child._result.location == str(folder / "of_the_flow-0-4")
    else:
        assert list(folder.iterdir()) == []
        assert {one._result.location for one in (*states, child)} == {None}


# ---- runs that stop --------------------------------------------------------------------------------------------------


def test_a_paused_child_goes_on_when_somebody_agrees(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    flow, asked = asking_flow()
    questions: list[str] = []
    monkeypatch.setattr("builtins.input", lambda text: questions.append(text) or "y")
    assert run(flow).result[asked].result == [0, 1]
    assert questions == ["<Task: asks[1]> is currently Paused; enter 'y' to resume:\n"]


def test_a_large_value_goes_through_a_loop_and_its_retry(executor: DaskExecutor, folder: Path) -> None:
    flow, length = growing_flow(folder)
    state = flow.run(executor=executor)
    assert state is not None
    assert state.result[length].result == 2 * LARGEST_SENT + 1
