"""The executor that runs tasks side by side on this machine.

It keeps the name and the arguments of 1.x, and needs no Dask.

Source: core.md §14.3; DESIGN decision 8.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.executors.base import Executor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.engine.flow_run import FlowPass
    from prefect.executors.processes import ProcessPool
    from prefect.executors.threads import ThreadPool

_SCHEDULERS = {
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "sync": "sync",
    "synchronous": "sync",
    "single-threaded": "sync",
}


class LocalDaskExecutor(Executor):
    """Runs tasks in threads or processes of this machine.

    Args:
        scheduler: ``threads``, ``processes`` or ``sync``, or another name 1.x knows for one of these.
        **kwargs: ``num_workers`` is the number of threads or processes, by default that of the CPUs; other settings of
            1.x are kept and have no effect.

    Raises:
        ValueError: The scheduler is unknown.
    """

    def __init__(self, scheduler: str = "threads", **kwargs: Any) -> None:
        known = _SCHEDULERS.get(str(scheduler).lower())
        if known is None:
            raise ValueError(f"Unknown scheduler {scheduler!r}. Use 'threads', 'processes' or 'sync'.")
        self.scheduler = known
        self.kwargs = kwargs
        self._calls: Any = None

    @property
    def num_workers(self) -> int:
        """Number of threads or processes."""
        import os

        workers: int = self.kwargs.get("num_workers") or os.cpu_count() or 1
        return workers

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_calls": None}

    @contextmanager
    def start(self) -> Iterator[None]:
        """Hold a pool for ``submit``."""
        if self.scheduler == "sync":
            yield
            return
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

        pool_class = ThreadPoolExecutor if self.scheduler == "threads" else ProcessPoolExecutor
        with pool_class(self.num_workers) as self._calls:
            try:
                yield
            finally:
                self._calls.shutdown(cancel_futures=True)
        self._calls = None

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Begin a call and return its future."""
        if self.scheduler == "sync":
            return fn(*args, **kwargs)
        if self._calls is None:
            raise ValueError(
                "A LocalDaskExecutor takes work only while it runs. Use it inside `with executor.start():`."
            )
        return self._calls.submit(fn, *args, **kwargs)

    def wait(self, futures: Any) -> Any:
        """Return the values of futures, in any nesting of lists, tuples, sets and dictionaries."""
        from concurrent.futures import Future

        if isinstance(futures, Future):
            return futures.result()
        if isinstance(futures, dict):
            return {self.wait(key): self.wait(value) for key, value in futures.items()}
        if isinstance(futures, (list, tuple, set)):
            return type(futures)(self.wait(value) for value in futures)
        return futures

    def run_tasks(self, flow_pass: FlowPass) -> None:
        """Run all tasks of one pass in the pool."""
        if self.scheduler == "sync":
            flow_pass.run()
            return
        from prefect.engine.parallel_run import run_in_parallel

        pool = self._pool(flow_pass)
        try:
            run_in_parallel(flow_pass, pool)
        except BaseException:
            pool.abort()
            raise
        pool.close()

    def _pool(self, flow_pass: FlowPass) -> ThreadPool | ProcessPool:
        if self.scheduler == "threads":
            from prefect.executors.threads import ThreadPool

            return ThreadPool(flow_pass.settings, self.num_workers)
        from prefect.executors.processes import ProcessPool

        return ProcessPool(flow_pass.plan, flow_pass.settings, self.num_workers)
