"""States from an earlier process: their values are read from where they were stored when a task needs them.

Source: core.md §8.3 step 6, §22; backend.md §10.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.engine import signals
from prefect.engine.mapping import expanded, is_settled
from prefect.engine.state import Failed, Mapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect.engine.mapping import Inputs
    from prefect.engine.result import Result
    from prefect.engine.state import State


class LostResult(Failed):
    """Stands for an upstream state whose value could not be read; its result is the reason."""

    __slots__ = ()


def with_value(state: State, reader: Result | None, followers: Sequence[State | None] = ()) -> State:
    """Return a state whose value is there, or :class:`LostResult`; children of a mapped one likewise.

    Args:
        state: State of an upstream task.
        reader: Result of that task, which knows how its values are written; None for the flow's.
        followers: States of the runs that need the children of a mapped one, one each: what only a run needs that is over
            is not read.
    """
    if isinstance(state, Mapped):
        if is_to_be_read(state):
            over = [follower is not None and is_settled(follower) for follower in followers]
            state.map_states = [
                child if child is None or (index < len(over) and over[index]) else with_value(child, reader)
                for index, child in enumerate(state.map_states)
            ]
            state.result = [None if child is None else child.result for child in state.map_states]
        return state
    if not is_to_be_read(state):
        return state
    try:
        return state.load_result(reader)
    except Exception as exc:
        return LostResult(message=f"Failed to retrieve task results: {exc}", result=exc)


def check_values(inputs: Inputs) -> None:
    """End a task run whose inputs could not be read.

    Raises:
        ENDRUN: With the ``Failed`` state of the task run.
    """
    for state in expanded(inputs):
        if isinstance(state, LostResult):
            raise signals.ENDRUN(Failed(message=state.message, result=state.result))


def is_to_be_read(state: State) -> bool:
    """Return whether the value of a state, or of one of its children, is known by its location only."""
    if isinstance(state, Mapped):
        return any(child is not None and is_to_be_read(child) for child in state.map_states)
    result = state._result_object
    return state.is_successful() and result is not None and result.value is None and result.location is not None
