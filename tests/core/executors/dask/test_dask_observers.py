"""Observers of a run on a Dask cluster are told of every state, and what they answer counts (docs/decisions/0016)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from distributed import get_worker

import prefect
from prefect import Flow, Task, task
from prefect.engine import signals
from prefect.engine.observer import Observer
from prefect.engine.state import Cancelled, Failed, Running, State, Success
from prefect.executors import DaskExecutor
from prefect.executors.dask_values import LARGEST_SENT
from prefect.triggers import all_finished

from .conftest import IN_PROCESS

Run = Callable[..., State]


class Changes(Observer):
    """An observer that keeps what it is told, and may answer."""

    def __init__(self, when: type[State] | None = None, answer: Any = None) -> None:
        self.seen: list[tuple[str, int | None, str, str]] = []
        self.threads: set[threading.Thread] = set()
        self._when = when
        self._answer = answer

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        self.seen.append((task.name, map_index, type(old).__name__, type(new).__name__))
        self.threads.add(threading.current_thread())
        if self._when is None or type(new) is not self._when:
            return None
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer  # type: ignore[no-any-return]


@task
def divide(n: int) -> float:
    return 1 / n


def dividing_flow() -> tuple[Flow, Task]:
    with Flow("dividing") as flow:
        divided = divide.map([1, 0])
    return flow, divided


def test_the_observer_is_told_of_every_change_in_the_thread_of_the_flow_run(run: Run) -> None:
    flow, _ = dividing_flow()
    observer = Changes()
    run(flow, observer=observer)
    assert sorted(observer.seen, key=lambda change: (change[1] is not None, change[1], change[2])) == [
        ("divide", None, "Pending", "Mapped"),
        ("divide", 0, "Pending", "Running"),
        ("divide", 0, "Running", "Success"),
        ("divide", 1, "Pending", "Running"),
        ("divide", 1, "Running", "Failed"),
    ]
    assert observer.threads == {threading.current_thread()}


class Trusting(Changes):
    """One that holds no run back, so that workers do not wait for its answers."""

    def may_hold_back(self, task: Task) -> bool:
        return False


@pytest.mark.parametrize("observer", [Changes, Trusting])
@pytest.mark.parametrize(
    ("when", "answer", "messages"),
    [
        (Running, signals.ENDRUN(Cancelled("stopped")), ["stopped", "stopped"]),
        (Running, Failed("refused"), ["refused", "refused"]),
        (
            Success,
            Failed("not that one"),
            ["not that one", "Error during execution of task: ZeroDivisionError('division by zero')"],
        ),
        (Failed, Success("rescued"), ["Task run succeeded.", "rescued"]),
        (
            Running,
            OSError("disk full"),
            ["Unexpected error while calling state handlers: OSError('disk full')"] * 2,
        ),
    ],
    ids=["ends a run", "replaces Running", "replaces Success", "replaces Failed", "breaks"],
)
def test_what_the_observer_says_counts_whether_or_not_workers_wait_for_it(
    run: Run, observer: type[Changes], when: type[State], answer: Any, messages: list[str]
) -> None:
    flow, divided = dividing_flow()
    state = run(flow, observer=observer(when, answer))
    assert [child.message for child in state.result[divided].map_states] == messages


def test_nothing_more_is_told_of_a_run_that_the_observer_has_ended(run: Run) -> None:
    flow, _ = dividing_flow()
    observer = Trusting(Running, signals.ENDRUN(Cancelled("stopped")))
    run(flow, observer=observer)
    assert [change[2:] for change in observer.seen if change[1] == 0] == [
        ("Pending", "Running"),
        ("Pending", "Cancelled"),
    ]


def test_once_the_observer_has_refused_a_run_those_that_follow_wait_for_it(run: Run, tmp_path: Path) -> None:
    """That the first one is refused is known when it has begun; see docs/decisions/0016."""

    @task(trigger=all_finished)
    def leaves_a_mark(name: str) -> None:
        (tmp_path / name).touch()

    with Flow("refused") as flow:
        leaves_a_mark("second", upstream_tasks=[leaves_a_mark("first")])
    run(flow, observer=Trusting(Running, signals.ENDRUN(Cancelled("stopped"))))
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_once_the_observer_has_refused_a_run_those_that_are_with_a_worker_wait_for_it(tmp_path: Path) -> None:
    @task
    def leaves_a_mark(n: int) -> None:
        (tmp_path / str(n)).touch()
        deadline = time.monotonic() + 30
        while not any(getattr(plugin, "holds_back", False) for plugin in get_worker().plugins.values()):
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)

    with Flow("refused") as flow:
        leaves_a_mark.map([0, 1, 2])
    observer = Trusting(Running, signals.ENDRUN(Cancelled("stopped")))
    flow.run(executor=DaskExecutor(cluster_kwargs=IN_PROCESS), observer=observer)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_worker_waits_for_an_observer_that_may_hold_a_task_back(run: Run, tmp_path: Path) -> None:
    @task
    def leaves_a_mark() -> None:
        (tmp_path / "mark").touch()

    with Flow("held back") as flow:
        leaves_a_mark()
    run(flow, observer=Changes(Running, signals.ENDRUN(Cancelled("stopped"))))
    assert not (tmp_path / "mark").exists()


def test_the_value_of_a_state_that_is_observed_stays_on_its_worker(executor: DaskExecutor) -> None:
    from prefect.engine.flow_runner import FlowRunner

    values = []

    class Looks(Observer):
        def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
            values.append(new.result)
            return new

    @task
    def make() -> bytes:
        return bytes(LARGEST_SENT + 1)

    @task
    def length(value: bytes) -> int:
        return len(value)

    with Flow("large") as flow:
        measured = length(make())
    state = FlowRunner(flow).run(executor=executor, observer=Looks(), return_tasks=[measured])
    assert state.result[measured].result == LARGEST_SENT + 1
    assert values == [None, None, None, LARGEST_SENT + 1]


def test_what_an_iteration_hands_to_the_next_one_stays_on_its_worker(run: Run) -> None:
    seen = []

    class Looks(Observer):
        def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
            seen.append((type(new).__name__, new.result))
            return None

    @task
    def twice() -> int:
        value = prefect.context.get("task_loop_result")
        if value is None:
            raise signals.LOOP(result=bytes(LARGEST_SENT + 1))
        return len(value)

    with Flow("looping") as flow:
        twice()
    run(flow, observer=Looks())
    assert seen == [
        ("Running", None),
        ("Looped", None),
        ("Running", None),
        ("Success", LARGEST_SENT + 1),
    ]
