"""The executor that runs tasks on a Dask cluster.

Source: core.md §14.4; DESIGN decision 8.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.executors.base import Executor
from prefect.executors.local_dask import LocalDaskExecutor as LocalDaskExecutor  # 1.x has both in this module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.engine.flow_run import FlowPass

#: Levels of logging that ``silence_logs`` of a local cluster takes.
_CRITICAL, _WARNING = 50, 30
_LOCAL_CLUSTERS = ("distributed.LocalCluster", "dask.distributed.LocalCluster", "distributed.deploy.local.LocalCluster")
#: Configuration that workers of a temporary cluster get from this process.
_WORKER_SETTINGS = ("backend", "home_dir")
_NOT_STARTED = "A DaskExecutor takes work only while it runs. Use it inside `with executor.start():`."


class DaskExecutor(Executor):
    """Runs tasks on a Dask cluster: a running one, or one that lasts as long as a pass over the flow.

    Args:
        address: Address of a running scheduler; by default config ``engine.executor.dask.address``, if that is set.
        cluster_class: Makes a temporary cluster: a class, another callable, or the dotted name of one; by default config
            ``engine.executor.dask.cluster_class``, which is a cluster of processes on this machine.
        cluster_kwargs: Its arguments.
        adapt_kwargs: Arguments for its ``adapt`` method, such as ``minimum`` and ``maximum``; without any, it keeps its
            size. With ``address`` they have no effect, as in 1.x, and a line in the log says so.
        client_kwargs: Arguments for ``distributed.Client``.
        debug: Whether a local cluster logs warnings; by default config ``debug``. If not, only what is critical.
        performance_report_path: File or URL for Dask's performance report, in HTML.
        disable_cancellation_event: When the flow run is interrupted, let the tasks that are running come to their end.
        watch_worker_status: Whether workers that come and go are logged, at level DEBUG; by default unless
            ``adapt_kwargs`` are given.

    Raises:
        ValueError: Both ``address`` and a cluster to make are given.
    """

    def __init__(
        self,
        address: str | None = None,
        cluster_class: str | Callable[..., Any] | None = None,
        cluster_kwargs: dict[str, Any] | None = None,
        adapt_kwargs: dict[str, Any] | None = None,
        client_kwargs: dict[str, Any] | None = None,
        debug: bool | None = None,
        performance_report_path: str | None = None,
        disable_cancellation_event: bool = False,
        watch_worker_status: bool | None = None,
    ) -> None:
        makes_cluster = cluster_class is not None or cluster_kwargs is not None
        if address is None and not makes_cluster:
            address = config.engine.executor.dask.address or None
        if address is not None and makes_cluster:
            raise ValueError(
                "`address` names a running cluster, `cluster_class` and `cluster_kwargs` make one. Give one or the other."
            )
        self.address = address
        self.cluster_class = cluster_class
        self.cluster_kwargs = None if cluster_kwargs is None else dict(cluster_kwargs)
        if address is None:
            self.cluster_class = cluster_class or config.engine.executor.dask.cluster_class
            self.cluster_kwargs = dict(cluster_kwargs or {})
            if _is_local(self.cluster_class):
                is_debug = config.debug if debug is None else debug
                self.cluster_kwargs.setdefault("silence_logs", _WARNING if is_debug else _CRITICAL)
        self.adapt_kwargs = dict(adapt_kwargs or {})
        self.client_kwargs = {"set_as_default": False, **(client_kwargs or {})}
        self.performance_report_path = performance_report_path
        self.disable_cancellation_event = disable_cancellation_event
        self.watch_worker_status = watch_worker_status
        self.client: Any = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "client": None}

    @property
    def performance_report(self) -> str:
        """The report of the last run; empty, with a line in the log, if there is none."""
        if self.performance_report_path is None:
            self.logger.warning("There is no performance report, since `performance_report_path` is not set.")
            return ""
        try:
            with open(self.performance_report_path, encoding="utf-8") as file:
                return file.read()
        except OSError as exc:
            self.logger.error("The performance report could not be read: %s", exc)
            return ""

    # ---- the cluster -------------------------------------------------------------------------------------------

    @contextmanager
    def start(self) -> Iterator[None]:
        """Hold a client of the cluster, and the cluster itself if it is a temporary one.

        Raises:
            ImportError: ``distributed`` is not installed, or the class of the cluster cannot be imported.
            RuntimeError: A worker process of a local cluster is reading the user's script, and would begin the run anew.
        """
        distributed = _distributed()
        _check_main_guard()
        with ExitStack() as stack:
            where = self._found_cluster() if self.address else stack.enter_context(self._cluster())
            self.client = stack.enter_context(distributed.Client(where, **self.client_kwargs))
            stack.callback(self._disconnect)
            if not self.adapt_kwargs if self.watch_worker_status is None else self.watch_worker_status:
                self._watch_workers(stack)
            if self.performance_report_path is not None:
                stack.enter_context(self._reported(distributed))
            yield

    def _disconnect(self) -> None:
        self.client = None

    def _found_cluster(self) -> str | None:
        self.logger.info("Connecting to the Dask cluster at %s...", self.address)
        if self.adapt_kwargs:
            self.logger.warning(
                "`adapt_kwargs` has no effect, since the cluster at %s is not made by this executor. Let whoever made the"
                " cluster adapt it, or give `cluster_class` instead of `address`.",
                self.address,
            )
        return self.address

    @contextmanager
    def _cluster(self) -> Iterator[Any]:
        make: Any = self.cluster_class
        if isinstance(make, str):
            from prefect.utilities.importtools import import_object

            make = import_object(make)
        module = getattr(make, "__module__", None)
        name = getattr(make, "__qualname__", repr(make))
        self.logger.info("Creating a new Dask cluster with `%s`...", f"{module}.{name}" if module else name)
        with make(**(self.cluster_kwargs or {})) as cluster:
            link = getattr(cluster, "dashboard_link", None)
            if link:
                self.logger.info("The Dask dashboard is available at %s", link)
            if self.adapt_kwargs:
                cluster.adapt(**self.adapt_kwargs)
            yield cluster

    def _watch_workers(self, stack: ExitStack) -> None:
        client = self.client

        async def heard(event: tuple[float, Any]) -> None:
            _, told = event
            op = {"add-worker": "add", "remove-worker": "remove"}.get(told.get("action")) if told else None
            if op == "add":
                await self.on_worker_status_changed(op, {"workers": {told["worker"]: {}}})
            elif op == "remove":
                await self.on_worker_status_changed(op, told["worker"])

        def hear_no_more() -> None:
            # The scheduler complains of listeners that just leave; a client that has lost it cannot tell it.
            if client.status == "running":
                client.unsubscribe_topic("all")

        client.subscribe_topic("all", heard)
        stack.callback(hear_no_more)

    async def on_worker_status_changed(self, op: str, message: Any) -> None:
        """Log that a worker has come or gone; for subclasses to do more.

        Args:
            op: ``add`` or ``remove``.
            message: For ``add``, ``{"workers": {address: what is known of it}}``; for ``remove``, the address.
        """
        if op == "add":
            for address in message.get("workers", ()):
                self.logger.debug("Worker %s added", address)
        elif op == "remove":
            self.logger.debug("Worker %s removed", message)

    @contextmanager
    def _reported(self, distributed: Any) -> Iterator[None]:
        try:
            import bokeh  # noqa: F401 - what Dask writes its report with
        except ImportError as error:
            raise ImportError(
                "`performance_report_path` needs the package bokeh, which is not installed. Run: pip install bokeh"
            ) from error
        with self.client.as_current():
            report = distributed.performance_report(filename=self.performance_report_path)
            report.__enter__()
            try:
                yield
            finally:
                try:
                    report.__exit__(None, None, None)
                except Exception as exc:  # noqa: BLE001 - the run has come to what it has come to
                    self.logger.error("The performance report could not be written: %r", exc)

    # ---- work --------------------------------------------------------------------------------------------------

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Begin a call on the cluster and return its future.

        Raises:
            ValueError: The executor does not run.
        """
        if self.client is None:
            raise ValueError(_NOT_STARTED)
        from prefect.executors.dask_runs import resources_of, task_key

        names = extra_context or {}
        options: dict[str, Any] = {"pure": False, "resources": resources_of(names.get("task_tags") or ()) or None}
        if "task_name" in names:
            options["key"] = task_key(names["task_name"], names.get("task_index"))
        return self.client.submit(fn, *args, **options, **kwargs)

    def wait(self, futures: Any) -> Any:
        """Return the values of futures, in any nesting of lists, tuples, sets and dictionaries.

        Raises:
            ValueError: The executor does not run.
        """
        if self.client is None:
            raise ValueError(_NOT_STARTED)
        return self.client.gather(futures)

    def run_tasks(self, flow_pass: FlowPass) -> None:
        """Run all tasks of one pass on the cluster."""
        with self.start():
            from prefect.engine.parallel_run import run_in_parallel
            from prefect.executors.dask_fetch import fetch_values
            from prefect.executors.dask_pool import DaskPool

            settings = {} if self.address else {name: config[name] for name in _WORKER_SETTINGS}
            interrupts = not self.disable_cancellation_event
            pool = DaskPool(self.client, flow_pass.plan, flow_pass.settings, settings, interrupts)
            try:
                run_in_parallel(flow_pass, pool, pool.release)
                fetch_values(pool.gather, flow_pass)
            except BaseException:
                pool.abort()
                raise
            pool.close()


def _is_local(cluster_class: Any) -> bool:
    """Return whether a class is that of local clusters, or its name; asking must not import Dask."""
    if isinstance(cluster_class, str):
        return cluster_class in _LOCAL_CLUSTERS
    return f"{getattr(cluster_class, '__module__', '')}.{getattr(cluster_class, '__qualname__', '')}" in _LOCAL_CLUSTERS


def _check_main_guard() -> None:
    import multiprocessing

    # So multiprocessing knows it too; its own message is a page long, and shown once for each worker.
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise RuntimeError(
            "A worker process reads the script that started it, and came upon `flow.run()`, which it leaves alone."
            ' Put that call under `if __name__ == "__main__":`.'
        )


def _distributed() -> Any:
    from prefect.utilities._extras import import_extra

    return import_extra("distributed", package="distributed", extra="dask", purpose="`DaskExecutor`")
