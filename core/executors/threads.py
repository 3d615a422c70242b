"""A pool of threads.

Source: core.md §14.3; DESIGN decision 8.
"""

from __future__ import annotations

import queue
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import run_unit

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable

    from prefect.engine.parallel_run import Key
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit


class ThreadPool:
    """Runs tasks in threads of this process.

    Args:
        settings: What the tasks of the pass have in common.
        workers: Number of threads.
    """

    def __init__(self, settings: RunSettings, workers: int) -> None:
        self._settings = settings
        self._workers = workers
        self._done: queue.SimpleQueue[tuple[Key, Any, BaseException | None]] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="prefect-task")
        self._under_way = 0
        self._stopped = False

    def room(self) -> int:
        """Return how many runs may be added: each thread has one more in store, so that none waits for the next."""
        return 2 * self._workers - self._under_way

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run."""
        self._under_way += 1
        self._pool.submit(self._run, key, unit)

    def next_done(self) -> tuple[Key, State]:
        """Wait for a run and return its key and state; raises what left the task as ``SystemExit`` does."""
        key, state, error = self._done.get()
        self._under_way -= 1
        if error is not None:
            raise error
        return key, state

    def _run(self, key: Key, unit: Unit) -> None:
        if self._stopped:
            return
        try:
            self._done.put((key, run_unit(unit, self._settings), None))
        except BaseException as exc:  # noqa: BLE001 - handed to the thread that runs the flow, which raises it
            self._done.put((key, None, exc))

    def close(self) -> None:
        """Wait for the threads, which have nothing left to do."""
        self._pool.shutdown()

    def abort(self) -> None:
        """Drop what has not begun and interrupt what has; a task inside a call into C notices when that returns."""
        self._stopped = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        interrupt_threads(self._pool._threads)


def interrupt_threads(threads: Iterable[threading.Thread]) -> None:
    """Raise ``KeyboardInterrupt`` in other threads."""
    import ctypes

    for thread in threads:
        if thread.is_alive() and thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt)
            )
