"""The live view of a run that another process executes.

Source: issue "A live view"; DESIGN §4 decision 6.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from prefect.backend.following import FlowRunEvent, TaskRunEvent
from prefect.cli.live_progress import Progress, Standing
from prefect.cli.live_view import LiveView
from prefect.orchestration.flows import tasks_of
from prefect.orchestration.state_rules import FAILED, FINISHED, RUNNING

if TYPE_CHECKING:
    from prefect.backend.following import Event

#: Type of the tasks that only hold a value, which nobody counts.
_CONSTANT = "prefect.tasks.core.constants.Constant"
#: Place of a task run that is no mapped child.
_NOT_MAPPED = -1


class LiveWatch:
    """Shows a live view from the first event until its ``with`` block ends.

    Args:
        flow: The registered flow whose run is watched.
    """

    def __init__(self, flow: dict[str, Any]) -> None:
        names = {task["slug"]: task["name"] for task in tasks_of(flow) if task["type"] != _CONSTANT}
        self._view = LiveView(Progress(flow["name"], names, time.time))
        self._is_shown = False
        self._has_begun = False

    def __enter__(self) -> LiveWatch:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._view.end()

    def tell(self, event: Event) -> None:
        """Take note of what happened to the run."""
        if not self._is_shown:
            self._is_shown = True
            self._view.begin()
        if isinstance(event, TaskRunEvent):
            map_index = None if event.map_index == _NOT_MAPPED else event.map_index
            self._view.task_changed(event.task_slug, map_index, standing(event.state), _seconds(event))
        elif isinstance(event, FlowRunEvent) and event.state["type"] == "Running" and not self._has_begun:
            self._has_begun = True
            self._view.count_time_from(_seconds(event))


def standing(state: dict[str, Any]) -> Standing:
    """Return what counts of a state in its 1.x JSON form."""
    kind = state["type"]
    children = state.get("n_map_states", 0) if kind == "Mapped" else None
    return Standing(kind in RUNNING, kind in FINISHED and kind != "Looped", kind in FAILED, children)


def _seconds(event: Event) -> float:
    return datetime.fromisoformat(event.timestamp).timestamp()
