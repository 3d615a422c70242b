"""What the backend knows of the task runs of a flow run, as states that the engine goes on from.

Source: backend.md §10.2, §11; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prefect.backend.recorder import NOT_MAPPED, plain
from prefect.engine.state import Mapped, Pending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task


class KnownTaskRun(NamedTuple):
    """A task run of the backend: its id, the task's slug, number of the child or -1, its state."""

    id: str
    task_slug: str
    map_index: int
    state: State


def restored_states(flow: Flow, runs: Iterable[KnownTaskRun]) -> dict[Task, State]:
    """Return the state from which each task goes on; mapped ones have the states of their children.

    Raises:
        KeyError: The backend knows a task that the flow has not.
    """
    tasks = {slug: task for task, slug in flow.slugs.items()}
    states: dict[Task, State] = {}
    children: dict[Task, dict[int, State]] = {}
    for run in runs:
        task = tasks.get(run.task_slug)
        if task is None:
            raise KeyError(
                f"The registered flow has a task {run.task_slug!r}, which the flow {flow.name!r} that was loaded has not:"
                " its file has changed since. Register the flow again."
            )
        if run.map_index == NOT_MAPPED:
            states[task] = plain(run.state)
        else:
            children.setdefault(task, {})[run.map_index] = plain(run.state)
    for task, found in children.items():
        parent = states.get(task)
        if isinstance(parent, Mapped):
            number = max(parent.n_map_states, max(found) + 1)
            parent.map_states = [found.get(index) or Pending() for index in range(number)]
            parent.n_map_states = None
    return states
