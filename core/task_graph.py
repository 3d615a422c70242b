"""What a flow is made of: tasks, edges and constants, and the questions one can ask about them.

Source: core.md §2.5.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from prefect.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prefect.edge import Edge
    from prefect.task import Task


class TaskGraph:
    """Tasks, edges and constants.

    Attributes:
        tasks: All tasks, stored constants included.
        edges: All edges.
        slugs: Task → its identity within this flow, in the order in which tasks were added.
        constants: Task → {argument: value} for plain values, which need neither a task nor an edge.
    """

    name: str
    tasks: set[Task]
    edges: set[Edge]
    slugs: dict[Task, str]
    constants: defaultdict[Task, dict[str, Any]]

    def __init__(self) -> None:
        self.tasks = set()
        self.edges = set()
        self.slugs = {}
        self.constants = defaultdict(dict)
        self._reference_tasks: set[Task] = set()
        self._reset_index()

    def get_tasks(
        self,
        name: str | None = None,
        slug: str | None = None,
        tags: Iterable[str] | None = None,
        task_type: type[Task] | None = None,
    ) -> list[Task]:
        """Return the tasks for which every given criterion holds; ``tags`` have to be among the task's."""
        wanted = set(tags or ())
        return [
            task
            for task, own_slug in self.slugs.items()
            if (name is None or task.name == name)
            and (slug is None or slug == own_slug)
            and wanted <= task.tags
            and (task_type is None or isinstance(task, task_type))
        ]

    def root_tasks(self) -> set[Task]:
        """Return the tasks without upstream tasks."""
        self._index()
        return {task for task in self.tasks if not self._edges_to.get(task)}

    def terminal_tasks(self) -> set[Task]:
        """Return the tasks without downstream tasks."""
        self._index()
        return {task for task in self.tasks if not self._edges_from.get(task)}

    def parameters(self) -> set[Parameter]:
        """Return the parameters."""
        return {task for task in self.slugs if isinstance(task, Parameter)}

    def reference_tasks(self) -> set[Task]:
        """Return the tasks that decide whether the flow succeeds."""
        if self._reference_tasks:
            return set(self._reference_tasks)
        self._index()
        return {
            task
            for task in self.tasks
            if task.resource_role not in ("init", "cleanup")
            and all(edge.downstream_task.resource_role == "cleanup" for edge in self._edges_from.get(task, ()))
        }

    def edges_to(self, task: Task) -> set[Edge]:
        """Return the edges that end at a task. Raises ``ValueError`` if it is not in the flow."""
        self._require(task)
        self._index()
        return set(self._edges_to.get(task, ()))

    def edges_from(self, task: Task) -> set[Edge]:
        """Return the edges that begin at a task. Raises ``ValueError`` if it is not in the flow."""
        self._require(task)
        self._index()
        return set(self._edges_from.get(task, ()))

    def upstream_tasks(self, task: Task) -> set[Task]:
        """Return the tasks right before a task. Raises ``ValueError`` if it is not in the flow."""
        return {edge.upstream_task for edge in self.edges_to(task)}

    def downstream_tasks(self, task: Task) -> set[Task]:
        """Return the tasks right after a task. Raises ``ValueError`` if it is not in the flow."""
        return {edge.downstream_task for edge in self.edges_from(task)}

    def all_upstream_edges(self) -> dict[Task, set[Edge]]:
        """Return task → edges that end there."""
        self._index()
        return {task: set(self._edges_to.get(task, ())) for task in self.tasks}

    def all_downstream_edges(self) -> dict[Task, set[Edge]]:
        """Return task → edges that begin there."""
        self._index()
        return {task: set(self._edges_from.get(task, ())) for task in self.tasks}

    def has_edges(self, task: Task) -> bool:
        """Return whether a task, which need not be in the flow, is connected to another one in it."""
        return task in self._edges_to or task in self._edges_from

    def sorted_tasks(self, root_tasks: Iterable[Task] | None = None) -> tuple[Task, ...]:
        """Return the tasks in an order in which each comes after its upstream tasks.

        Among several possible orders it is the one closest to that in which tasks were added.

        Args:
            root_tasks: Return only these and everything downstream of them; all tasks if there are none.

        Raises:
            ValueError: A root task is not in the flow, or the flow has a cycle.
        """
        order = list(self.places())
        reached = set(root_tasks or ())
        if not reached:
            return tuple(order)
        for task in reached:
            self._require(task)
        for task in order:
            if task in reached:
                reached.update(edge.downstream_task for edge in self._edges_from.get(task, ()))
        return tuple(task for task in order if task in reached)

    def validate(self) -> None:
        """Check the graph.

        Raises:
            ValueError: An edge or a reference task is foreign to the flow, or there is a cycle.
        """
        if not self._reference_tasks <= self.tasks:
            raise ValueError(f"The flow {self.name!r} has reference tasks that are not in it. Add them, or set others.")
        self.places()

    def places(self) -> dict[Task, int]:
        """Return task → its place in the order of :meth:`sorted_tasks`, in that order.

        Raises:
            ValueError: The flow has a cycle, or an edge to a task that is not in it.
        """
        self._index()
        ordered = self.slugs if len(self.slugs) == len(self.tasks) else self.tasks
        places = {task: number for number, task in enumerate(ordered)}
        try:
            if self._is_in_order(places):
                return places
        except KeyError as exc:
            raise ValueError(
                f"The flow {self.name!r} has an edge to {exc.args[0]!r}, which is not in it. Add the task."
            ) from None
        return {task: number for number, task in enumerate(self._sorted_by(list(places), places))}

    def __iter__(self) -> Iterator[Task]:
        return iter(self.sorted_tasks())

    # ---- helpers -----------------------------------------------------------------------------------------------

    def _require(self, task: Task) -> None:
        if task not in self.tasks:
            raise ValueError(f"{task!r} is not a task of the flow {self.name!r}. Add it first.")

    def _reset_index(self) -> None:
        self._edges_to: defaultdict[Task, list[Edge]] = defaultdict(list)
        self._edges_from: defaultdict[Task, list[Edge]] = defaultdict(list)
        self._indexed_edges = 0

    def _index_edge(self, edge: Edge) -> None:
        self._edges_to[edge.downstream_task].append(edge)
        self._edges_from[edge.upstream_task].append(edge)
        self._indexed_edges += 1

    def _index(self) -> None:
        """Bring the adjacency lists up to date, should somebody have changed ``edges`` directly."""
        if self._indexed_edges != len(self.edges):
            self._reset_index()
            for edge in self.edges:
                self._index_edge(edge)

    def _ordered_edges(self) -> list[Edge]:
        self._index()
        return [edge for edges in self._edges_to.values() for edge in edges]

    def _is_in_order(self, place: dict[Task, int]) -> bool:
        # By way of the neighbours, who were made one after another: the set of all edges has an order of its own, in which
        # a large flow would cost a cache miss for each of them.
        for task, edges in self._edges_to.items():
            number = place[task]
            for edge in edges:
                if place[edge.upstream_task] >= number:
                    return False
        return True

    def _sorted_by(self, ordered: list[Task], place: dict[Task, int]) -> list[Task]:
        """Kahn's algorithm; of the tasks that are ready the one added first comes first."""
        from heapq import heapify, heappop, heappush

        missing = {task: len(self._edges_to.get(task, ())) for task in ordered}
        ready = [place[task] for task in ordered if not missing[task]]
        heapify(ready)
        order: list[Task] = []
        while ready:
            task = ordered[heappop(ready)]
            order.append(task)
            for edge in self._edges_from.get(task, ()):
                downstream = edge.downstream_task
                missing[downstream] -= 1
                if not missing[downstream]:
                    heappush(ready, place[downstream])
        if len(order) < len(ordered):
            names = ", ".join(sorted(repr(task.name) for task, number in missing.items() if number > 0))
            raise ValueError(f"Cycle found; flows must be acyclic. In or behind the cycle: {names}.")
        return order
