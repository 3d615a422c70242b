"""The seam between the engine and whoever keeps or shows what happens.

Source: DESIGN §2 (the engine knows neither client nor store) and §3; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


class Observer(Protocol):
    """Is told of every change of state before it takes effect.

    A method may return another state, which is used instead, or raise ``ENDRUN`` to end the run in a state of its
    choice. Methods are called after the state handlers, from the thread in which the task runs; with processes the
    observer is pickled once for each worker. A run without an observer pays nothing for it.
    """

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        """Take note that a flow run goes from ``old`` to ``new``."""

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        """Take note that a task run goes from ``old`` to ``new``.

        Args:
            task: The task.
            map_index: Number of the mapped child, from 0; None for a task that is none.
            old: The state so far.
            new: The state to be.
        """
