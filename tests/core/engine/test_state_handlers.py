"""State handlers of tasks, flows and runners (core.md §8.2.6)."""

from __future__ import annotations

from typing import Any

import pytest

import prefect
from prefect import Flow, Task, task
from prefect.engine import FlowRunner, TaskRunner, signals
from prefect.engine.state import (
    Cancelled,
    Failed,
    Looped,
    Paused,
    Pending,
    Retrying,
    Running,
    Skipped,
    State,
    Success,
    TriggerFailed,
)


def noting(seen: list[Any], name: str = "h") -> Any:
    def handler(obj: Any, old: State, new: State) -> None:
        seen.append((name, type(old).__name__, type(new).__name__))

    return handler


def on(cls: type, outcome: Any) -> Any:
    """A handler that does something when a state of this class comes."""

    def handler(obj: Any, old: State, new: State) -> Any:
        if type(new) is not cls:
            return None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return handler


def task_with(*handlers: Any, run: Any = lambda: 1) -> Task:
    return task(run, name="t", state_handlers=list(handlers))


def run(*handlers: Any, **kwargs: Any) -> State:
    one = task_with(*handlers, **kwargs)
    return Flow("f", tasks=[one]).run().result[one]


# ---- order ---------------------------------------------------------------------------------------------------------


def test_a_successful_task_goes_from_pending_over_running_to_success():
    seen: list[Any] = []
    run(noting(seen))
    assert seen == [("h", "Pending", "Running"), ("h", "Running", "Success")]


def test_a_failed_trigger_goes_from_pending_to_trigger_failed():
    seen: list[Any] = []
    failed = task(lambda: 1, trigger=lambda upstream: False, state_handlers=[noting(seen)])
    Flow("f", tasks=[failed]).run()
    assert seen == [("h", "Pending", "TriggerFailed")]


def test_the_handlers_of_the_task_come_first_then_those_of_the_runner():
    seen: list[Any] = []
    TaskRunner(task_with(noting(seen, "1"), noting(seen, "2")), state_handlers=[noting(seen, "3")]).run()
    assert [name for name, _, _ in seen] == ["1", "2", "3", "1", "2", "3"]


def test_the_handlers_of_the_flow_come_first_then_those_of_the_runner():
    seen: list[Any] = []
    FlowRunner(Flow("f", state_handlers=[noting(seen, "1")]), state_handlers=[noting(seen, "2")]).run()
    assert seen == [
        ("1", "Pending", "Running"),
        ("2", "Pending", "Running"),
        ("1", "Running", "Success"),
        ("2", "Running", "Success"),
    ]


def test_a_handler_gets_the_task_or_the_runner_it_belongs_to():
    seen = []
    one = task_with(lambda obj, old, new: seen.append(obj))
    Flow("f", tasks=[one]).run(task_runner_state_handlers=[lambda obj, old, new: seen.append(obj)])
    assert seen[0] is one
    assert repr(seen[1]) == "<TaskRunner: t>"
    assert seen[1].task is one


def test_runner_handlers_are_told_of_every_task_and_child():
    seen = []
    with Flow("f") as flow:
        task(lambda x: x, name="t").map([1, 2])
    flow.run(task_runner_state_handlers=[lambda runner, old, new: seen.append((runner.task.name, type(new).__name__))])
    assert seen == [("t", "Mapped"), *[("t", "Running"), ("t", "Success")] * 2]


# ---- returned states -----------------------------------------------------------------------------------------------


def test_none_keeps_the_state():
    assert run(on(Success, None)).result == 1


def test_another_state_is_used_and_seen_by_the_next_handler():
    seen: list[Any] = []
    state = run(on(Success, Failed("replaced")), noting(seen))
    assert (type(state), state.message) == (Failed, "replaced")
    assert seen[-1] == ("h", "Running", "Failed")


def test_a_success_for_a_failure_makes_the_task_succeed():
    state = run(on(Failed, Success("saved", result=5)), run=lambda: 1 / 0)
    assert (type(state), state.message, state.result) == (Success, "saved", 5)


def test_a_replaced_running_state_ends_the_task_before_it_runs():
    state = run(on(Running, Cancelled("not now")), run=lambda: pytest.fail("ran"))
    assert (type(state), state.message) == (Cancelled, "not now")


def test_false_keeps_the_state_as_well():
    assert run(on(Success, False)).result == 1


def test_anything_but_a_state_fails_the_task(log: Any):
    state = run(on(Success, "done"))
    assert type(state) is Failed
    assert state.message == (
        "Unexpected error while calling state handlers: TypeError(\"A handler returned 'done' instead of a state."
        ' Return a State, or None to keep the one at hand.")'
    )


def test_downstream_tasks_get_what_the_handler_returned():
    with Flow("f") as flow:
        first = task_with(on(Success, Success(result=10)))()
        second = task(lambda x: x + 1, name="second")(first)
    assert flow.run().result[second].result == 11


# ---- raised ones ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signal", "cls"),
    [(signals.SKIP("m"), Skipped), (signals.FAIL("m"), Failed), (signals.SUCCESS("m"), Success)],
    ids=repr,
)
def test_a_signal_when_running_ends_the_task_before_it_runs(signal: Any, cls: Any, log: Any):
    state = run(on(Running, signal), run=lambda: pytest.fail("ran"))
    assert (type(state), state.message, state.result) == (cls, "m", signal)
    assert not [line for line in log.lines() if "signal raised" in line]


def test_a_signal_when_finished_replaces_the_state():
    state = run(on(Success, signals.FAIL("no good")))
    assert (type(state), state.message) == (Failed, "no good")


def test_the_other_handlers_do_not_see_a_raised_signal():
    seen: list[Any] = []
    run(on(Running, signals.SKIP("m")), noting(seen))
    assert seen == []


def test_retry_when_running_is_tried_again():
    attempts = []

    def once(task: Any, old: State, new: State) -> None:
        if new.is_running():
            attempts.append(prefect.context.task_run_count)
            if len(attempts) == 1:
                raise signals.RETRY("not yet")

    assert run(once).is_successful()
    assert attempts == [1, 2]


def test_pause_ends_the_task_run_as_paused():
    state = TaskRunner(task_with(on(Running, signals.PAUSE("hold on")))).run()
    assert (type(state), state.message) == (Paused, "hold on")


def test_loop_is_its_state_and_does_not_loop():
    state = TaskRunner(task_with(on(Running, signals.LOOP("round")))).run()
    assert type(state) is Looped
    flow = Flow("f", tasks=[task_with(on(Running, signals.LOOP("round")))])
    assert flow.run().message == "No reference tasks failed."


@pytest.mark.parametrize("cls", [Running, Success])
def test_endrun_ends_the_task_run_in_its_state(cls: Any):
    final = Success("ended", result=7)
    assert run(on(cls, signals.ENDRUN(final))) is final


@pytest.mark.parametrize("cls", [Running, Success])
def test_anything_else_fails_the_task(cls: Any, log: Any):
    error = ValueError("hv")
    state = run(on(cls, error))
    message = "Unexpected error while calling state handlers: ValueError('hv')"
    assert (type(state), state.message, state.result, state.context) == (Failed, message, error, {"tags": []})
    assert log.lines("TaskRunner")[1:-1] == [f"ERROR {message}"]


def test_a_handler_that_raises_is_not_retried():
    import datetime

    one = task(
        lambda: 1,
        name="t",
        state_handlers=[on(Success, ValueError())],
        max_retries=3,
        retry_delay=datetime.timedelta(0),
    )
    assert type(TaskRunner(one).run()) is Failed


# ---- flow handlers -------------------------------------------------------------------------------------------------


def ran(*handlers: Any, **kwargs: Any) -> tuple[State, Task]:
    one = task(lambda: 1, name="one")
    return Flow("f", tasks=[one], state_handlers=list(handlers), **kwargs).run(), one


def test_a_flow_handler_gets_the_flow():
    seen = []
    flow = Flow("f", state_handlers=[lambda obj, old, new: seen.append(obj)])
    flow.run()
    assert seen == [flow, flow]


def test_a_flow_handler_replaces_the_final_state():
    state, one = ran(lambda flow, old, new: Failed("replaced", result=new.result) if new.is_successful() else None)
    assert (type(state), state.message) == (Failed, "replaced")
    assert state.result[one].result == 1


def test_a_finished_state_without_task_states_gets_them_filled_in():
    """1.4.1 raised ``TypeError`` (core.md §23, 25)."""
    state, one = ran(on(Success, Failed("bare")))
    assert (type(state), state.message) == (Failed, "bare")
    assert state.result.keys() == {one}


@pytest.mark.parametrize("cls", [Running, Success])
def test_a_signal_of_a_flow_handler_is_the_state(cls: Any, log: Any):
    state, one = ran(on(cls, signals.FAIL("bare")))
    assert (type(state), state.message) == (Failed, "bare")
    assert state.result.keys() == {one}
    assert not [line for line in log.lines() if line.startswith("ERROR")]


def test_endrun_of_a_flow_handler_ends_the_run(log: Any):
    state, one = ran(on(Running, signals.ENDRUN(Success("ended", result={}))))
    assert state.message == "ended"
    assert type(state.result[one]) is Pending
    assert log.lines("TaskRunner") == []


def test_an_exception_in_a_flow_handler_fails_the_whole_run(log: Any):
    error = ValueError("x")
    state, _ = ran(on(Running, error))
    message = "Unexpected error while calling state handlers: ValueError('x')"
    assert (type(state), state.message, state.result) == (Failed, message, error)
    assert [line for line in log.lines() if line.startswith("ERROR")] == [
        f"ERROR {message}",
        "ERROR Unexpected error occured in FlowRunner: ValueError('x')",
    ]
    assert log.lines("TaskRunner") == []


def test_on_failure_is_told_of_failures_alone():
    seen = []
    failing = task(lambda: 1 / 0, name="t", on_failure=lambda task, state: seen.append((task.name, type(state))))
    Flow("f", tasks=[failing], on_failure=lambda flow, state: seen.append((flow.name, type(state)))).run()
    assert seen == [("t", Failed), ("f", Failed)]


def test_on_failure_is_told_of_a_failed_trigger():
    seen = []
    failing = task(lambda: 1, trigger=lambda upstream: False, on_failure=lambda task, state: seen.append(type(state)))
    Flow("f", tasks=[failing]).run()
    assert seen == [TriggerFailed]


def test_on_failure_is_told_of_each_attempt():
    import datetime

    seen = []
    failing = task(
        lambda: 1 / 0,
        max_retries=1,
        retry_delay=datetime.timedelta(0),
        on_failure=lambda task, state: seen.append(type(state)),
    )
    Flow("f", tasks=[failing]).run()
    assert seen == [Failed, Failed]
    assert Retrying not in seen
