"""A pool of threads.

Source: core.md §14.3; DESIGN decision 8.
"""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import run_unit

if TYPE_CHECKING:
    from prefect.engine.parallel_run import Key
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit


#: Seconds between two looks for a signal. One that comes just before this thread begins to wait does not wake it.
LOOK_SECONDS = 0.5


class ThreadPool:
    """Runs tasks in threads of this process.

    The threads are daemons, which those of ``concurrent.futures`` cannot be: after Ctrl-C nobody has to wait for a task
    that sleeps or sits in a call into C.

    Args:
        settings: What the tasks of the pass have in common.
        workers: Largest number of threads; each is started when there is work for it.
    """

    def __init__(self, settings: RunSettings, workers: int) -> None:
        self._settings = settings
        self._number = workers
        self._waiting: SimpleQueue[tuple[Key, Unit] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[Key, Any, BaseException | None]] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._under_way = 0
        self._stopped = False

    def room(self) -> int:
        """Return how many runs may be added: each thread has one more in store, so that none waits for the next."""
        return 2 * self._number - self._under_way

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run."""
        self._under_way += 1
        self._waiting.put((key, unit))
        if len(self._threads) < min(self._number, self._under_way):
            number = len(self._threads)
            self._threads.append(threading.Thread(target=self._serve, name=f"prefect-task_{number}", daemon=True))
            self._threads[-1].start()

    def next_done(self) -> tuple[Key, State]:
        """Wait for a run and return its key and state; raises what left the task as ``SystemExit`` does."""
        while True:
            try:
                key, state, error = self._done.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            break
        self._under_way -= 1
        if error is not None:
            raise error
        return key, state

    def _serve(self) -> None:
        try:
            self._run_what_comes()
        except KeyboardInterrupt:
            if not self._stopped:
                raise

    def _run_what_comes(self) -> None:
        while (work := self._waiting.get()) is not None and not self._stopped:
            key, unit = work
            try:
                self._done.put((key, run_unit(unit, self._settings), None))
            except BaseException as exc:  # noqa: BLE001 - handed to the thread that runs the flow, which raises it
                self._done.put((key, None, exc))

    def close(self) -> None:
        """End the threads, which have nothing left to do."""
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def abort(self) -> None:
        """Drop what has not begun and interrupt what has; a task inside a call into C notices when that returns."""
        self._stopped = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            _interrupt(thread)


def _interrupt(thread: threading.Thread) -> None:
    """Raise ``KeyboardInterrupt`` in another thread."""
    import ctypes

    if thread.is_alive() and thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt))
