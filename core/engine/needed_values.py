"""Which values of a pass somebody may still need: pools that keep values elsewhere let go of the others.

Source: docs/decisions/0016.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.engine.mapping import is_settled
from prefect.engine.state import Mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prefect.edge import Edge
    from prefect.engine.flow_run import FlowPass
    from prefect.engine.state import State


class NeededValues:
    """Finds the values that are used up: the caller has not asked for them, and every run that needs them is over.

    A run that is to be tried again, or cached and so offered to its validator again, is not over.

    Args:
        flow_pass: The pass.
        users: For each task, (the other end, the edge) of the edges that begin there.
        release: Told of each state whose value is used up.
    """

    def __init__(
        self,
        flow_pass: FlowPass,
        users: Sequence[Sequence[tuple[int, Edge]]],
        release: Callable[[State], None],
    ) -> None:
        self._states = flow_pass.states
        self._steps = flow_pass.plan.steps
        self._users = users
        self._release = release
        self._over: set[int] = set()
        #: For each task, how many of its edges lead to tasks that are not over.
        self._left = [len(edges) for edges in users]
        self._kept = set(flow_pass.asked)
        for step in self._steps:
            if step.always_runs:
                self._kept.update(step.places)

    def task_done(self, index: int) -> None:
        """Take note that a task is done, with all its children."""
        if not all(is_settled(part) for part in _parts(self._states[index])):
            return
        self._over.add(index)
        if not self._left[index]:
            self._let_go(index)
        for place in self._steps[index].places:
            self._left[place] -= 1
            if not self._left[place]:
                self._let_go(place)

    def _let_go(self, place: int) -> None:
        if place not in self._kept:
            for part in _parts(self._states[place]):
                self._release(part)

    def child_done(self, index: int, child: int) -> None:
        """Take note that a mapped child is done."""
        if not self._is_child_over(self._states[index], child):
            return
        if index not in self._kept and self._is_used_up(index, child):
            self._release(self._states[index].map_states[child])  # type: ignore[attr-defined]  # it is Mapped
        for edge, place in zip(self._steps[index].edges, self._steps[index].places):
            if place not in self._kept and self._follows(edge, place) and self._is_used_up(place, child):
                self._release(self._states[place].map_states[child])  # type: ignore[attr-defined]  # so is that

    def _is_used_up(self, place: int, child: int) -> bool:
        return all(
            user in self._over or (self._follows(edge, place) and self._is_child_over(self._states[user], child))
            for user, edge in self._users[place]
        )

    def _follows(self, edge: Edge, place: int) -> bool:
        """Return whether each child of an edge's end needs one child of its beginning."""
        return edge.mapped and not edge.flattened and isinstance(self._states[place], Mapped)

    def _is_child_over(self, state: State | None, child: int) -> bool:
        if not isinstance(state, Mapped) or child >= len(state.map_states):
            return False
        found = state.map_states[child]
        return found is not None and is_settled(found)


def _parts(state: State) -> Sequence[State]:
    return state.map_states if isinstance(state, Mapped) else (state,)
