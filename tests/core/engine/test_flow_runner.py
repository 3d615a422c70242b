"""One pass over a flow (core.md §8.2)."""

from __future__ import annotations

from typing import Any

import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, Task, context, task
from prefect.configuration import config
from prefect.engine import FlowRunner, signals
from prefect.engine.cache_validators import duration_only
from prefect.engine.state import (
    Cached,
    Cancelled,
    Failed,
    Finished,
    Mapped,
    Paused,
    Pending,
    Queued,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Submitted,
    Success,
)
from prefect.executors import LocalDaskExecutor, LocalExecutor
from prefect.tasks.secrets import EnvVarSecret

LATER = pendulum.datetime(2999, 1, 1)


@task
def one():
    return 1


@task
def bad():
    raise ValueError("bad")


@task
def plus(x):
    return x + 1


def chain() -> tuple[Flow, list[Any]]:
    with Flow("f") as flow:
        first = one()
        second = plus(first)
    return flow, [first, second]


# ---- the checks before (§8.2.3) ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [Success("s"), Failed("f"), Cancelled("c"), Finished()], ids=repr)
def test_a_finished_flow_is_left_alone(state: State, log: Any):
    flow, _ = chain()
    assert FlowRunner(flow).run(state) is state
    assert log.lines() == ["INFO Beginning Flow run for 'f'", "INFO Flow run has already finished."]


def test_a_state_that_is_neither_pending_nor_running_is_left_alone(log: Any):
    state = State("weird")
    assert FlowRunner(chain()[0]).run(state) is state
    assert log.lines() == ["INFO Beginning Flow run for 'f'", "INFO Flow is not ready to run."]


@pytest.mark.parametrize("state", [Scheduled(start_time=LATER), Retrying(start_time=LATER)], ids=repr)
def test_a_flow_does_not_begin_before_its_time(state: State, debug_log: Any):
    assert FlowRunner(chain()[0]).run(state) is state
    assert debug_log.lines("FlowRunner") == [
        "INFO Beginning Flow run for 'f'",
        "DEBUG Using executor type LocalExecutor",
        "DEBUG Flow 'f': start_time has not been reached; ending run.",
    ]


@pytest.mark.parametrize(
    "state",
    [None, Pending(), Scheduled(), Retrying(), Resume(), Paused(), Running(), Submitted(state=Pending()), Queued()],
    ids=repr,
)
def test_a_flow_that_is_to_run_runs(state: State | None):
    found = FlowRunner(chain()[0]).run(state)
    assert (type(found), found.message) == (Success, "All reference tasks succeeded.")


def test_a_run_logs_its_beginning_its_tasks_and_its_end(debug_log: Any):
    FlowRunner(chain()[0]).run(Scheduled())
    assert debug_log.lines("FlowRunner") == [
        "INFO Beginning Flow run for 'f'",
        "DEBUG Using executor type LocalExecutor",
        "DEBUG Flow 'f': Handling state change from Scheduled to Running",
        "INFO Flow run SUCCESS: all reference tasks succeeded",
        "DEBUG Flow 'f': Handling state change from Running to Success",
    ]


def test_a_task_logs_its_beginning_and_end(log: Any):
    FlowRunner(chain()[0]).run()
    assert log.lines("TaskRunner") == [
        "INFO Task 'one': Starting task run...",
        "INFO Task 'one': Finished task run for task with final state: 'Success'",
        "INFO Task 'plus': Starting task run...",
        "INFO Task 'plus': Finished task run for task with final state: 'Success'",
    ]


# ---- what is returned (§8.2) ---------------------------------------------------------------------------------------


def test_no_task_states_are_returned_unless_asked_for():
    assert FlowRunner(chain()[0]).run().result == {}


def test_the_states_asked_for_are_returned():
    flow, (first, second) = chain()
    result = FlowRunner(flow).run(return_tasks=[second]).result
    assert list(result) == [second]
    assert result[second].result == 2
    assert first not in result


def test_a_task_of_another_flow_fails_the_run(log: Any):
    state = FlowRunner(chain()[0]).run(return_tasks=[Task("stranger")])
    assert type(state) is Failed
    assert isinstance(state.result, ValueError)
    assert state.message.startswith("Unexpected error: ValueError(")
    assert [line for line in log.lines() if line.startswith("ERROR")] == [f"ERROR {state.message}"]


def test_a_cycle_fails_the_run():
    a, b = Task("a"), Task("b")
    flow = Flow("f")
    flow.add_edge(a, b)
    flow.add_edge(b, a)
    state = FlowRunner(flow).run()
    assert type(state) is Failed
    assert isinstance(state.result, ValueError)


def test_a_flow_runner_shows_its_flow():
    assert repr(FlowRunner(Flow("f"))) == "<FlowRunner: f>"


# ---- executors (§8.2.1) --------------------------------------------------------------------------------------------


class Noting(LocalExecutor):
    """Notes that it was used."""

    used: list[str] = []

    def __init__(self, name: str = "configured") -> None:
        self.name = name

    def run_tasks(self, flow_pass: Any) -> None:
        self.used.append(self.name)
        super().run_tasks(flow_pass)


def test_the_executor_given_wins_over_that_of_the_flow_over_the_configured_one(monkeypatch: Any):
    monkeypatch.setattr(Noting, "used", [])
    monkeypatch.setattr("prefect.executors.Noting", Noting, raising=False)
    monkeypatch.setattr("prefect.engine.defaults.config", configured("executor", "prefect.executors.Noting"))
    flow, _ = chain()
    FlowRunner(flow).run()
    flow.executor = Noting("of the flow")
    FlowRunner(flow).run()
    FlowRunner(flow).run(executor=Noting("given"))
    assert Noting.used == ["configured", "of the flow", "given"]


def configured(role: str, default: str) -> Any:
    """The configuration with another default class."""
    from prefect.configuration import Config
    from prefect.utilities.collections import merge_dicts

    return Config(merge_dicts(config, {"engine": {role: {"default_class": default}}}))


def test_a_default_class_that_cannot_be_imported_is_replaced_with_a_warning(monkeypatch: Any):
    monkeypatch.setattr("prefect.engine.defaults.config", configured("executor", "nope.Nope"))
    with pytest.warns(UserWarning, match="^Could not import") as caught:
        assert FlowRunner(chain()[0]).run().is_successful()
    (warning,) = caught
    assert str(warning.message) == "Could not import nope.Nope; using prefect.executors.LocalExecutor instead."


@pytest.mark.parametrize("role", ["executor", "flow_runner", "task_runner"])
def test_default_classes_are_those_configured(role: str, monkeypatch: Any):
    from prefect import engine

    getter = getattr(engine, f"get_default_{role}_class")
    assert (
        getter().__name__
        == {"executor": "LocalExecutor", "flow_runner": "FlowRunner", "task_runner": "TaskRunner"}[role]
    )
    monkeypatch.setattr("prefect.engine.defaults.config", configured(role, "prefect.executors.LocalDaskExecutor"))
    assert getter() is LocalDaskExecutor


# ---- which tasks run (§8.2.4, §8.10) -------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Success(result=5), Skipped(), Failed(), Cancelled()], ids=repr)
def test_a_task_with_a_finished_state_is_not_run(given: State, log: Any):
    flow, (first, second) = chain()
    state = FlowRunner(flow).run(task_states={first: given}, return_tasks=[first, second])
    assert state.result[first] is given
    assert not [line for line in log.lines() if "'one'" in line]


def test_a_given_value_is_handed_on():
    flow, (first, second) = chain()
    state = FlowRunner(flow).run(task_states={first: Success(result=5)}, return_tasks=[second])
    assert state.result[second].result == 6


def test_a_given_unfinished_state_is_where_a_task_begins():
    with Flow("f") as flow:
        count = task(lambda: prefect.context.task_run_count, name="count")()
    state = FlowRunner(flow).run(task_states={count: Retrying(run_count=3)}, return_tasks=[count])
    assert state.result[count].result == 4


def test_a_given_cached_state_is_run_again_unless_its_validator_agrees():
    flow, (first, _) = chain()
    run = lambda: FlowRunner(flow).run(task_states={first: Cached(result=5)}, return_tasks=[first]).result[first].result  # noqa: E731
    assert run() == 1
    first.cache_validator = duration_only
    assert run() == 5


def test_a_given_mapped_state_runs_its_unfinished_children(log: Any):
    with Flow("f") as flow:
        mapped = plus.map([1, 2, 3])
    given = Mapped(map_states=[Success(result="kept"), Pending(), Failed(result="kept too")])
    state = FlowRunner(flow).run(task_states={mapped: given}, return_tasks=[mapped])
    assert state.result[mapped].result == ["kept", 3, "kept too"]


def test_a_constant_is_a_success_without_a_log_line(log: Any):
    with Flow("f") as flow:
        numbers = prefect.utilities.tasks.as_task([1, 2])
        flow.add_task(numbers)
        first = numbers[0]
    state = FlowRunner(flow).run(return_tasks=[numbers, first])
    assert (state.result[numbers].message, state.result[numbers].result, state.result[numbers].context) == (
        None,
        [1, 2],
        {},
    )
    assert not [line for line in log.lines() if "List" in line or "Constant" in line]


def test_a_secret_runs_again_although_its_state_is_finished(monkeypatch: Any):
    monkeypatch.setenv("FOUND", "new")
    with Flow("f") as flow:
        secret = EnvVarSecret("FOUND")
        flow.add_task(secret)
    state = FlowRunner(flow).run(task_states={secret: Success(result="old")}, return_tasks=[secret])
    assert state.result[secret].result == "new"


def test_a_failing_task_does_not_stop_the_others(log: Any):
    with Flow("f") as flow:
        bad()
        good = one()
    assert FlowRunner(flow).run(return_tasks=[good]).result[good].result == 1


# ---- the final state (§8.2.5) --------------------------------------------------------------------------------------


def ending(*states: Any) -> Flow:
    """A flow of tasks that end in these states."""
    flow = Flow("f")
    for number, state in enumerate(states):

        def end(state: Any = state) -> Any:
            raise signals.ENDRUN(state)

        flow.add_task(task(end, name=f"t{number}"))
    return flow


@pytest.mark.parametrize(
    ("states", "cls", "message", "line"),
    [
        ([Success(), Pending()], Running, "Running flow.", "Flow run RUNNING: terminal tasks are incomplete."),
        ([Failed(), Pending()], Running, "Running flow.", "Flow run RUNNING: terminal tasks are incomplete."),
        (
            [Success(), Failed()],
            Failed,
            "Some reference tasks failed.",
            "Flow run FAILED: some reference tasks failed.",
        ),
        (
            [Cancelled(), Failed()],
            Failed,
            "Some reference tasks failed.",
            "Flow run FAILED: some reference tasks failed.",
        ),
        ([], Success, "All reference tasks succeeded.", "Flow run SUCCESS: all reference tasks succeeded"),
        (
            [Success(), Skipped()],
            Success,
            "All reference tasks succeeded.",
            "Flow run SUCCESS: all reference tasks succeeded",
        ),
        (
            [Success(), Cancelled()],
            Success,
            "No reference tasks failed.",
            "Flow run SUCCESS: no reference tasks failed",
        ),
    ],
)
def test_terminal_and_reference_tasks_decide_the_state(states: Any, cls: Any, message: str, line: str, log: Any):
    state = FlowRunner(ending(*states)).run()
    assert (type(state), state.message) == (cls, message)
    assert log.lines("FlowRunner")[-1] == f"INFO {line}"


def test_a_flow_can_succeed_although_a_task_failed():
    with Flow("f") as flow:
        failed = bad()
        good = one()
    flow.set_reference_tasks([good])
    state = FlowRunner(flow).run(return_tasks=[failed])
    assert state.is_successful()
    assert state.result[failed].is_failed()


def test_the_children_of_a_mapped_task_decide():
    with Flow("f") as flow:
        plus.map([1, "a"])
    assert FlowRunner(flow).run().message == "Some reference tasks failed."


def test_a_mapped_state_holds_its_children_and_their_values():
    with Flow("f") as flow:
        mapped = plus.map([1, 2])
    state = FlowRunner(flow).run(return_tasks=[mapped]).result[mapped]
    assert [type(child) for child in state.map_states] == [Success, Success]
    assert state.result == [2, 3]


# ---- terminal_state_handler ----------------------------------------------------------------------------------------


def with_terminal_handler(handler: Any, *states: Any) -> Flow:
    flow = ending(*(states or [Success(result=1)]))
    flow.terminal_state_handler = handler
    return flow


def test_a_terminal_handler_gets_the_flow_its_state_and_the_reference_states():
    seen = []
    flow = with_terminal_handler(lambda *args: seen.append(args), Success("s"), Skipped("k"))
    state = FlowRunner(flow).run()
    ((of_flow, of_state, references),) = seen
    assert (of_flow, of_state) == (flow, state)
    assert {reference.message for reference in references} == {"s", "k"}


def test_a_terminal_handler_replaces_the_state():
    flow = with_terminal_handler(lambda flow, state, references: Failed("replaced", result=state.result))
    seen = []
    flow.state_handlers = [lambda flow, old, new: seen.append((type(old), new.message))]
    assert FlowRunner(flow).run().message == "replaced"
    assert seen == [(Pending, "Running flow."), (Running, "replaced")]


def test_a_terminal_handler_may_change_the_state_and_return_nothing():
    def handler(flow: Any, state: State, references: Any) -> None:
        state.message = "changed"

    assert FlowRunner(with_terminal_handler(handler)).run().message == "changed"


def test_a_terminal_handler_is_called_while_the_flow_is_still_running():
    seen = []
    FlowRunner(with_terminal_handler(lambda flow, state, refs: seen.append(type(state)), Pending())).run()
    assert seen == [Running]


def test_a_terminal_handler_that_returns_no_state_fails_the_flow(log: Any):
    state = FlowRunner(with_terminal_handler(lambda *args: "done")).run()
    assert type(state) is Failed
    assert isinstance(state.result, TypeError)


def test_a_terminal_handler_that_raises_fails_the_flow(log: Any):
    def handler(*args: Any) -> None:
        raise ValueError("tsh")

    state = FlowRunner(with_terminal_handler(handler)).run()
    assert (type(state), state.message) == (Failed, "Unexpected error: ValueError('tsh')")
    assert log.lines("FlowRunner")[-1] == "ERROR Unexpected error: ValueError('tsh')"


# ---- parameters and context (§8.2.2) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "outer", "expected"),
    [
        ({}, {}, {"p": "default"}),
        ({}, {"p": "context"}, {"p": "context"}),
        ({"p": "given"}, {"p": "context"}, {"p": "given"}),
    ],
)
def test_given_parameters_win_over_the_context_over_defaults(given: Any, outer: Any, expected: Any):
    with Flow("f") as flow:
        p = Parameter("p", default="default")
        found = task(lambda p: dict(prefect.context.parameters), name="found")(p)
    state = FlowRunner(flow).run(parameters=given, context={"parameters": outer}, return_tasks=[p, found])
    assert state.result[found].result == expected
    assert state.result[p].result == expected["p"]


def test_a_missing_parameter_fails_its_task(log: Any):
    with Flow("f") as flow:
        p = Parameter("p")
        flow.add_task(p)
    state = FlowRunner(flow).run(return_tasks=[p])
    message = 'Parameter "p" was required but not provided.'
    assert state.result[p].message == message
    assert f"INFO FAIL signal raised: FAIL({message!r})" in log.lines("TaskRunner")


def test_task_contexts_are_for_one_task():
    look = task(lambda: prefect.context.get("mine"), name="look")
    with Flow("f") as flow:
        here, there = look.copy()(), look.copy()()
    state = FlowRunner(flow).run(task_contexts={here: {"mine": 1}}, return_tasks=[here, there])
    assert (state.result[here].result, state.result[there].result) == (1, None)


def test_the_context_ends_with_the_run():
    FlowRunner(chain()[0]).run(context={"mine": 1})
    assert "mine" not in context
    assert "flow_name" not in context
