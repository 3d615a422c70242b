"""What the client says of runs.

Source: backend.md §19.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from prefect.engine.state import State


class ProjectInfo(NamedTuple):
    """A project."""

    id: str
    name: str


class TaskRunInfoResult(NamedTuple):
    """A task run, of which the number is known: that of an unmapped task, or the one that was asked for."""

    id: str
    task_id: str
    task_slug: str
    version: int
    state: State


class NumberedTaskRun(NamedTuple):
    """A task run of a flow run; ``map_index`` is the number of a mapped child, else -1."""

    id: str
    task_id: str
    task_slug: str
    map_index: int
    version: int
    state: State


class FlowRunInfoResult(NamedTuple):
    """A flow run; ``start`` is the UTC text of when it was scheduled, ``task_runs`` has those of unmapped tasks."""

    id: str
    name: str
    flow_id: str
    project: ProjectInfo
    parameters: dict[str, Any]
    context: dict[str, Any]
    version: int
    start: str
    state: State
    task_runs: list[TaskRunInfoResult]

    @property
    def scheduled_start_time(self) -> Any:
        """When it was scheduled, a ``pendulum.DateTime``; made when asked for, since loading pendulum takes time."""
        from prefect.client.moments import as_moment

        return as_moment(self.start)
