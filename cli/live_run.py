"""The live view of a run that this process executes.

Source: issue "A live view"; DESIGN §4 decision 6.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.cli.live_progress import Progress, Standing
from prefect.cli.live_view import LiveView
from prefect.engine.observer import Observer
from prefect.engine.state import Looped, Mapped

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


class LiveRun(Observer):
    """Shows a live view from when its run begins until its ``with`` block ends, and again with every run of a schedule."""

    def __init__(self) -> None:
        self._view: LiveView | None = None

    def __enter__(self) -> LiveRun:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._view is not None:
            self._view.end()

    def flow_state_changed(self, flow: Flow, old: State, new: State) -> None:
        """Begin to count with the first state that says so."""
        if not new.is_running():
            return
        if self._view is None:
            self._view = _view_of(flow)
            self._view.begin()
        else:
            self._view.restart()

    def task_state_changed(self, task: Task, map_index: int | None, old: State, new: State) -> None:
        """Take note of a task's new state."""
        if self._view is not None:
            self._view.task_changed(task, map_index, standing(new))


def _view_of(flow: Flow) -> LiveView:
    from prefect.tasks.core.constants import Constant

    names = {task: task.name for task in flow.tasks if not isinstance(task, Constant)}
    return LiveView(Progress(flow.name, names), forks=_runs_in_processes(flow))


def standing(state: State) -> Standing:
    """Return what counts of a state of the engine."""
    children = state.n_map_states if isinstance(state, Mapped) else None
    is_done = state.is_finished() and not isinstance(state, Looped)
    return Standing(state.is_running(), is_done, state.is_failed(), children)


def _runs_in_processes(flow: Flow) -> bool:
    return getattr(flow.executor, "scheduler", None) == "processes" and hasattr(os, "fork")
