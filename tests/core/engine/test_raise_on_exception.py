"""``raise_on_exception``: what leaves ``flow.run`` as an exception, and what is logged on the way (core.md §8.11)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import prefect
from prefect import Flow, task
from prefect.engine import signals
from prefect.engine.state import Failed, Paused, Skipped, State, TriggerFailed
from prefect.exceptions import TaskTimeoutSignal
from prefect.triggers import manual_only
from prefect.utilities.debug import raise_on_exception


@pytest.fixture(autouse=True)
def _raising() -> Iterator[None]:
    with raise_on_exception():
        yield


def broken() -> Any:
    raise ValueError("boom")


def broken_handler(*args: Any, **names: Any) -> Any:
    """Breaks as a handler, as a trigger and as a name of runs."""
    raise ValueError("boom")


def errors(log: Any) -> list[str]:
    return [line.removeprefix("ERROR ") for line in log.lines() if line.startswith("ERROR")]


def run(function: Any = lambda: 1, **options: Any) -> State:
    one = task(function, name="t", **options)
    return Flow("f", tasks=[one]).run().result[one]


IN_THE_FLOW = ["Unexpected error: ValueError('boom')", "Unexpected error while running flow: ValueError('boom')"]
IN_THE_TASK = ["Task 't': Unexpected error while running task: ValueError('boom')", *IN_THE_FLOW]


def test_an_exception_of_a_task_is_raised(log: Any):
    with pytest.raises(ValueError, match="boom"):
        run(broken)
    assert errors(log) == ["Unexpected error: ValueError('boom')", *IN_THE_TASK]


def test_an_exception_of_a_trigger_is_raised(log: Any):
    with pytest.raises(ValueError, match="boom"):
        run(trigger=broken_handler)
    assert errors(log) == [
        "Task 't': Unexpected error while evaluating task trigger: ValueError('boom')",
        "Unexpected error: ValueError('boom')",
        *IN_THE_TASK,
    ]


@pytest.mark.parametrize(
    "options", [{"state_handlers": [broken_handler]}, {"task_run_name": broken_handler}], ids=["handler", "name"]
)
def test_an_exception_of_a_handler_or_a_name_is_raised(options: Any, log: Any):
    with pytest.raises(ValueError, match="boom"):
        run(**options)
    assert errors(log) == IN_THE_TASK


def test_an_exception_of_a_flow_handler_is_raised(log: Any):
    with pytest.raises(ValueError, match="boom"):
        Flow("f", state_handlers=[broken_handler]).run()
    assert errors(log) == ["Unexpected error while running flow: ValueError('boom')"]


def test_an_exception_of_a_terminal_handler_is_raised(log: Any):
    with pytest.raises(ValueError, match="boom"):
        Flow("f", terminal_state_handler=broken_handler).run()
    assert errors(log) == IN_THE_FLOW


def test_a_timeout_is_raised(log: Any):
    import threading

    with pytest.raises(TaskTimeoutSignal):
        run(lambda: threading.Event().wait(30), timeout=1)
    assert errors(log) == []


def test_an_exception_is_raised_although_retries_are_left():
    import datetime

    with pytest.raises(ValueError, match="boom"):
        run(broken, max_retries=3, retry_delay=datetime.timedelta(0))


@pytest.mark.parametrize(
    ("signal", "cls"), [(signals.FAIL, Failed), (signals.SKIP, Skipped), (signals.TRIGGERFAIL, TriggerFailed)]
)
def test_a_signal_is_still_a_state(signal: Any, cls: Any):
    def raises() -> None:
        raise signal("m")

    state = run(raises)
    assert (type(state), state.message) == (cls, "m")


def test_a_failed_trigger_is_still_a_state_and_is_logged(log: Any):
    def fails() -> None:
        raise signals.FAIL("m")

    with Flow("f") as flow:
        first = task(fails, name="first")()
        second = task(lambda x: x, name="second")(first)
    assert type(flow.run().result[second]) is TriggerFailed
    message = 'Trigger was "all_successful" but some of the upstream tasks failed.'
    assert f"INFO TRIGGERFAIL signal raised: TRIGGERFAIL({message!r})" in log.lines()
    assert errors(log) == []


def test_a_pause_of_a_trigger_is_still_a_state(monkeypatch: Any):
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    assert run(lambda: prefect.context.resume, trigger=manual_only).result is True


def test_it_may_be_said_in_the_context_of_the_run():
    with prefect.context(raise_on_exception=False):
        flow = Flow("f", tasks=[task(broken, name="t")])
        assert type(flow.run()) is Failed
        with pytest.raises(ValueError, match="boom"):
            flow.run(context={"raise_on_exception": True})


def test_the_context_is_left_in_order():
    with pytest.raises(ValueError, match="boom"):
        run(broken)
    assert "task_name" not in prefect.context
    assert "flow_name" not in prefect.context


def test_a_state_of_a_task_that_pauses_is_paused():
    from prefect.engine import TaskRunner

    assert type(TaskRunner(task(lambda: 1, trigger=manual_only)).run()) is Paused
