"""The executor that runs one task after another.

Source: core.md §14.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.executors.base import Executor

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.flow_run import FlowPass


class LocalExecutor(Executor):
    """Runs every task at once, in the thread that runs the flow."""

    def submit(
        self, fn: Callable[..., Any], *args: Any, extra_context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Call the function and return its value."""
        return fn(*args, **kwargs)

    def wait(self, futures: Any) -> Any:
        """Return what is given, since everything has been done."""
        return futures

    def run_tasks(self, flow_pass: FlowPass) -> None:
        """Run all tasks of one pass in this thread."""
        with self.start():
            flow_pass.run()
