"""Flows in threads and processes give the states they give one after another, and really run side by side."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from datetime import timedelta
from functools import partial
from multiprocessing.context import ForkProcess
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import pytest
from flows_side_by_side import AS_IN_ONE_THREAD, add, branching_flow, leaving_flow, retries_loops_and_context, summary

from prefect import Flow, Task, task
from prefect.engine.observer import Observer
from prefect.engine.state import Failed, State, Success
from prefect.executors import LocalDaskExecutor, LocalExecutor

BOTH = pytest.mark.parametrize("scheduler", ["threads", "processes"])


def run(flow: Flow, scheduler: str, workers: int = 2, **options: Any) -> State:
    state = flow.run(executor=LocalDaskExecutor(scheduler=scheduler, num_workers=workers), **options)
    assert state is not None
    return state


@BOTH
def test_the_states_are_those_of_a_run_in_one_thread(scheduler: str) -> None:
    flow = branching_flow()
    alone = flow.run(executor=LocalExecutor())
    assert alone is not None
    side_by_side = run(flow, scheduler)
    assert summary(flow, side_by_side) == summary(flow, alone)
    assert repr(side_by_side) == repr(alone)


def test_independent_branches_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=30)

    @task
    def meet() -> int:
        return meeting.wait()

    with Flow("branches") as flow:
        places = [meet(), meet(), meet()]
    state = run(flow, "threads", workers=3)
    assert sorted(state.result[place].result for place in places) == [0, 1, 2]


def test_mapped_children_run_at_the_same_time() -> None:
    meeting = threading.Barrier(4, timeout=30)

    @task
    def meet(_: int) -> int:
        return meeting.wait()

    with Flow("children") as flow:
        places = meet.map([0, 1, 2, 3])
    assert sorted(run(flow, "threads", workers=4).result[places].result) == [0, 1, 2, 3]


def test_a_child_begins_when_its_own_upstream_child_is_done() -> None:
    """The second level of child 0 runs while child 1 of the first level has not ended."""
    second_level_reached = threading.Event()

    @task
    def first(n: int) -> int:
        if n == 1:
            assert second_level_reached.wait(30)
        return n

    @task
    def second(n: int) -> int:
        if n == 0:
            second_level_reached.set()
        return n

    with Flow("levels") as flow:
        ends = second.map(first.map([0, 1]))
    assert run(flow, "threads").result[ends].result == [0, 1]


def test_a_branch_goes_on_while_a_mapped_task_waits_for_another_one() -> None:
    branch_done = threading.Event()

    @task
    def slow() -> list[int]:
        assert branch_done.wait(30)
        return [1, 2]

    @task
    def quick() -> None:
        branch_done.set()

    with Flow("no barrier") as flow:
        mapped = add.map(slow())
        quick()
    assert run(flow, "threads").result[mapped].result == [2, 3]


def test_processes_are_other_processes() -> None:
    @task
    def pid() -> int:
        return os.getpid()

    with Flow("pids") as flow:
        one = pid()
    assert run(flow, "processes").result[one].result != os.getpid()


@BOTH
def test_retries_loops_and_context_work(scheduler: str) -> None:
    assert retries_loops_and_context(partial(run, scheduler=scheduler)) == AS_IN_ONE_THREAD


@BOTH
def test_sys_exit_in_a_task_leaves_the_run(scheduler: str) -> None:
    with pytest.raises(SystemExit) as caught:
        run(leaving_flow(), scheduler)
    assert caught.value.code == 7


class Changes(Observer):
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int | None, str, str]] = []
        self.pids: set[int] = set()

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        self.seen.append((flow.name, None, type(old).__name__, type(new).__name__))
        return None

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        self.seen.append((task.name, map_index, type(old).__name__, type(new).__name__))
        self.pids.add(os.getpid())
        if isinstance(new, Failed):
            return Success("rescued", result=0)
        return None


@BOTH
def test_the_observer_sees_every_change_in_its_own_process_and_may_replace_it(scheduler: str) -> None:
    @task
    def fail(n: int) -> int:
        raise ValueError(n)

    with Flow("observed") as flow:
        failed = fail.map([5])
    observer = Changes()

    state = run(flow, scheduler, observer=observer)

    assert state.result[failed].result == [0]
    assert observer.pids == {os.getpid()}
    assert observer.seen == [
        ("observed", None, "Scheduled", "Running"),
        ("fail", None, "Pending", "Mapped"),
        ("fail", 0, "Pending", "Running"),
        ("fail", 0, "Running", "Failed"),
        ("observed", None, "Running", "Success"),
    ]


def test_a_worker_that_dies_fails_the_run_it_was_busy_with_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    @task
    def die_at_three(n: int) -> int:
        if n == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return n

    with Flow("dying") as flow:
        results = die_at_three.map(list(range(200)))
    state = run(flow, "processes")
    reason = "Task 'die_at_three[3]' failed. The worker process that ran it was ended by SIGKILL."
    children = state.result[results].map_states
    assert [child.result for child in children if child.is_successful()] == [n for n in range(200) if n != 3]
    assert children[3].message == reason
    assert reason in caplog.messages


def test_a_task_whose_worker_died_is_tried_again_if_it_has_retries(tmp_path: Any) -> None:
    @task(max_retries=1, retry_delay=timedelta(0))
    def die_once() -> str:
        mark = tmp_path / "died"
        if not mark.exists():
            mark.touch()
            os._exit(3)
        return "alive"

    with Flow("reviving") as flow:
        revived = die_once()
    state = run(flow, "processes")
    assert state.result[revived].result == "alive"


def test_a_value_that_cannot_be_pickled_fails_its_task_with_the_reason() -> None:
    @task
    def numbers() -> Any:
        return (n for n in range(3))

    with Flow("generator") as flow:
        made = numbers()
        after = add(1)
    state = run(flow, "processes")
    assert state.is_failed()
    assert state.result[after].result == 2
    assert state.result[made].message == (
        "Task 'numbers' failed. Its value of type generator cannot be sent back from the worker process:"
        " TypeError(\"cannot pickle 'generator' object\"). Return something that can be pickled, or use threads."
    )


@pytest.mark.parametrize("forks", [True, False])
def test_an_input_that_cannot_be_pickled_fails_its_task_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, forks: bool
) -> None:
    monkeypatch.setattr("prefect.executors.processes._can_fork", lambda: forks)
    with Flow("lock") as flow:
        added, alone = add(threading.Lock()), add(1)
    state = run(flow, "processes")
    assert state.result[alone].is_successful()
    assert state.result[added].message == (
        "Task 'add' failed. Its inputs cannot be sent to a worker process:"
        " TypeError(\"cannot pickle '_thread.lock' object\"). Pass values that can be pickled, or use threads."
    )


def test_workers_in_new_interpreters_give_the_same_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where forking is not safe, a worker is a new interpreter that gets the flow by cloudpickle."""
    monkeypatch.setattr("prefect.executors.processes._can_fork", lambda: False)
    flow = branching_flow()
    alone = flow.run(executor=LocalExecutor())
    assert alone is not None
    assert summary(flow, run(flow, "processes")) == summary(flow, alone)


def test_a_run_with_other_threads_does_not_fork() -> None:
    from prefect.executors.processes import _can_fork

    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        assert not _can_fork()
    finally:
        done.set()
        other.join()


def test_no_worker_is_left_after_a_run() -> None:
    @task
    def pid() -> int:
        return os.getpid()

    with Flow("gone") as flow:
        one = pid()
    worker = run(flow, "processes").result[one].result
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_more_children_than_fit_into_one_batch_come_back_in_order() -> None:
    with Flow("many") as flow:
        added = add.map(list(range(5000)))
    assert run(flow, "processes").result[added].result == list(range(1, 5001))


def test_large_values_travel_both_ways() -> None:
    """More than fits into the buffers of a pipe, many at a time, so that a side that only sends would block both."""

    @task
    def echo(text: str) -> str:
        return text

    texts = [str(n) * 400_000 for n in range(10)]
    with Flow("large") as flow:
        echoed = echo.map(texts)
    assert run(flow, "processes").result[echoed].result == texts


@pytest.mark.parametrize("forks", [True, False], ids=["fork", "new interpreter"])
def test_a_worker_whose_start_is_interrupted_is_ended(forks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    def interrupted(start: Any) -> Any:
        def start_and_interrupt(self: Any, *args: Any, **kwargs: Any) -> None:
            start(self, *args, **kwargs)
            started.append(self)
            signal.raise_signal(signal.SIGINT)

        return start_and_interrupt

    @task
    def sleep() -> None:
        time.sleep(60)

    with Flow("sleeping") as flow:
        sleep()
    monkeypatch.setattr("prefect.executors.processes._can_fork", lambda: forks)
    if forks:
        monkeypatch.setattr(ForkProcess, "start", interrupted(ForkProcess.start))
    else:
        monkeypatch.setattr(subprocess.Popen, "__init__", interrupted(subprocess.Popen.__init__))
    with pytest.raises(KeyboardInterrupt):
        run(flow, "processes")

    (process,) = started
    assert process.exitcode is not None if forks else process.poll() is not None


@BOTH
def test_a_signal_that_does_not_wake_the_flow_run_ends_it_all_the_same(scheduler: str, tmp_path: Path) -> None:
    @task
    def sleep() -> None:
        (tmp_path / "begun").touch()
        for _ in range(600):
            time.sleep(0.1)
        (tmp_path / "ended").touch()

    with Flow("sleeping") as flow:
        sleep()

    def interrupt() -> None:
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        # To this very thread, as if the one that runs the flow had not begun to wait yet.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        run(flow, scheduler)
    thread.join()

    assert not (tmp_path / "ended").exists()


def test_a_worker_that_is_interrupted_on_its_way_out_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    @task
    def leave() -> None:
        Finalize(None, os.kill, (os.getpid(), signal.SIGINT), exitpriority=1)

    with Flow("leaving") as flow:
        leave()
    assert run(flow, "processes").is_successful()

    assert capfd.readouterr().err == ""
