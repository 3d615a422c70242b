"""The interface of executors.

Source: core.md §14.1.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from logging import Logger

    from prefect.engine.flow_run import FlowPass


class Executor:
    """How the tasks of a flow run are run.

    An executor of one's own implements ``start``, ``submit`` and ``wait``; the engine submits each task as soon as its
    upstream tasks are done.
    """

    @property
    def logger(self) -> Logger:
        """The logger ``prefect.<class name>``."""
        from prefect.utilities.logging import get_logger

        return get_logger(type(self).__name__)

    def __repr__(self) -> str:
        return f"<Executor: {type(self).__name__}>"

    @contextmanager
    def start(self) -> Iterator[None]:
        """Hold what the executor needs while a flow runs."""
        yield

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Begin a call and return something that ``wait`` turns into its value.

        Args:
            fn: Function to call.
            *args: Its arguments.
            extra_context: ``task_name``, ``task_tags`` and ``task_index`` of the task, for naming the work.
            **kwargs: Its keyword arguments.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how to submit work. Implement `submit`.")

    def wait(self, futures: Any) -> Any:
        """Return the values behind what ``submit`` returned, in any nesting of lists and dicts."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to wait for work. Implement `wait`.")

    def run_tasks(self, flow_pass: FlowPass) -> None:
        """Run all tasks of one pass over a flow."""
        from prefect.engine.parallel_run import run_in_parallel
        from prefect.executors.submitting import SubmittingPool

        with self.start():
            run_in_parallel(flow_pass, SubmittingPool(self, flow_pass.settings))
