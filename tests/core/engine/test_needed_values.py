"""Which values of a pass somebody still needs, as pools are told that keep them elsewhere (docs/decisions/0016)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import prefect
from prefect import Flow, flatten, task, unmapped
from prefect.engine.flow_run import FlowPass
from prefect.engine.parallel_run import Key, run_in_parallel
from prefect.engine.plan import Plan
from prefect.engine.settings import RunSettings
from prefect.engine.state import State, Success
from prefect.engine.unit import Unit, run_unit
from prefect.tasks.secrets import PrefectSecret


class Pool:
    """Runs one after the other, in the order in which they were submitted or in the opposite one."""

    def __init__(self, settings: RunSettings, takes: Callable[[deque[Any]], Any]) -> None:
        self._settings = settings
        self._takes = takes
        self._submitted: deque[tuple[Key, Unit]] = deque()

    def room(self) -> int:
        return 1000

    def submit(self, key: Key, unit: Unit) -> None:
        self._submitted.append((key, unit))

    def next_done(self) -> tuple[Key, State]:
        key, unit = self._takes(self._submitted)
        events.append(f"{unit.step.name} {unit.map_index}" if unit.map_index is not None else unit.step.name)
        return key, run_unit(unit, self._settings)


events: list[str] = []


def passed(flow: Flow, *asked: Any, takes: Any = deque.popleft, **given: Any) -> list[str]:
    """Run a pass over a flow; return what was run, and which values were let go of, in that order."""
    events.clear()
    plan = Plan(flow)
    settings = RunSettings()
    flow_pass = FlowPass(plan, settings, given.get("states", {}), {}, [plan.places[one] for one in asked])

    def release(state: State) -> None:
        if isinstance(state.result, str):
            events.append(f"({state.result})")

    run_in_parallel(flow_pass, Pool(settings, takes), release)
    return list(dict.fromkeys(events))


@task
def a(x: Any = "a") -> Any:
    return x


@task
def b(x: Any) -> Any:
    return f"{x}b"


@task
def c(x: Any, y: Any = None) -> Any:
    return f"{x}c"


def test_a_value_goes_when_all_tasks_that_need_it_are_done():
    with Flow("f") as flow:
        made = a()
        c(b(made), made)
    assert passed(flow) == ["a", "b", "c", "(abc)", "(ab)", "(a)"]


def test_a_value_that_nobody_needs_goes_at_once():
    with Flow("f") as flow:
        a()
        b.map(["x", "y"])
    assert passed(flow) == ["a", "(a)", "b 0", "(xb)", "b 1", "(yb)"]


def test_what_is_asked_for_stays():
    with Flow("f") as flow:
        made = a()
        c(b(made))
    assert passed(flow, made) == ["a", "b", "c", "(abc)", "(ab)"]
    assert passed(flow, *flow.tasks) == ["a", "b", "c"]


def test_a_value_of_a_child_goes_with_the_child_that_needs_it():
    with Flow("f") as flow:
        ends = b.map(a.map(["x", "y"]))
    assert passed(flow, ends, takes=deque.pop) == ["a 1", "b 1", "(y)", "a 0", "b 0", "(x)"]


def test_a_value_of_a_child_goes_with_the_last_of_the_children_that_need_it():
    with Flow("f") as flow:
        made = a.map(["x", "y"])
        ends = b.map(made), c.map(made)
    assert passed(flow, *ends) == ["a 0", "a 1", "b 0", "c 0", "(x)", "b 1", "c 1", "(y)"]


def test_values_of_children_that_are_needed_together_go_together():
    with Flow("f") as flow:
        made = a.map(["x", "y"])
        ends = c.map(["1", "2"], y=unmapped(made))
    assert passed(flow, ends) == ["a 0", "a 1", "c 0", "c 1", "(x)", "(y)"]


def test_what_one_needs_together_and_another_one_by_one_goes_with_the_last():
    with Flow("f") as flow:
        made = a.map(["x", "y"])
        together = b(made)
        single = c.map(made, y=unmapped(together))
    assert passed(flow, together, single) == ["a 0", "a 1", "b", "c 0", "(x)", "c 1", "(y)"]


def test_values_that_are_flattened_go_with_all_that_was_made_of_them():
    with Flow("f") as flow:
        ends = b.map(flatten(a.map(["xy", "z"])))
    assert passed(flow, ends) == ["a 0", "a 1", "b 0", "b 1", "b 2", "(xy)", "(z)"]


@pytest.mark.parametrize(
    "options", [{"max_retries": 1, "retry_delay": timedelta(0)}, {"cache_for": timedelta(hours=1)}]
)
def test_what_a_run_needs_that_may_run_again_stays(options: dict[str, Any]):
    @task(**options)
    def again(x: str) -> str:
        if options.get("max_retries") and x == "y":
            raise ValueError(x)
        return x

    with Flow("f") as flow:
        ends = again.map(a.map(["x", "y"]))
    with prefect.context(caches={}):
        let_go = [event for event in passed(flow, ends) if event.startswith("(")]
    assert let_go == (["(x)"] if "max_retries" in options else [])


def test_what_a_task_needs_that_runs_on_every_pass_stays():
    with Flow("f") as flow:
        made = a()
        secret = PrefectSecret("s")
        secret.set_upstream(made)
    with prefect.context(secrets={"s": "secret"}):
        assert passed(flow, secret) == ["a", "s"]


def test_what_a_task_needed_that_is_over_goes():
    with Flow("f") as flow:
        made = a()
        end = b(made)
    assert passed(flow, end, states={end: Success(result="before")}) == ["a", "(a)"]
