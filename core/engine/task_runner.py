"""``TaskRunner``: runs one task by itself, as in 1.x and in tests of tasks.

Source: core.md §8.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context as prefect_context
from prefect.engine.plan import Step
from prefect.engine.run_context import is_checkpointing
from prefect.engine.settings import RunSettings
from prefect.engine.task_run import TaskRun
from prefect.engine.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prefect.edge import Edge
    from prefect.engine.observer import Observer
    from prefect.engine.result import Result
    from prefect.engine.state import State
    from prefect.task import Task


class TaskRunner:
    """Runs one task.

    Args:
        task: The task.
        state_handlers: Called as ``handler(task_runner, old_state, new_state)``, after those of the task.
        flow_result: Result to use when the task has none.

    Attributes:
        observer: Told of every change of state, or None.
        reported: State in which the last run ended, as far as the observer knows.
    """

    observer: Observer | None = None
    reported: State | None = None

    def __init__(
        self,
        task: Task,
        state_handlers: Iterable[Callable[..., Any]] | None = None,
        flow_result: Result | None = None,
    ) -> None:
        self.task = task
        self.state_handlers = list(state_handlers or ())
        self.flow_result = flow_result

    def __repr__(self) -> str:
        return f"<TaskRunner: {self.task.name}>"

    def run(
        self,
        state: State | None = None,
        upstream_states: dict[Edge, State] | None = None,
        context: dict[str, Any] | None = None,
        is_mapped_parent: bool = False,
    ) -> State:
        """Run the task once and return its final state.

        Args:
            state: State to begin with; ``Pending`` by default.
            upstream_states: Edge → final state of its upstream task.
            context: Values for ``prefect.context``, such as ``map_index`` for a mapped child.
            is_mapped_parent: Only find out whether the task can be mapped over its inputs.
        """
        given = {"checkpointing": is_checkpointing(), **(context or {})}
        inputs = list((upstream_states or {}).items())
        step = Step(self.task, self.task.slug or self.task.name, -1, [edge for edge, _ in inputs], (), {})
        with prefect_context(given):
            settings = RunSettings(
                self.flow_result, self.state_handlers, self.observer, takes_short_path=False, runner=self
            )
            unit = Unit(step, given.get("map_index"), None, given, None, inputs, state)
            self.reported = TaskRun(step, settings, inputs, unit.layer(), is_mapped_parent).run(state)
            return self.reported
