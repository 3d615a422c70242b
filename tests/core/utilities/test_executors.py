"""Functions with a time limit, and functions that call themselves. Source: core.md §8.4 and §19."""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from prefect import Task, context, task
from prefect.exceptions import TaskTimeoutSignal
from prefect.utilities.executors import (
    RecursiveCall,
    run_task_with_timeout,
    run_with_multiprocess_timeout,
    run_with_thread_timeout,
    tail_recursive,
)

#: Seconds that are enough on any machine.
LONG = 60


def in_thread(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *args, **kwargs).result()


def run_script(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(text)
    return subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=LONG)


# ---- tasks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [None, 0])
def test_a_task_without_timeout_runs_in_its_thread(timeout: int | None):
    here = task(lambda: (os.getpid(), threading.get_ident()), name="here", timeout=timeout)

    assert in_thread(lambda: run_task_with_timeout(here) == (os.getpid(), threading.get_ident()))


def test_a_task_in_the_main_thread_runs_there():
    here = task(lambda x, y: (os.getpid(), threading.get_ident(), x, y), name="here", timeout=LONG)

    assert run_task_with_timeout(here, (1,), {"y": 2}) == (os.getpid(), threading.get_ident(), 1, 2)


def test_a_task_in_another_thread_runs_in_a_process_of_its_own():
    elsewhere = task(lambda x, y: (os.getpid(), x, y), name="elsewhere", timeout=LONG)

    pid, *values = in_thread(run_task_with_timeout, elsewhere, (1,), {"y": 2})

    assert pid != os.getpid()
    assert values == [1, 2]


def test_a_class_based_task_takes_its_attributes_along():
    class Scale(Task):
        def __init__(self, factor: int, **kwargs: Any) -> None:
            self.factor = factor
            super().__init__(**kwargs)

        def run(self, x: int) -> int:
            return self.factor * x

    assert in_thread(run_task_with_timeout, Scale(3, timeout=LONG), (2,)) == 6


def test_a_task_in_the_main_thread_is_interrupted(caplog: pytest.LogCaptureFixture):
    stuck = task(threading.Event().wait, name="stuck", timeout=1)

    with caplog.at_level(logging.DEBUG, "prefect"), pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out\.$"):
        run_task_with_timeout(stuck)

    assert caplog.messages == [
        "Task 'stuck': Attaching thread based timeout handler...",
        "Task 'stuck': Sending alarm with 1s timeout...",
        "Task 'stuck': Executing function in main thread...",
    ]


def test_a_task_in_another_thread_is_ended(caplog: pytest.LogCaptureFixture):
    stuck = task(lambda: signal.pause(), name="stuck", timeout=1)

    def run() -> None:
        with context(task_full_name="stuck[2]"):
            run_task_with_timeout(stuck)

    with caplog.at_level(logging.DEBUG, "prefect"), pytest.raises(TaskTimeoutSignal, match=r"^Execution timed out\.$"):
        in_thread(run)

    assert caplog.messages == [
        "Task 'stuck[2]': Attaching process based timeout handler...",
        "Task 'stuck[2]': Sending execution to a new process...",
        "Task 'stuck[2]': Waiting for process to return with 1s timeout...",
        "Task 'stuck[2]': No result returned within the timeout period!",
    ]


# ---- alarms ----------------------------------------------------------------------------------------------------------


def test_an_interrupted_function_can_clean_up():
    done = []

    def stuck() -> None:
        try:
            threading.Event().wait()
        finally:
            done.append("cleaned up")

    with pytest.raises(TaskTimeoutSignal):
        run_with_thread_timeout(stuck, timeout=0.05)
    assert done == ["cleaned up"]


def test_a_function_that_catches_everything_swallows_the_interruption():
    def swallow() -> str:
        try:
            threading.Event().wait()
        except BaseException as exc:
            return repr(exc)
        return "never"

    assert run_with_thread_timeout(swallow, timeout=0.05) == "TaskTimeoutSignal('Execution timed out.')"


def test_an_alarm_does_not_outlive_the_function():
    with pytest.raises(ZeroDivisionError):
        run_with_thread_timeout(lambda: 1 / 0, timeout=LONG)

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL


@pytest.fixture
def rang() -> Iterator[list[int]]:
    """A list that gets longer whenever an alarm of somebody else goes off."""
    rang: list[int] = []
    previous = signal.signal(signal.SIGALRM, lambda signum, frame: rang.append(signum))
    yield rang
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, previous)


def test_an_alarm_of_somebody_else_goes_on_afterwards(rang: list[int]):
    signal.setitimer(signal.ITIMER_REAL, LONG, 7)

    run_with_thread_timeout(lambda: None, timeout=10 * LONG)

    seconds, interval = signal.getitimer(signal.ITIMER_REAL)
    assert LONG - 10 < seconds < LONG
    assert interval == 7


def test_an_alarm_of_somebody_else_that_fell_due_meanwhile_goes_off_afterwards(rang: list[int]):
    signal.setitimer(signal.ITIMER_REAL, 0.01)

    with pytest.raises(TaskTimeoutSignal):
        run_with_thread_timeout(threading.Event().wait, timeout=0.05)

    end = time.monotonic() + LONG
    while not rang and time.monotonic() < end:
        pass
    assert rang == [signal.SIGALRM]


def test_an_alarm_is_for_the_main_thread():
    with pytest.raises(ValueError, match="signal only works in main thread"):
        in_thread(run_with_thread_timeout, lambda: None, timeout=LONG)


@pytest.mark.parametrize("call", [run_with_thread_timeout, run_with_multiprocess_timeout])
@pytest.mark.parametrize("timeout", [None, 0])
def test_no_timeout_is_a_plain_call(call: Callable[..., Any], timeout: int | None):
    assert call(lambda x, y: (os.getpid(), x, y), (1,), {"y": 2}, timeout) == (os.getpid(), 1, 2)


# ---- where functions cannot be stopped -------------------------------------------------------------------------------

SOFT = (
    "Task 'soft' runs where it cannot be interrupted: in a thread of a daemonic process, or on Windows. Its state"
    " becomes TimedOut after {} s, but the function goes on in the background."
)


def run_softly(function: Callable[[], Any]) -> Any:
    soft = task(function, name="soft", timeout=LONG)
    with pytest.warns(UserWarning, match=f"^{re.escape(SOFT.format(LONG))}$"):
        return run_task_with_timeout(soft)


def test_without_alarms_a_helper_thread_runs_the_task_in_the_same_context(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(signal, "SIGALRM")
    here = threading.get_ident()

    with context(value=object()) as c:
        assert run_softly(lambda: (context.value is c.value, threading.get_ident() == here)) == (True, False)


def test_a_helper_thread_passes_on_what_is_raised(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(signal, "SIGALRM")

    with pytest.raises(ZeroDivisionError):
        run_softly(lambda: 1 / 0)


def test_in_a_thread_of_a_daemonic_process_the_function_goes_on(tmp_path: Path):
    result = run_script(
        tmp_path,
        "import multiprocessing, threading, warnings\n"
        "from prefect import task\n"
        "from prefect.exceptions import TaskTimeoutSignal\n"
        "from prefect.utilities.executors import run_task_with_timeout\n"
        "def daemonic():\n"
        "    warnings.showwarning = lambda message, *rest: print(message, flush=True)\n"
        "    go_on, done = threading.Event(), threading.Event()\n"
        "    def work():\n"
        "        go_on.wait()\n"
        "        print('went on', flush=True)\n"
        "        done.set()\n"
        "    def run():\n"
        "        try:\n"
        "            run_task_with_timeout(task(work, name='soft', timeout=1))\n"
        "        except TaskTimeoutSignal as exc:\n"
        "            print(exc, flush=True)\n"
        "    thread = threading.Thread(target=run)\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    go_on.set()\n"
        "    done.wait()\n"
        "if __name__ == '__main__':\n"
        "    process = multiprocessing.Process(target=daemonic, daemon=True)\n"
        "    process.start()\n"
        "    process.join()\n",
    )

    assert (result.stdout, result.stderr) == (SOFT.format(1) + "\nExecution timed out.\nwent on\n", "")


# ---- calls of calls --------------------------------------------------------------------------------------------------


def test_tail_recursion_does_not_grow_the_stack():
    @tail_recursive
    def total(n: int, *, so_far: int = 0) -> int:
        if n == 0:
            return so_far
        raise RecursiveCall(total, n - 1, so_far=so_far + n)

    assert total(10_000) == 50_005_000
    assert total.__name__ == "total"


def test_methods_name_their_object():
    class Counter:
        @tail_recursive
        def down(self, n: int) -> str:
            if n == 0:
                return "down"
            raise RecursiveCall(self.down, self, n - 1)

    assert Counter().down(3) == "down"


def test_a_call_of_another_function_goes_to_where_that_was_called():
    @tail_recursive
    def outer(n: int) -> int:
        return n if n > 3 else inner(n)

    @tail_recursive
    def inner(n: int) -> int:
        raise RecursiveCall(outer, n + 1)

    assert outer(0) == 4


def test_a_call_of_a_function_that_nobody_has_called_is_an_exception():
    @tail_recursive
    def one() -> None:
        raise RecursiveCall(two, 1, x=2)

    @tail_recursive
    def two(n: int, x: int) -> None:
        """Not called."""

    with pytest.raises(RecursiveCall) as caught:
        one()
    assert (caught.value.func, caught.value.args, caught.value.kwargs) == (two, (1,), {"x": 2})
