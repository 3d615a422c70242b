"""What task runs and flow runs have in common: steps, state changes, handlers, tracebacks (core.md §8.2.6 and §8.3)."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.runner import ENDRUN, Runner, call_state_handlers
from prefect.engine.state import Failed, Paused, Pending, Running, Skipped, State, Success


class Steps(Runner):
    """A runner with one step, which does what it is told."""

    title = "Thing 'x'"
    logger = logging.getLogger("prefect.Steps")
    raises = False

    def __init__(self, outcome: Any, handler: Any = None) -> None:
        self.outcome, self.handler = outcome, handler
        self.changes: list[tuple[State, State]] = []

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        self.changes.append((old_state, new_state))
        return (self.handler and self.handler(old_state, new_state)) or new_state

    @call_state_handlers
    def step(self, state: State) -> State:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome or state


def raising(exc: BaseException) -> Any:
    def handler(old: State, new: State) -> State:
        raise exc

    return handler


OLD, NEW = Pending("old"), Running("new")


def test_a_step_that_keeps_the_state_is_no_change(debug_log: Any):
    runner = Steps(None)
    assert runner.step(OLD) is OLD
    assert runner.changes == []
    assert debug_log.lines() == []


def test_a_step_that_returns_another_state_is_a_change(debug_log: Any):
    runner = Steps(NEW)
    assert runner.step(OLD) is NEW
    assert runner.changes == [(OLD, NEW)]
    assert debug_log.lines() == ["DEBUG Thing 'x': Handling state change from Pending to Running"]


def test_an_equal_state_that_is_another_object_is_a_change():
    runner = Steps(Pending("old"))
    runner.step(OLD)
    assert len(runner.changes) == 1


def test_a_state_signal_becomes_its_state(log: Any):
    signal = signals.SKIP("s")
    assert Steps(signal).step(OLD) is signal.state
    assert log.lines() == ["INFO SKIP signal raised: SKIP('s')"]


def test_endrun_ends_the_run_after_the_handlers():
    final = Success("end")
    runner = Steps(ENDRUN(final))
    with pytest.raises(ENDRUN) as caught:
        runner.step(OLD)
    assert caught.value.state is final
    assert runner.changes == [(OLD, final)]


def test_endrun_with_the_present_state_is_no_change():
    runner = Steps(ENDRUN(OLD))
    with pytest.raises(ENDRUN):
        runner.step(OLD)
    assert runner.changes == []


def test_any_other_exception_becomes_failed(log: Any):
    error = KeyError("x")
    state = Steps(error).step(OLD)
    assert (type(state), state.message, state.result) == (Failed, "Unexpected error: KeyError('x')", error)
    assert log.lines() == ["ERROR Unexpected error: KeyError('x')"]


def test_keyboard_interrupt_passes_through():
    with pytest.raises(KeyboardInterrupt):
        Steps(KeyboardInterrupt()).step(OLD)


def test_an_exception_passes_through_where_exceptions_are_raised(log: Any):
    runner = Steps(KeyError("x"))
    runner.raises = True
    with pytest.raises(KeyError):
        runner.step(OLD)
    assert log.lines() == ["ERROR Unexpected error: KeyError('x')"]


def test_a_handler_replaces_the_state():
    final = Success()
    assert Steps(NEW, lambda old, new: final).step(OLD) is final


def test_a_handler_that_raises_a_signal_replaces_the_state_silently(log: Any):
    signal = signals.SKIP("s")
    assert Steps(NEW, raising(signal)).step(OLD) is signal.state
    assert log.lines() == []


@pytest.mark.parametrize("ends", [ENDRUN(Skipped()), signals.PAUSE("p")])
def test_a_handler_that_raises_pause_or_endrun_ends_the_run(ends: Any):
    with pytest.raises(type(ends)) as caught:
        Steps(NEW, raising(ends)).step(OLD)
    assert caught.value.state is ends.state


def test_a_handler_that_raises_anything_else_ends_the_run_as_failed(log: Any):
    error = ValueError("hv")
    with pytest.raises(ENDRUN) as caught:
        Steps(NEW, raising(error)).step(OLD)
    state = caught.value.state
    message = "Unexpected error while calling state handlers: ValueError('hv')"
    assert (type(state), state.message, state.result) == (Failed, message, error)
    assert log.lines() == [f"ERROR {message}"]


# ---- tracebacks: only the user's own frames ------------------------------------------------------------------------


def frames(record: logging.LogRecord) -> list[str]:
    assert record.exc_info
    return [frame.name for frame in traceback.extract_tb(record.exc_info[2])]


def fails() -> None:
    raise ValueError("deep down")


def explain(obj: Any, old: State, new: State) -> None:
    if new.is_running():
        fails()


def broken_trigger(upstream: Any) -> bool:
    fails()
    return True


def broken_name(**names: Any) -> str:
    fails()
    return ""


@pytest.mark.parametrize("options", [{}, {"max_retries": 0, "checkpoint": True}, {"timeout": 60}], ids=repr)
def test_the_traceback_of_a_task_begins_in_the_task(options: Any, log: Any):
    @task(**options)
    def load():
        fails()

    with Flow("f") as flow:
        load()
    flow.run()
    (error,) = [record for record in log.records if record.exc_info]
    assert frames(error) == ["load", "fails"]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"state_handlers": [explain]}, ["explain", "fails"]),
        ({"trigger": broken_trigger}, ["broken_trigger", "fails"]),
        ({"task_run_name": broken_name}, ["broken_name", "fails"]),
        ({"target": broken_name}, ["broken_name", "fails"]),
        ({"on_failure": lambda task, state: fails(), "trigger": broken_trigger}, ["<lambda>", "fails"]),
    ],
)
def test_the_traceback_of_what_belongs_to_a_task_begins_there(options: Any, names: list[str], log: Any):
    with Flow("f") as flow:
        flow.add_task(Task(**options))
    flow.run()
    assert frames([record for record in log.records if record.exc_info][-1]) == names


def test_the_traceback_of_a_flow_handler_begins_in_the_handler(log: Any):
    Flow("f", state_handlers=[explain]).run()
    (error,) = [record for record in log.records if record.exc_info]
    assert frames(error) == ["explain", "fails"]


def test_an_error_without_a_frame_of_the_user_shows_none(log: Any):
    with Flow("f") as flow:
        unnamed = flow.add_task(Task(task_run_name="{nope}"))
    state = flow.run()
    (error,) = [record for record in log.records if record.exc_info]
    assert frames(error) == []
    assert logging.Formatter("%(message)s").format(error) == (
        f"Task 'Task': Unexpected error while running task: {state.result[unnamed].result!r}\nKeyError: {state.result[unnamed].result}"
    )


def test_an_error_without_a_frame_of_the_user_shows_all_frames_to_those_who_debug(debug_log: Any):
    with Flow("f") as flow:
        flow.add_task(Task(task_run_name="{nope}"))
    flow.run()
    (error,) = [record for record in debug_log.records if record.exc_info]
    assert frames(error)


@pytest.mark.parametrize("observed", [False, True])
def test_an_error_in_a_later_iteration_is_told_without_the_loop_that_led_there(observed: bool, log: Any):
    import prefect

    @task(state_handlers=[lambda *args: None] if observed else None)
    def twice():
        if "task_loop_count" in prefect.context:
            fails()
        raise signals.LOOP

    with Flow("f") as flow:
        twice()
    flow.run()
    (error,) = [record for record in log.records if record.exc_info]
    assert "LOOP" not in logging.Formatter().format(error)


def test_paused_by_a_handler_is_a_state_of_the_task():
    @task(state_handlers=[lambda task, old, new: (_ for _ in ()).throw(signals.PAUSE("p"))])
    def never():
        raise AssertionError

    from prefect.engine import TaskRunner

    assert isinstance(TaskRunner(never).run(), Paused)
