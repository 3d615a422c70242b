"""What the backend knows of the task runs of a flow run, as states that the engine goes on from.

Source: backend.md §10.2, §11; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.backend.recorder import NOT_MAPPED
from prefect.engine.state import Mapped, Paused, Pending, Queued, Scheduled, initial

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prefect.client.results import NumberedTaskRun
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

#: Why the tasks of a flow differ from those that were registered, and what to do.
_CHANGED = "Its code has changed since. Register the flow again."


def restored_states(flow: Flow, runs: Iterable[NumberedTaskRun]) -> dict[Task, State]:
    """Return the state from which each task goes on; mapped ones have the states of their children.

    Args:
        flow: The flow that was loaded.
        runs: The task runs that the backend knows, one of each task that was registered and those of mapped children.

    Raises:
        KeyError: The flow has not the tasks that were registered.
    """
    tasks = {slug: task for task, slug in flow.slugs.items()}
    states: dict[Task, State] = {}
    children: dict[Task, dict[int, State]] = {}
    for run in runs:
        task = tasks.get(run.task_slug)
        if task is None:
            raise KeyError(
                f"The registered flow has a task {run.task_slug!r}, which the flow {flow.name!r} that was loaded has not."
                f" {_CHANGED}"
            )
        if run.map_index == NOT_MAPPED:
            states[task] = begun_from(run.state)
        else:
            children.setdefault(task, {})[run.map_index] = begun_from(run.state)
    for slug, task in tasks.items():
        if task not in states:
            raise KeyError(
                f"The flow {flow.name!r} that was loaded has a task {slug!r}, which the registered flow has not. {_CHANGED}"
            )
    for task, parent in states.items():
        if isinstance(parent, Mapped):
            found = children.get(task, {})
            number = max(parent.n_map_states, max(found, default=-1) + 1)
            parent.map_states = [found.get(index) or Pending() for index in range(number)]
    return states


def begun_from(state: State | None) -> State:
    """Return the state from which a run goes on that nobody executes just now.

    Queued and submitted ones go on from what they were before; one that was running when its process went away begins
    again.
    """
    state = initial(state)
    if not state.is_running():
        return state
    again = Pending(message="The process that ran it is gone.")
    again.context = dict(state.context)
    return again


def unqueued(states: Mapping[Task, State]) -> dict[Task, State]:
    """Return the states from which the next pass goes on: those that had to wait for a free slot ask again."""
    found = {}
    for task, state in states.items():
        if isinstance(state, Mapped):
            state.map_states = [begun_from(child) if isinstance(child, Queued) else child for child in state.map_states]
        found[task] = begun_from(state) if isinstance(state, Queued) else state
    return found


def waiting_states(states: Mapping[Task, State]) -> Iterator[Scheduled | Queued]:
    """Yield the states of task runs that wait for a time, a free slot or a person; mapped children one by one."""
    for _, _, state in parts(states):
        if isinstance(state, (Scheduled, Queued)):
            yield state


def paused(states: Mapping[Task, State]) -> list[tuple[Task, int | None, State]]:
    """Return the task runs that wait for a person: task, number of the child, state."""
    return [part for part in parts(states) if isinstance(part[2], Paused)]


def replace(states: dict[Task, State], task: Task, index: int | None, state: State) -> None:
    """Put the state of a task run, or of a mapped child, among those of a flow run."""
    parent = states[task]
    if index is not None and isinstance(parent, Mapped):
        parent.map_states[index] = state
    else:
        states[task] = state


def parts(states: Mapping[Task, State]) -> Iterator[tuple[Task, int | None, State]]:
    """Yield task, number of the child or None, and state of every task run, a mapped one's children in its place."""
    for task, state in states.items():
        if isinstance(state, Mapped):
            yield from ((task, index, child) for index, child in enumerate(state.map_states))
        else:
            yield task, None, state
