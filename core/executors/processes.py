"""A pool of worker processes.

Each worker holds the whole plan, so that only arguments and states travel. Every run is answered by itself; when a
worker dies, the run it was busy with fails, and the others never notice (see docs/decisions).

Source: core.md §14.3; DESIGN decision 8.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import fail_unit
from prefect.executors.wire import dump, load, with_exit_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.engine.parallel_run import Key
    from prefect.engine.plan import Plan
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit

#: Runs sent to a worker at a time while many wait: enough that the way there costs nothing, few enough that the
#: workers finish together.
_LARGEST_BATCH = 64
#: Seconds between two looks for a signal. One that comes just before this process begins to wait does not wake it.
LOOK_SECONDS = 0.5
#: Seconds an interrupted worker has for the clean-up of its tasks before it is killed.
_GRACE_SECONDS = 5.0
#: This process may have found the package through a changed path, which a new interpreter has to be told first.
_BE_A_WORKER = """
import pickle, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
sys.path, key, address = pickle.load(sys.stdin.buffer)
from prefect.executors.worker import main
main(key, address)
"""
INPUTS_STAY = "Its inputs cannot be sent to a worker process: {!r}. Pass values that can be pickled, or use threads."


class ProcessPool:
    """Runs tasks in worker processes.

    Args:
        plan: The compiled flow.
        settings: What the tasks of the pass have in common.
        workers: Number of processes.
    """

    def __init__(self, plan: Plan, settings: RunSettings, workers: int) -> None:
        self._plan = plan
        self._settings = settings
        self._number = workers
        self._workers: list[_Worker] = []
        self._queue: deque[tuple[Key, Unit]] = deque()
        self._done: deque[tuple[Key, State]] = deque()

    def room(self) -> int:
        """Return how many runs may be added; some are held here, so that workers get them in batches."""
        return 4 * self._number * _LARGEST_BATCH - len(self._queue)

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run, or hold it until a worker is free."""
        self._queue.append((key, unit))

    def next_done(self) -> tuple[Key, State]:
        """Wait for a run and return its key and state; raises what left the task as ``SystemExit`` does."""
        self._feed()
        while not self._done:
            busy = {worker.connection: worker for worker in self._workers if worker.batch}
            for connection in wait(list(busy), LOOK_SECONDS):
                self._listen(busy[connection])  # type: ignore[index]
            self._feed()
        return self._done.popleft()

    def _feed(self) -> None:
        """Give every idle worker a batch; the batches shrink as the work runs out."""
        idle = [worker for worker in self._workers if not worker.batch]
        while self._queue and (idle or len(self._workers) < self._number):
            worker = idle.pop() if idle else self._begin_worker()
            size = max(1, min(_LARGEST_BATCH, len(self._queue) // (4 * self._number)))
            batch = [self._queue.popleft() for _ in range(size)]
            self._send(worker, batch)

    def _begin_worker(self) -> _Worker:
        if not _can_fork():
            self._workers.append(_Worker(False, *_spawn(self._plan, self._settings)))
            return self._workers[-1]
        # A signal handler that raises in the midst of forking leaves both processes half made, and one that raises just
        # after it leaves a worker that nobody ends.
        before = _block_signals()
        try:
            self._workers.append(_Worker(True, *_fork(self._plan, self._settings, self._workers, before)))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._workers[-1]

    def _send(self, worker: _Worker, batch: list[tuple[Key, Unit]]) -> None:
        sendable: list[tuple[Key, Unit]] = []
        payloads = []
        for key, unit in batch:
            try:
                if unit.step.index in worker.refused:
                    raise worker.refused[unit.step.index]
                payloads.append(dump(unit, worker.shares_memory))
            except Exception as exc:  # noqa: BLE001 - whatever a value raises when it is pickled
                self._done.append((key, fail_unit(unit, self._settings, INPUTS_STAY.format(exc), exc)))
            else:
                sendable.append((key, unit))
        if sendable:
            worker.batch.extend(sendable)
            try:
                worker.send(payloads)
            except OSError:
                self._bury(worker, began=False)

    def _listen(self, worker: _Worker) -> None:
        """Take one message of a worker."""
        try:
            kind, content = load(worker.connection.recv_bytes())
        except (EOFError, OSError):
            self._bury(worker)
            return
        if kind == "done":
            key, _ = worker.batch.popleft()
            self._done.append((key, content))
        elif kind == "raised":
            raise with_exit_code(content)
        elif kind == "lost":
            key, unit = worker.batch.popleft()
            self._done.append((key, fail_unit(unit, self._settings, *content)))
        else:
            answer = self._observed(content)
            try:
                worker.answer(answer)
            except OSError:
                self._bury(worker)

    def _observed(self, question: tuple[str, int, tuple[Any, ...]]) -> tuple[str, Any]:
        method, index, arguments = question
        try:
            answer = getattr(self._settings.observer, method)(self._plan.steps[index].task, *arguments)
            return "answer", list(answer) if method == "cached_states" and answer is not None else answer
        except KeyboardInterrupt:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised in the worker, in the midst of the task's pipeline
            return "raise", exc

    def _bury(self, worker: _Worker, began: bool = True) -> None:
        """Fail the run that a dead worker was busy with, if it had begun, and put the others of its batch back."""
        self._workers.remove(worker)
        ending = worker.ending(seconds=_GRACE_SECONDS)
        if worker.batch and began:
            key, unit = worker.batch.popleft()
            reason = f"The worker process that ran it {ending}."
            self._done.append((key, fail_unit(unit, self._settings, reason)))
        self._queue.extendleft(reversed(worker.batch))

    def close(self) -> None:
        """End the workers, which have nothing left to do."""
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.ending()

    def abort(self) -> None:
        """Interrupt the workers, and kill those that do not end in time."""
        for worker in self._workers:
            worker.interrupt()
        for worker in self._workers:
            worker.ending(seconds=_GRACE_SECONDS)
        for worker in self._workers:
            worker.connection.close()


class _Worker:
    """One worker process.

    Args:
        shares_memory: It was forked from this process, so that it knows the modules and classes of this one.
        process: What was started.
        connection: The way to it.
        refused: Place in the plan → why the task cannot run there.

    Attributes:
        connection: See above.
        batch: The runs it has, the one it is busy with first.
        shares_memory: See above.
        refused: See above.
    """

    def __init__(
        self, shares_memory: bool, process: Any, connection: Connection, refused: dict[int, Exception] | None = None
    ) -> None:
        self._process = process
        self.connection = connection
        self.batch: deque[tuple[Key, Unit]] = deque()
        self.shares_memory = shares_memory
        self.refused = refused or {}

    def send(self, payloads: list[bytes]) -> None:
        """Hand over a batch in one message: the worker reads it all before it answers, so neither side can block both."""
        self.connection.send_bytes(dump(payloads, shares_memory=True))

    def answer(self, answer: tuple[str, Any]) -> None:
        self.connection.send_bytes(dump(answer, self.shares_memory))

    def interrupt(self) -> None:
        if self._process.pid is not None and self._exit_code() is None:
            os.kill(self._process.pid, signal.SIGINT)

    def ending(self, seconds: float | None = None) -> str:
        """Wait for the process, kill it if ``seconds`` pass, and tell how it ended."""
        if seconds is None:
            self._wait(None)
        elif not self._wait(seconds):
            self._process.kill()
            self._wait(None)
        code = self._exit_code()
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    def _wait(self, seconds: float | None) -> bool:
        import subprocess

        if isinstance(self._process, subprocess.Popen):
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            return True
        self._process.join(seconds)
        return self._process.exitcode is not None

    def _exit_code(self) -> int | None:
        import subprocess

        process = self._process
        return process.poll() if isinstance(process, subprocess.Popen) else process.exitcode


def _can_fork() -> bool:
    """Forking is safe as long as this thread is the only one, and costs a hundredth of a new interpreter."""
    return sys.platform.startswith("linux") and threading.active_count() == 1


def _block_signals() -> set[int]:
    """Let signals that end a run wait, and return those that had to before."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM)))


def _fork(plan: Plan, settings: RunSettings, others: list[_Worker], signals: Iterable[int]) -> tuple[Any, Connection]:
    """Start a worker as a fork of this process, while signals are blocked other than ``signals``."""
    import multiprocessing

    from prefect.executors.worker import serve

    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    # A worker must not hold the ends of other pipes open: it would keep them from being closed.
    inherited = [ours, *(worker.connection for worker in others)]
    process = context.Process(target=serve, args=(theirs, plan, settings, inherited, signals), daemon=False)
    process.start()
    theirs.close()
    return process, ours


def _spawn(plan: Plan, settings: RunSettings) -> tuple[Any, Connection, dict[int, Exception]]:
    """Start a worker in a new interpreter, which unlike multiprocessing's does not run the user's script again."""
    import subprocess
    from multiprocessing.connection import Listener

    from prefect.executors.wire import dump_run

    observer = settings.observer
    run, refused = dump_run(plan, settings, None if observer is None else observer.worker_setup())
    key = os.urandom(32)
    with Listener(authkey=key) as listener:
        before = _block_signals()
        try:
            process = subprocess.Popen([sys.executable, "-c", _BE_A_WORKER], stdin=subprocess.PIPE)
        except BaseException:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            raise
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            assert process.stdin is not None
            process.stdin.write(dump((sys.path, key, listener.address), shares_memory=False))
            process.stdin.close()
            connection: Any = listener.accept()
            connection.send_bytes(run)
        except BaseException:
            process.kill()
            process.communicate()
            raise
    return process, connection, refused
