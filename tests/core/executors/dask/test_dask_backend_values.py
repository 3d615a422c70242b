"""Runs of a backend on a Dask cluster: values that earlier runs left, and runs that stop and go on (core.md §22)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import prefect
from prefect import Client, Flow, Parameter, Task, task
from prefect.backend.execution import run_here
from prefect.engine import signals
from prefect.engine.cache_validators import all_inputs, partial_parameters_only
from prefect.engine.results import LocalResult, PrefectResult
from prefect.engine.state import Cached, Resume, State, Success, TimedOut
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.orchestration.task_runs import task_runs
from prefect.storage import Module
from prefect.storage.state.store import Store

from .conftest import Calls, asking_flow, growing_flow

HOUR = timedelta(hours=1)


@pytest.fixture
def cached(calls: Calls, folder: Path) -> Callable[..., Task]:
    """Makes a task that returns its argument in a list, or what ``returns`` says, and is cached for an hour."""

    def made(returns: Any = None, **options: Any) -> Task:
        def value(x: Any = None) -> Any:
            calls.add(x)
            return returns(x) if returns else [x]

        return task(value, **{"name": "value", "cache_for": HOUR, "result": LocalResult(dir=str(folder)), **options})

    return made


@pytest.fixture
def create_run(register: Callable[..., str], executor: DaskExecutor) -> Callable[..., str]:
    """Registers a flow, once, and returns the id of a run of it."""
    ids: dict[int, str] = {}

    def created(flow: Flow, parameters: dict[str, Any] | None = None) -> str:
        flow.executor = executor
        if id(flow) not in ids:
            ids[id(flow)] = register(flow)
        return Client().create_flow_run(flow_id=ids[id(flow)], parameters=parameters)

    return created


@pytest.fixture
def runs_of(create_run: Callable[..., str]) -> Callable[..., list[State]]:
    """Executes a run of a flow for each of some parameters, or two; returns the states of its task ``value``."""

    def executed(flow: Flow, *parameters: dict[str, Any]) -> list[State]:
        (value,) = flow.get_tasks("value")
        return [
            run_here(create_run(flow, given), flow, return_tasks=[value]).result[value]
            for given in parameters or ({}, {})
        ]

    return executed


def flow_of(value: Task, **options: Any) -> Flow:
    """A flow with the parameters a and b, the first of which is the task's input."""
    with Flow("f", **options) as flow:
        flow.add_task(Parameter("b", default=1))
        value.bind(x=Parameter("a", default=1), flow=flow)
    return flow


# ---- caches ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 10 * LARGEST_SENT], ids=["small", "large"])
def test_the_worker_reads_a_value_from_where_an_earlier_run_has_stored_it(
    cached: Any, runs_of: Any, calls: Calls, folder: Path, size: int
) -> None:
    first, second = runs_of(flow_of(cached(lambda x: bytes(size))))

    (file,) = folder.iterdir()
    assert (type(first), type(second)) == (Cached, Cached)
    assert (second.result, second._result.location) == (bytes(size), str(file))
    assert calls.all() == ["1"]


def test_validators_decide_by_what_the_record_has(cached: Any, runs_of: Any, calls: Calls) -> None:
    flow = flow_of(cached(cache_validator=partial_parameters_only(["b"])))

    states = runs_of(flow, {"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 3, "b": 2})

    assert [state.result for state in states] == [[1], [1], [3]]
    assert calls.all() == ["1", "3"]


def test_flows_share_by_key(cached: Any, runs_of: Any, calls: Calls) -> None:
    runs_of(flow_of(cached(cache_key="k")), {})
    with Flow("other") as other:
        cached(cache_key="k")()
    (state,) = runs_of(other, {})

    assert (state.result, calls.all()) == ([1], ["1"])


def test_mapped_children_are_kept_one_by_one(cached: Any, runs_of: Any, calls: Calls) -> None:
    with Flow("f") as flow:
        cached(cache_validator=all_inputs).map(Parameter("numbers"))

    states = runs_of(flow, {"numbers": [1, 2]}, {"numbers": [2, 3, 1]})

    assert [state.result for state in states] == [[[1], [2]], [[2], [3], [1]]]
    assert {type(child) for state in states for child in state.map_states} == {Cached}
    assert calls.all() == ["1", "2", "3"]


def test_a_value_that_is_gone_is_made_anew(cached: Any, runs_of: Any, calls: Calls, folder: Path) -> None:
    flow = flow_of(cached())
    runs_of(flow, {})
    (gone,) = folder.iterdir()
    gone.unlink()

    (state,) = runs_of(flow, {})

    assert (type(state), state.result) == (Cached, [1])
    assert calls.all() == ["1", "1"]


@pytest.mark.filterwarnings("ignore:The (flow|task) .* no result")
def test_a_value_that_is_stored_nowhere_is_not_taken_for_none(
    cached: Any, runs_of: Any, calls: Calls, backend: Store
) -> None:
    states = runs_of(flow_of(cached(result=None), storage=Module("mine")))

    assert [(type(state), state.result) for state in states] == [(Cached, [1])] * 2
    assert calls.all() == ["1", "1"]
    newest = next(backend.runs.newest())["id"]
    (line,) = [line["message"] for line in backend.logs.read(newest) if "stored" in line["message"]]
    assert line.startswith("Task 'value': The value is not stored, so no other run can use it.")


# ---- targets and results ---------------------------------------------------------------------------------------------


def test_a_target_is_used_by_the_next_run(runs_of: Any, calls: Calls, folder: Path) -> None:
    @task(target="{task_name}-{x}-{map_index}", result=LocalResult(dir=str(folder)))
    def value(x: int) -> list[int]:
        calls.add(x)
        return [x]

    with Flow("f") as flow:
        value.map(Parameter("numbers"))
    first, second = runs_of(flow, {"numbers": [1, 2]}, {"numbers": [1, 2, 3]})

    assert (first.result, second.result) == ([[1], [2]], [[1], [2], [3]])
    assert [(type(child), child._result.location) for child in second.map_states] == [
        (Cached, "value-1-0"),
        (Cached, "value-2-1"),
        (Success, str(folder / "value-3-2")),
    ]
    assert calls.all() == ["1", "2", "3"]


def test_the_record_says_where_values_are(create_run: Any, backend: Store, folder: Path) -> None:
    @task(result=PrefectResult())
    def told() -> list[int]:
        return [1]

    @task(task_run_name="{task_name} no. {x}")
    def of_the_flow(x: int) -> bytes:
        return bytes(2 * LARGEST_SENT)

    with Flow("f", result=LocalResult(dir=str(folder), location="{task_run_name}")) as flow:
        told()
        of_the_flow.map([4])
    flow_run_id = create_run(flow)
    assert run_here(flow_run_id, flow).is_successful()

    kept = {(run["task"], run["map_index"]): run for run in task_runs(backend, flow_run_id)}
    child = kept["of_the_flow-1", 0]
    assert child["name"] == "of_the_flow no. 4"
    assert child["state"]["_result"]["location"] == str(folder / "of_the_flow no. 4")
    assert kept["told-1", -1]["state"]["_result"]["location"] == "[1]"


# ---- runs that stop and go on ----------------------------------------------------------------------------------------


def test_a_paused_child_goes_on_when_the_backend_says_so(
    create_run: Any, backend: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prefect.backend.flow_runner.LONGEST_WAIT_SECONDS", 0)

    flow, asked = asking_flow()
    flow_run_id = create_run(flow)
    assert run_here(flow_run_id, flow).is_running()
    (paused,) = [run["id"] for run in task_runs(backend, flow_run_id) if run["state"]["type"] == "Paused"]

    Client().set_task_run_state(paused, Resume("granted"))
    state = run_here(flow_run_id, flow, return_tasks=[asked])

    assert state.is_successful()
    assert [type(child) for child in state.result[asked].map_states] == [Success, Success]


def test_a_large_value_goes_through_a_loop_and_its_retry(create_run: Any, folder: Path) -> None:
    flow, length = growing_flow(folder)
    state = run_here(create_run(flow), flow, return_tasks=[length])
    assert state.result[length].result == 2 * LARGEST_SENT + 1


def test_skipped_and_late_children_are_recorded(create_run: Any, backend: Store) -> None:
    @task(timeout=1)
    def child(n: int) -> None:
        if n == 0:
            raise signals.SKIP("not that one")
        import threading

        threading.Event().wait(60)

    with Flow("f") as flow:
        children = child.map([0, 1])
    flow_run_id = create_run(flow)
    state = run_here(flow_run_id, flow, return_tasks=[children])

    assert isinstance(state.result[children].map_states[1], TimedOut)
    kept = {run["map_index"]: run["state"] for run in task_runs(backend, flow_run_id) if run["task"] == "child-1"}
    assert {index: state["type"] for index, state in kept.items()} == {-1: "Mapped", 0: "Skipped", 1: "TimedOut"}
    assert (kept[0]["message"], kept[1]["message"]) == ("not that one", "Task timed out during execution.")


@pytest.mark.filterwarnings("ignore:The (flow|task) .* no result")
def test_children_of_a_large_value_stay_finished_while_another_task_is_tried_again(
    create_run: Any, calls: Calls
) -> None:
    """The value itself is not stored, and stays on the cluster of the first pass."""

    @task
    def make() -> list[bytes]:
        return [bytes(LARGEST_SENT)] * 2

    @task
    def length(value: bytes) -> int:
        calls.add(len(value))
        return len(value)

    @task(max_retries=1, retry_delay=timedelta(0))
    def second_time() -> None:
        if prefect.context.task_run_count == 1:
            raise ValueError("again")

    with Flow("f", storage=Module("mine")) as flow:
        lengths = length.map(make())
        second_time()
    state = run_here(create_run(flow), flow, return_tasks=[lengths])

    assert state.is_successful()
    assert state.result[lengths].result == [LARGEST_SENT] * 2
    assert len(calls.all()) == 2


def test_a_value_that_is_used_up_is_not_read_again_for_the_retry_of_another_child(
    create_run: Any, calls: Calls, folder: Path
) -> None:
    class Noting(LocalResult):
        def read(self, location: str) -> Any:
            calls.add(f"read {location}")
            return super().read(location)

    @task(result=Noting(dir=str(folder)))
    def make(n: int) -> bytes:
        return bytes(2 * LARGEST_SENT + n)

    @task(max_retries=1, retry_delay=timedelta(0))
    def fragile(value: bytes) -> int:
        if len(value) % 2 and prefect.context.task_run_count == 1:
            raise ValueError("again")
        return len(value)

    with Flow("f") as flow:
        lengths = fragile.map(make.map([0, 1, 2]))
    state = run_here(create_run(flow), flow, return_tasks=[lengths])
    assert state.result[lengths].result == [2 * LARGEST_SENT + n for n in range(3)]
    assert calls.all() == []
