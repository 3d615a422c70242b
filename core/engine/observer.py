"""The seam between the engine and whoever keeps or shows what happens.

Source: DESIGN §2 (the engine knows neither client nor store) and §3; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


class Observer:
    """Is told of every change of state before it takes effect, and of what else a backend wants to know.

    This one does nothing. Methods are called after the state handlers, from the thread in which the task runs; with
    processes always in that of the flow run. A run without an observer pays nothing for it.
    """

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        """Take note that a flow run goes from ``old`` to ``new``.

        Returns:
            The state to use instead, or None.

        Raises:
            ENDRUN: To end the run in a state of the observer's choice.
        """
        return None

    def task_run_begins(self, task: Task, map_index: int | None) -> Mapping[str, Any] | None:
        """Take note that a task run is about to begin.

        Args:
            task: The task.
            map_index: Number of the mapped child, from 0; None for a task that is none.

        Returns:
            Values for ``prefect.context`` in that task run, such as its id; or None.
        """
        return None

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        """Take note of the name that ``task_run_name`` gives a task run."""

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        """Take note that a task run goes from ``old`` to ``new``; see :meth:`flow_state_changed`."""
        return None

    def may_hold_back(self, task: Task) -> bool:
        """Return whether a run of this task may be told not to begin, now or at all.

        Only then does a worker that is far away wait for the answer before it begins.
        """
        return True

    def cached_states(self, task: Task) -> Iterable[State] | None:
        """Return what earlier runs left for a task with ``cache_for``; None for what this process remembers."""
        return None

    def worker_setup(self) -> Callable[[], None] | None:
        """Return what a new worker process has to do first, as something that can be pickled; or None."""
        return None


class Observers(Observer):
    """Tells one observer, whose answers count, and onlookers, who hear what it made of a state.

    Args:
        first: Whose answers count.
        onlookers: Told of states alone, and not of those at which the first one ends the run.
    """

    def __init__(self, first: Observer, *onlookers: Observer) -> None:
        self._first = first
        self._onlookers = onlookers

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> State | None:
        """Tell all; see :class:`Observer`."""
        answer = self._first.flow_state_changed(flow, old, new)
        for onlooker in self._onlookers:
            onlooker.flow_state_changed(flow, old, answer or new)
        return answer

    def task_run_begins(self, task: Task, map_index: int | None) -> Mapping[str, Any] | None:
        """Ask the first."""
        return self._first.task_run_begins(task, map_index)

    def task_run_named(self, task: Task, map_index: int | None, name: str) -> None:
        """Tell the first."""
        self._first.task_run_named(task, map_index, name)

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> State | None:
        """Tell all; see :class:`Observer`."""
        answer = self._first.task_state_changed(task, map_index, old, new)
        for onlooker in self._onlookers:
            onlooker.task_state_changed(task, map_index, old, answer or new)
        return answer

    def may_hold_back(self, task: Task) -> bool:
        """Ask the first."""
        return self._first.may_hold_back(task)

    def cached_states(self, task: Task) -> Iterable[State] | None:
        """Ask the first."""
        return self._first.cached_states(task)

    def worker_setup(self) -> Callable[[], None] | None:
        """Ask the first."""
        return self._first.worker_setup()
