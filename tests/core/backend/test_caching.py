"""Values that one run of a backend leaves for the next (core.md §9.1, §22; backend.md §14).

Each run reads them from where they were stored, as it would in a process of its own; ``tests/e2e/test_caching.py`` has
processes.
"""

from __future__ import annotations

import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prefect import Client, Flow, Parameter, Task, task
from prefect.backend.execution import run_here
from prefect.engine.cache_validators import (
    all_inputs,
    all_parameters,
    duration_only,
    never_use,
    partial_inputs_only,
    partial_parameters_only,
)
from prefect.engine.results import LocalResult, PrefectResult
from prefect.engine.serializers import JSONSerializer
from prefect.engine.state import Cached, State
from prefect.executors import LocalDaskExecutor
from prefect.orchestration.task_runs import task_runs
from prefect.storage import Module

HOUR = timedelta(hours=1)
FIRST, SECOND = {"a": 1, "b": 1}, {"a": 1, "b": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where values are stored."""
    return tmp_path / "values"


@pytest.fixture
def calls() -> list[Any]:
    """The arguments of each call of the function under test."""
    return []


@pytest.fixture
def cached(calls: list[Any], folder: Path) -> Any:
    """Makes a task that returns its argument in a list, or what ``returns`` says, and is cached for an hour."""

    def make(returns: Any = None, **options: Any) -> Task:
        def value(x: Any = None) -> Any:
            calls.append(x)
            return returns(x) if returns else [x]

        options = {"cache_for": HOUR, "result": LocalResult(dir=str(folder)), **options}
        return task(value, name="value", **options)

    return make


@pytest.fixture
def runs_of(register: Any) -> Any:
    """Executes a run of a flow for each of some parameters; returns the states of its task ``value``."""
    ids: dict[int, str] = {}

    def executed(flow: Flow, *parameters: dict[str, Any]) -> list[State]:
        if id(flow) not in ids:
            ids[id(flow)] = register(flow)
        (value,) = flow.get_tasks("value")
        states = []
        for given in parameters or ({}, {}):
            flow_run_id = Client().create_flow_run(flow_id=ids[id(flow)], parameters=given)
            states.append(run_here(flow_run_id, flow, return_tasks=[value]).result[value])
        return states

    return executed


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves the time on, as the engine sees it."""
    passed = timedelta()

    class Later(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime.datetime:
            return datetime.datetime.now(tz) + passed

    def move(duration: timedelta) -> None:
        nonlocal passed
        passed += duration

    monkeypatch.setattr("prefect.engine.state_base.datetime", Later)
    return move


def flow_of(value: Task, name: str = "f", **options: Any) -> Flow:
    """A flow with the parameters a and b, the first of which is the task's input."""
    with Flow(name, **options) as flow:
        flow.add_task(Parameter("b", default=1))
        value.bind(x=Parameter("a", default=1), flow=flow)
    return flow


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_the_value_is_read_from_where_the_first_run_has_stored_it(cached, runs_of, calls, folder):
    first, second = runs_of(flow_of(cached()))

    (file,) = stored(folder)
    assert (type(first), type(second)) == (Cached, Cached)
    assert (second.result, second._result.location) == ([1], str(file))
    assert calls == [1]


def test_the_record_has_inputs_parameters_and_expiration_but_not_the_value(cached, runs_of, backend):
    (state,) = runs_of(flow_of(cached()), FIRST)

    newest = next(backend.runs.newest())["id"]
    (kept,) = [run["state"] for run in task_runs(backend, newest) if run["task"] == "value-1"]
    assert (kept["type"], kept["message"]) == ("Cached", "Task run succeeded.")
    assert (list(kept["hashed_inputs"]), kept["cached_parameters"]) == (["x"], FIRST)
    assert kept["hashed_inputs"] == state.hashed_inputs
    assert kept["cached_result_expiration"] == state.cached_result_expiration.isoformat()
    assert sorted(kept["_result"]) == ["__version__", "dir", "location", "type"]


def test_a_state_that_is_used_again_expires_when_the_first_one_does(cached, runs_of, calls):
    flow = flow_of(cached())
    first, second = runs_of(flow)

    assert second.cached_result_expiration == first.cached_result_expiration
    assert calls == [1]


def test_none_is_a_value_like_others(cached, runs_of, calls):
    states = runs_of(flow_of(cached(lambda x: None)))

    assert [(type(state), state.result) for state in states] == [(Cached, None)] * 2
    assert calls == [1]


def test_the_serializer_of_the_task_reads_what_it_has_written(cached, runs_of, calls, folder):
    states = runs_of(
        flow_of(cached(result=LocalResult(dir=str(folder), location="v.json", serializer=JSONSerializer())))
    )

    assert [state.result for state in states] == [[1], [1]]
    assert (folder / "v.json").read_text() == "[1]"
    assert calls == [1]


def test_a_value_in_its_own_location_needs_no_file(cached, runs_of, calls, folder):
    states = runs_of(flow_of(cached(result=PrefectResult())))

    assert [(state.result, state._result.location) for state in states] == [([1], "[1]")] * 2
    assert (calls, stored(folder)) == ([1], [])


def test_the_result_of_the_flow_stores_what_has_no_result_of_its_own(cached, runs_of, calls, folder):
    flow = flow_of(cached(result=None), result=LocalResult(dir=str(folder), location="{flow_name}/{task_name}"))

    assert [state.result for state in runs_of(flow)] == [[1], [1]]
    assert stored(folder) == [folder / "f" / "value"]
    assert calls == [1]


# ---- validators ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validator", "parameters", "times"),
    [
        (None, SECOND, 1),
        (duration_only, SECOND, 1),
        (never_use, FIRST, 2),
        (all_inputs, SECOND, 1),
        (all_inputs, {"a": 2}, 2),
        (all_inputs, {"a": "1"}, 2),
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
def test_each_validator_decides_by_what_the_record_has(cached, runs_of, calls, validator, parameters, times):
    states = runs_of(flow_of(cached(cache_validator=validator)), FIRST, parameters)

    assert [type(state) for state in states] == [Cached, Cached]
    assert len(calls) == times


def test_the_newest_state_that_fits_is_used(cached, runs_of, calls):
    states = runs_of(flow_of(cached(cache_validator=all_inputs)), {"a": 1}, {"a": 2}, {"a": 1}, {"a": 2})

    assert [state.result for state in states] == [[1], [2], [1], [2]]
    assert calls == [1, 2]


def test_a_state_expires(cached, runs_of, calls, pass_time):
    flow = flow_of(cached())
    runs_of(flow, {})
    pass_time(timedelta(minutes=59))
    runs_of(flow, {})
    assert len(calls) == 1

    pass_time(timedelta(minutes=2))
    runs_of(flow, {})
    assert len(calls) == 2


def test_a_state_expires_when_the_run_that_left_it_said(cached, runs_of, calls, pass_time):
    runs_of(flow_of(cached(cache_key="k", cache_for=timedelta(minutes=1)), "one"), {})
    pass_time(timedelta(minutes=2))
    runs_of(flow_of(cached(cache_key="k"), "two"), {})

    assert len(calls) == 2


def test_mapped_children_are_kept_one_by_one(cached, runs_of, calls):
    with Flow("f") as flow:
        cached(cache_validator=all_inputs).map(Parameter("numbers"))

    states = runs_of(flow, {"numbers": [1, 2]}, {"numbers": [2, 3, 1]})

    assert [state.result for state in states] == [[[1], [2]], [[2], [3], [1]]]
    assert calls == [1, 2, 3]


# ---- who shares ------------------------------------------------------------------------------------------------------


def test_flows_share_by_key(cached, runs_of, calls):
    runs_of(flow_of(cached(cache_key="k"), "one"), {})
    (state,) = runs_of(flow_of(cached(cache_key="k"), "two"), {})

    assert (state.result, calls) == ([1], [1])


def test_flows_do_not_share_by_the_name_of_a_task(cached, runs_of, calls):
    runs_of(flow_of(cached(), "one"), {})
    runs_of(flow_of(cached(), "two"), {})

    assert calls == [1, 1]


def test_another_version_of_the_flow_shares_by_key_alone(cached, runs_of, calls):
    for key in (None, "k"):
        for tag in ("old", "new"):
            runs_of(flow_of(cached(cache_key=key, tags={tag})), {})

    assert len(calls) == 3


# ---- what cannot be used ---------------------------------------------------------------------------------------------


def test_a_value_that_is_gone_is_made_anew_and_said_to_be(cached, runs_of, calls, folder, log_of, backend):
    flow = flow_of(cached())
    runs_of(flow, {})
    (gone,) = stored(folder)
    gone.unlink()

    (state,) = runs_of(flow, {})

    assert (type(state), state.result, len(calls)) == (Cached, [1], 2)
    (line,) = [line for line in log_of(next(backend.runs.newest())["id"]) if "cannot be read" in line]
    assert line.startswith("Task 'value': Can't use a cached value that cannot be read: ")
    assert str(gone) in line


def test_an_older_value_stands_in_for_one_that_is_damaged(cached, runs_of, calls, folder):
    flow = flow_of(cached(cache_validator=lambda state, inputs, parameters: len(calls) > 1))
    runs_of(flow)
    newest = max(stored(folder), key=lambda path: path.name)
    newest.write_bytes(b"no pickle")
    calls.append("may use")

    (state,) = runs_of(flow, {})

    assert (state.result, state._result.location == str(newest)) == ([1], False)


@pytest.mark.filterwarnings("ignore:The (flow|task) .* no result")
@pytest.mark.parametrize("options", [{"checkpoint": False}, {"result": None}], ids=["no checkpoint", "no result"])
def test_a_value_that_is_stored_nowhere_is_not_taken_for_none(cached, runs_of, calls, log_of, backend, options):
    states = runs_of(flow_of(cached(**options), storage=Module("mine")))

    assert [(type(state), state.result) for state in states] == [(Cached, [1])] * 2
    assert len(calls) == 2
    assert (
        "Task 'value': The value is not stored, so no other run can use it. Give the task or the flow a result, such as"
        " LocalResult(), and leave checkpointing on."
    ) in log_of(next(backend.runs.newest())["id"])


def test_a_flow_that_a_task_runs_by_itself_keeps_values_in_memory(runs_of, cached, calls):
    inner = Flow("inner", tasks=[cached(result=None)])

    @task(name="value")
    def run() -> list[str]:
        return [type(state).__name__ for _ in range(2) for state in inner.run().result.values()]

    (state,) = runs_of(Flow("outer", tasks=[run]), {})

    assert state.result == ["Cached", "Cached"]
    assert calls == [None]


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_executors_read_what_is_kept(runs_of, tmp_path, scheduler):
    def value(x: Any) -> list[Any]:
        with open(tmp_path / "calls", "a") as file:
            file.write(f"{x}\n")
        return [x]

    flow = flow_of(task(value, cache_for=HOUR, result=LocalResult(dir=str(tmp_path / "values"))))
    flow.executor = LocalDaskExecutor(scheduler, num_workers=2)

    assert [(type(state), state.result) for state in runs_of(flow)] == [(Cached, [1])] * 2
    assert (tmp_path / "calls").read_text() == "1\n"
