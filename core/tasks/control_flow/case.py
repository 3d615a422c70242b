"""``case``: run tasks only if another task has a certain value.

Source: core.md §10.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.task import Task
from prefect.tasks.control_flow.conditional import CompareValue

if TYPE_CHECKING:
    from prefect.flow import Flow


class case:
    """A ``with`` block whose tasks are skipped unless ``task`` equals ``value``.

    Args:
        task: Task, or value, to compare.
        value: Value that runs the block.

    Raises:
        TypeError: ``value`` is a task.

    Source:
        core.md §10.1.
    """

    def __init__(self, task: Any, value: Any) -> None:
        if isinstance(value, Task):
            raise TypeError(
                f"The value of a case cannot be a task, such as {value!r}. Compare two tasks with is_equal."
            )
        self.task = task
        self.value = value
        self._tasks: list[Task] = []
        self._flow: Flow | None = None

    def add_task(self, task: Task, flow: Flow) -> None:
        """Note a task that was added to ``flow`` inside the block.

        Raises:
            ValueError: Another task of the block belongs to another flow.
        """
        if self._flow is not None and self._flow is not flow:
            raise ValueError(
                f"The block case({self.value}) has tasks of the flows {self._flow.name!r} and {flow.name!r}."
                " Use one block for each flow."
            )
        self._flow = flow
        self._tasks.append(task)

    def __enter__(self) -> None:
        self._tasks, self._flow = [], None
        self._overlay = context(case=self)
        self._overlay.__enter__()

    def __exit__(self, *exc_info: object) -> None:
        self._overlay.__exit__(*exc_info)
        flow = self._flow
        if flow is None:
            return
        condition = CompareValue(self.value, name=f"case({self.value})").bind(value=self.task, flow=flow)
        inside = set(self._tasks)
        for task in self._tasks:
            if flow.upstream_tasks(task).isdisjoint(inside):
                flow.add_edge(condition, task)
