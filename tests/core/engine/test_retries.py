"""Retries (core.md §8.7)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import prefect
from prefect import Flow, task
from prefect.engine import TaskRunner, signals
from prefect.engine.result import NoResult
from prefect.engine.state import Failed, Pending, Retrying, Running, State, Success, TimedOut, TriggerFailed
from prefect.exceptions import TaskTimeoutSignal

MINUTE = datetime.timedelta(minutes=1)


def failing(error: BaseException, times: int = 99, **options: Any) -> Any:
    """A task that fails in its first attempts."""

    def run() -> int:
        if prefect.context.task_run_count <= times:
            raise error
        return prefect.context.task_run_count  # type: ignore[no-any-return]

    return task(run, name="t", **options)


def attempt(error: BaseException, state: State | None = None, **options: Any) -> State:
    return TaskRunner(failing(error, max_retries=2, retry_delay=MINUTE, **options)).run(state)


def test_a_failure_is_to_be_tried_again_after_the_delay(clock: Any):
    state = attempt(ValueError())
    assert (type(state), state.message) == (Retrying, "Retrying Task (after attempt 1 of 3)")
    assert (state.run_count, state.start_time) == (1, clock.after(minutes=1))
    assert state._result is NoResult
    assert state.context == {"tags": [], "task_run_count": 1}


def test_the_attempts_are_counted():
    state = attempt(ValueError(), Retrying(run_count=1))
    assert (state.message, state.run_count) == ("Retrying Task (after attempt 2 of 3)", 2)


def test_the_last_failure_stands():
    error = ValueError()
    state = attempt(error, Retrying(run_count=2))
    assert (type(state), state.result) == (Failed, error)


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (3, 4)])
def test_there_is_one_attempt_more_than_retries(retries: int, attempts: int, clock: Any):
    seen = []
    options = {"max_retries": retries, "retry_delay": MINUTE} if retries else {}

    @task(**options)
    def counted():
        seen.append(prefect.context.task_run_count)
        raise ValueError

    assert Flow("f", tasks=[counted]).run().is_failed()
    assert seen == list(range(1, attempts + 1))


def test_a_task_that_succeeds_in_the_end_is_a_success(clock: Any):
    flaky = failing(ValueError(), times=2, max_retries=2, retry_delay=MINUTE)
    state = Flow("f", tasks=[flaky]).run()
    assert state.is_successful()
    assert state.result[flaky].result == 3
    assert clock.slept == [60, 60]


def test_downstream_tasks_wait_and_others_run_first(clock: Any, log: Any):
    with Flow("f") as flow:
        first = failing(ValueError(), times=1, max_retries=1, retry_delay=MINUTE)()
        task(lambda x: x, name="after")(first)
        task(lambda: 1, name="other")()
    assert flow.run().is_successful()
    finished = [
        line.split("Task ")[1].replace(" run for task with final state", "")
        for line in log.lines()
        if "Finished" in line
    ]
    before, after = finished[:3], finished[3:]
    assert set(before) == {
        "'t': Finished task: 'Retrying'",
        "'after': Finished task: 'Pending'",
        "'other': Finished task: 'Success'",
    }
    assert after == ["'t': Finished task: 'Success'", "'after': Finished task: 'Success'"]


def test_handlers_see_a_retry(clock: Any):
    seen = []
    flaky = failing(ValueError(), times=1, max_retries=1, retry_delay=MINUTE)
    flaky.state_handlers = [lambda task, old, new: seen.append((type(old), type(new)))]
    Flow("f", tasks=[flaky]).run()
    assert seen == [
        (Pending, Running),
        (Running, Failed),
        (Failed, Retrying),
        (Retrying, Running),
        (Running, Success),
    ]


def test_a_handler_comes_before_the_retry():
    state = attempt(
        ValueError(), state_handlers=[lambda t, old, new: Success("saved", result=5) if new.is_failed() else None]
    )
    assert (type(state), state.message, state.result) == (Success, "saved", 5)


def test_a_timeout_is_retried():
    import threading

    state = TaskRunner(
        task(lambda: threading.Event().wait(30), name="t", timeout=1, max_retries=1, retry_delay=MINUTE)
    ).run()
    assert type(state) is Retrying


# ---- retry_on ------------------------------------------------------------------------------------------------------


class Own(ValueError):
    pass


@pytest.mark.parametrize(
    ("retry_on", "error"),
    [
        (ValueError, ValueError()),
        (ValueError, Own()),
        ([KeyError, ValueError], ValueError()),
        (ValueError, signals.FAIL(result=ValueError())),
        (ValueError, signals.FAIL(result=None)),
    ],
    ids=repr,
)
def test_a_listed_exception_is_retried(retry_on: Any, error: BaseException):
    assert type(attempt(error, retry_on=retry_on)) is Retrying


@pytest.mark.parametrize(
    ("error", "name"),
    [(ValueError(), "ValueError"), (signals.FAIL("m"), "FAIL"), (signals.FAIL(result=5), "int")],
    ids=repr,
)
def test_another_one_is_not(error: BaseException, name: str, log: Any):
    state = attempt(error, retry_on=KeyError)
    assert type(state) is Failed
    assert log.lines()[-2:] == [
        f"INFO Task 't': Skipping retry. Exception of type '{name}' is not an instance of the retry on exception types.",
        "INFO Task 't': Finished task run for task with final state: 'Failed'",
    ]


def test_a_timeout_is_no_listed_exception(log: Any):
    timeout = TaskTimeoutSignal("Execution timed out.")
    state = attempt(timeout, retry_on=ValueError)
    assert (type(state), state.result) == (TimedOut, timeout)
    assert "Exception of type 'TaskTimeoutSignal'" in log.lines()[-2]


# ---- RETRY ---------------------------------------------------------------------------------------------------------


def test_retry_needs_no_max_retries(clock: Any, log: Any):
    seen = []

    @task(name="t")
    def insists():
        seen.append(prefect.context.task_run_count)
        if len(seen) < 4:
            raise signals.RETRY("again")
        return "done"

    state = Flow("f", tasks=[insists]).run()
    assert state.result[insists].result == "done"
    assert seen == [1, 2, 3, 4]
    assert clock.slept == []
    assert log.lines().count("INFO RETRY signal raised: RETRY('again')") == 3


def test_retry_waits_until_its_start_time(clock: Any):
    @task
    def insists():
        if prefect.context.task_run_count == 1:
            raise signals.RETRY(start_time=clock.after(minutes=5))

    assert Flow("f", tasks=[insists]).run().is_successful()
    assert clock.slept == [300]


def test_retry_is_not_held_back_by_retry_on_or_max_retries():
    @task(max_retries=2, retry_delay=MINUTE, retry_on=KeyError)
    def insists():
        raise signals.RETRY("again")

    state = TaskRunner(insists).run(Retrying(run_count=9))
    assert (type(state), state.message, state.run_count) == (Retrying, "again", 10)


def test_a_failed_trigger_is_not_retried(clock: Any):
    with Flow("f") as flow:
        broken = task(lambda: 1 / 0, name="broken")()
        after = task(lambda: 1, name="after", max_retries=3, retry_delay=MINUTE)(upstream_tasks=[broken])
    assert type(flow.run().result[after]) is TriggerFailed
    assert clock.slept == []
