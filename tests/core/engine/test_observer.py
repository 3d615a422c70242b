"""The observer: told of every change of state, after the handlers (core.md §22, DESIGN §3)."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

import prefect
from prefect import Flow, task
from prefect.engine import signals
from prefect.engine.observer import Observer, Observers
from prefect.engine.state import Cancelled, Failed, Pending, Running, State, Success
from prefect.executors import LocalDaskExecutor


class Noting(Observer):
    """Notes every change, and may answer one with a state or an exception."""

    def __init__(self, when: type | None = None, answer: Any = None) -> None:
        self.when, self.answer = when, answer
        self.changes: list[tuple[str, str, str]] = []

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        return self._note(f"flow {flow.name}", old, new)

    def task_state_changed(self, task: Any, map_index: int | None, old: State, new: State) -> State | None:
        return self._note(task.name if map_index is None else f"{task.name}[{map_index}]", old, new)

    def _note(self, what: str, old: State, new: State) -> State | None:
        self.changes.append((what, type(old).__name__, type(new).__name__))
        if type(new) is not self.when or what.startswith("flow"):
            return None
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


@task
def one():
    return 1


def observed(observer: Noting, *tasks: Any, **kwargs: Any) -> Any:
    return Flow("f", tasks=tasks).run(observer=observer, **kwargs)


def test_an_observer_is_told_of_tasks_and_flow():
    observer = Noting()
    observed(observer, one)
    assert observer.changes == [
        ("flow f", "Scheduled", "Running"),
        ("one", "Pending", "Running"),
        ("one", "Running", "Success"),
        ("flow f", "Running", "Success"),
    ]


def test_an_observer_is_told_of_each_child():
    observer = Noting()
    with Flow("f") as flow:
        task(lambda x: x, name="m").map([1, 2])
    flow.run(observer=observer)
    assert observer.changes[1:-1] == [
        ("m", "Pending", "Mapped"),
        ("m[0]", "Pending", "Running"),
        ("m[0]", "Running", "Success"),
        ("m[1]", "Pending", "Running"),
        ("m[1]", "Running", "Success"),
    ]


def test_an_observer_is_told_of_retries_and_loops():
    observer = Noting()

    @task(max_retries=1, retry_delay=datetime.timedelta(0), name="t")
    def rounds():
        if "task_loop_count" not in prefect.context:
            raise signals.LOOP
        if prefect.context.task_run_count == 1:
            raise ValueError

    observed(observer, rounds)
    assert [(old, new) for what, old, new in observer.changes if what == "t"] == [
        ("Pending", "Running"),
        ("Running", "Looped"),
        ("Pending", "Running"),
        ("Running", "Failed"),
        ("Failed", "Retrying"),
        ("Retrying", "Running"),
        ("Running", "Success"),
    ]
    assert sum(what == "flow f" for what, _, _ in observer.changes) == 2


def test_an_observer_is_told_what_the_handlers_left():
    observer = Noting()
    seen = []

    def handler(task: Any, old: State, new: State) -> Any:
        seen.append(len(observer.changes))
        return Failed("replaced") if new.is_successful() else None

    observed(observer, task(lambda: 1, name="t", state_handlers=[handler]))
    assert observer.changes[2] == ("t", "Running", "Failed")
    assert seen == [1, 2]


def test_a_state_of_the_observer_is_used():
    state = observed(Noting(Success, Failed("refused")), one)
    assert state.result[one].message == "refused"


def test_an_observer_can_end_a_run():
    state = observed(Noting(Running, signals.ENDRUN(Cancelled("stopped"))), one)
    assert (type(state.result[one]), state.result[one].message) == (Cancelled, "stopped")


def test_an_observer_that_breaks_fails_the_task(log: Any):
    state = observed(Noting(Running, OSError("disk full")), one)
    assert state.result[one].message == "Unexpected error while calling state handlers: OSError('disk full')"


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_an_observer_is_told_of_what_happens_elsewhere(scheduler: str):
    observer = Noting()
    with Flow("f") as flow:
        first = task(lambda: 1, name="first")()
        task(lambda x: 1 / 0, name="second")(first)
    flow.run(observer=observer, executor=LocalDaskExecutor(scheduler=scheduler, num_workers=1))
    assert observer.changes == [
        ("flow f", "Scheduled", "Running"),
        ("first", "Pending", "Running"),
        ("first", "Running", "Success"),
        ("second", "Pending", "Running"),
        ("second", "Running", "Failed"),
        ("flow f", "Running", "Failed"),
    ]


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_the_answer_of_an_observer_reaches_what_happens_elsewhere(scheduler: str):
    executor = LocalDaskExecutor(scheduler=scheduler, num_workers=1)
    state = observed(Noting(Running, signals.ENDRUN(Cancelled("stopped"))), one, executor=executor)
    assert state.result[one].message == "stopped"


def test_a_run_begins_pending():
    changes = []

    class Look(Noting):
        def task_state_changed(self, task: Any, map_index: int | None, old: State, new: State) -> State | None:
            changes.append(old)
            return None

    observed(Look(), one)
    assert changes[0] == Pending()


def test_onlookers_hear_what_the_first_observer_makes_of_a_state():
    first, onlooker = Noting(when=Running, answer=Running("as you like")), Noting()

    observed(Observers(first, onlooker), one)

    assert (
        first.changes
        == onlooker.changes
        == [
            ("flow f", "Scheduled", "Running"),
            ("one", "Pending", "Running"),
            ("one", "Running", "Success"),
            ("flow f", "Running", "Success"),
        ]
    )


def test_the_answers_of_onlookers_count_for_nothing():
    state = observed(Observers(Noting(), Noting(when=Success, answer=Failed("no"))), one)

    assert state.is_successful()


def test_a_state_at_which_the_first_observer_ends_the_run_is_not_told_to_onlookers():
    first, onlooker = Noting(when=Running, answer=signals.ENDRUN(Cancelled("over"))), Noting()

    observed(Observers(first, onlooker), one)

    assert ("one", "Pending", "Running") in first.changes
    assert ("one", "Pending", "Running") not in onlooker.changes


def test_what_is_no_state_is_the_business_of_the_first_observer():
    class Naming(Noting):
        def task_run_begins(self, task: Any, map_index: int | None) -> dict[str, Any]:
            return {"task_run_id": f"id of {task.name}"}

    seen = []
    named = task(lambda: seen.append(prefect.context.task_run_id), name="one")

    observed(Observers(Naming(), Noting()), named)

    assert seen == ["id of one"]
