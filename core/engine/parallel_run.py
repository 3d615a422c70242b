"""One pass over a flow with several tasks under way at a time.

Every task begins as soon as its own upstream tasks are done, and every mapped child as soon as its own upstream
children are: there is no barrier between branches nor between mapped levels. Parents of mapped tasks are cheap and
decided here; all other runs go to a pool.

Source: core.md §8.6.2 and §14.3.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from prefect.engine.flow_run import MappedRun
from prefect.engine.needed_values import NeededValues
from prefect.engine.state import Mapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.edge import Edge
    from prefect.engine.flow_run import FlowPass
    from prefect.engine.state import State
    from prefect.engine.unit import Unit

#: A run: place of the task in the plan, and number of the child or None.
Key = tuple[int, "int | None"]


class Pool(Protocol):
    """Where runs are run."""

    def room(self) -> int:
        """Return how many more runs are welcome now; 0 asks to wait for one to be done."""

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run."""

    def next_done(self) -> tuple[Key, State]:
        """Wait until a run is done. Raises what a task raised that no state stands for, such as ``SystemExit``."""


def run_in_parallel(flow_pass: FlowPass, pool: Pool, release: Callable[[State], None] | None = None) -> None:
    """Run all tasks of a pass in a pool.

    Args:
        flow_pass: The pass.
        pool: Where they are run.
        release: Told of each state whose value nobody needs any more.
    """
    _ParallelPass(flow_pass, pool, release).run()


class _ParallelPass:
    """Who waits for whom.

    Attributes:
        missing: For each task, how many of its edges have not been satisfied.
        waiting: For each task, (the other end, the edge) of the edges that begin there.
        to_begin: Tasks whose edges are all satisfied.
        ready: Runs that only wait for room in the pool.
        mapped: The mapped tasks that have begun.
        children_left: For each of these, how many children are not done.
        missing_upstream: For each of these, for each child, how many upstream children are not done; for tasks mapped
            over other mapped tasks only.
    """

    def __init__(self, flow_pass: FlowPass, pool: Pool, release: Callable[[State], None] | None) -> None:
        self.flow_pass = flow_pass
        self.pool = pool
        self.steps = flow_pass.plan.steps
        self.missing = [len(step.edges) for step in self.steps]
        self.waiting: list[list[tuple[int, Edge]]] = [[] for _ in self.steps]
        for step in self.steps:
            for edge, place in zip(step.edges, step.places):
                self.waiting[place].append((step.index, edge))
        self.to_begin = deque(step.index for step in self.steps if not step.edges)
        self.ready: deque[Key] = deque()
        self.mapped: dict[int, MappedRun] = {}
        self.children_left: dict[int, int] = {}
        self.missing_upstream: dict[int, list[int]] = {}
        self.under_way = 0
        self.needed = None if release is None else NeededValues(flow_pass, self.waiting, release)

    def run(self) -> None:
        while True:
            while self.to_begin:
                self._begin(self.to_begin.popleft())
            if not self.ready and not self.under_way:
                return
            self._fill_pool()
            key, state = self.pool.next_done()
            self.under_way -= 1
            self._take(key, state)

    def _fill_pool(self) -> None:
        room = self.pool.room()
        while self.ready and room > 0:
            key = self.ready.popleft()
            index, child = key
            mapped = self.mapped.get(index)
            unit = self.flow_pass.unit(self.steps[index]) if mapped is None else mapped.unit(child or 0)
            self.pool.submit(key, unit)
            self.under_way += 1
            room -= 1

    def _begin(self, index: int) -> None:
        step = self.steps[index]
        kept = self.flow_pass.kept_state(step)
        if kept is not None:
            self._record(index, kept, lambda edge: True)
        elif step.is_mapped:
            self._begin_mapped(MappedRun(self.flow_pass, step))
        else:
            self.ready.append((index, None))

    def _begin_mapped(self, mapped: MappedRun) -> None:
        index = mapped.step.index
        if not mapped.number:
            self._record(index, mapped.finish(), lambda edge: True)
            return
        self.flow_pass.states[index] = mapped.state
        self.mapped[index] = mapped
        self.children_left[index] = mapped.number
        self._count_missing_upstream(mapped)
        counts = self.missing_upstream.get(index)
        self.ready.extend((index, child) for child in range(mapped.number) if counts is None or not counts[child])
        self._satisfy(index, lambda edge: self._follows(edge, index))

    def _count_missing_upstream(self, mapped: MappedRun) -> None:
        for edge, place in zip(mapped.step.edges, mapped.step.places):
            if place in self.children_left and self._follows(edge, place):
                counts = self.missing_upstream.setdefault(mapped.step.index, [0] * mapped.number)
                for child, state in zip(range(mapped.number), self.mapped[place].children):
                    counts[child] += state is None

    def _follows(self, edge: Edge, index: int) -> bool:
        """Return whether the children of an edge's end wait for the children of its beginning one by one."""
        return edge.mapped and not edge.flattened and isinstance(self.flow_pass.states[index], Mapped)

    def _record(self, index: int, state: State, applies: Callable[[Edge], bool]) -> None:
        """Take note of the final state of a task, and of what waits for it."""
        self.flow_pass.record(self.steps[index], state)
        self._satisfy(index, applies)
        if self.needed is not None:
            self.needed.task_done(index)

    def _satisfy(self, index: int, applies: Callable[[Edge], bool]) -> None:
        """Take note that something the edges from a task were waiting for is there."""
        for waiting, edge in self.waiting[index]:
            if applies(edge):
                self.missing[waiting] -= 1
                if not self.missing[waiting]:
                    self.to_begin.append(waiting)

    def _take(self, key: Key, state: State) -> None:
        index, child = key
        if child is None:
            self._record(index, state, lambda edge: True)
            return
        mapped = self.mapped[index]
        mapped.children[child] = state
        self.children_left[index] -= 1
        for follower, edge in self.waiting[index]:
            counts = self.missing_upstream.get(follower)
            if counts is not None and child < len(counts) and self._follows(edge, index):
                counts[child] -= 1
                if not counts[child]:
                    self.ready.append((follower, child))
        if self.needed is not None:
            self.needed.child_done(index, child)
        if not self.children_left[index]:
            del self.children_left[index]
            self._record(index, mapped.finish(), lambda edge: not self._follows(edge, index))
