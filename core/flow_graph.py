"""The graph of a flow: its tasks, their edges and constants, and the questions one can ask about them.

Source: core.md §2.3 to §2.5.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.context import context
from prefect.edge import Edge, EdgeAnnotation, check_edge
from prefect.parameter import Parameter
from prefect.task import Task
from prefect.tasks.core.constants import Constant
from prefect.utilities.tasks import as_task, contains_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class FlowGraph:
    """Tasks, edges and constants of a flow.

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
        self._slug_counters: dict[str, int] = {}
        self._used_slugs: set[str] = set()
        self._reference_tasks: set[Task] = set()
        self._reset_index()

    # ---- adding ------------------------------------------------------------------------------------------------

    def add_task(self, task: Task) -> Task:
        """Add a task, give it a slug, and return it; a task that is there already is left as it is.

        Raises:
            TypeError: It is no task.
            ValueError: Its explicit slug is taken.
        """
        if not isinstance(task, Task):
            raise TypeError(f"A flow holds Task instances, not {task!r} of type {type(task).__name__}.")
        if task in self.tasks:
            return task
        slug = task.slug
        if slug is None:
            slug = self._new_slug(task)
        elif slug in self._used_slugs:
            raise ValueError(
                f"The slug {slug!r} is taken by another task of the flow {self.name!r}. Give one of them another."
            )
        self._used_slugs.add(slug)
        self.slugs[task] = slug
        self.tasks.add(task)
        case, resource = context.get("case"), context.get("resource")
        if (case is not None or resource is not None) and not isinstance(task, (Parameter, Constant)):
            for block in (case, resource):
                if block is not None:
                    block.add_task(task, self)
        return task

    def add_edge(
        self,
        upstream_task: Any,
        downstream_task: Any,
        key: str | None = None,
        mapped: bool = False,
        flattened: bool = False,
        validate: bool | None = None,
    ) -> Edge:
        """Add a dependency and return it.

        Args:
            upstream_task: Task, annotation or value that comes first.
            downstream_task: Task that comes after it; not a parameter.
            key: Argument of the downstream task that gets the value; None for order only.
            mapped: Map the downstream task over the value.
            flattened: Un-nest the value by one level.
            validate: Check keys and cycles now; by default as config ``flows.eager_edge_validation`` says.

        Raises:
            ValueError: The downstream task is a parameter or the upstream task itself, the key is no argument
                name, or validation found a cycle or an argument given twice.
            TypeError: Validation found that ``run`` has no such argument.
        """
        edge = self._connect(upstream_task, downstream_task, key, mapped, flattened, validate)
        if edge is None:
            value = self.constants[downstream_task][key]  # type: ignore[index]
            edge = Edge.between(Constant(value), downstream_task, key)
        return edge

    def _connect(
        self, upstream: Any, downstream: Any, key: str | None, mapped: bool, flattened: bool, validate: bool | None
    ) -> Edge | None:
        """Add an edge, or bind a constant and return None."""
        if mapped:
            self._refuse_nested_mapping()
        if isinstance(upstream, EdgeAnnotation):
            upstream, attributes = upstream.unwrap()
            mapped, flattened = attributes.get("mapped", mapped), attributes.get("flattened", flattened)
        if not isinstance(downstream, Task):
            downstream = as_task(downstream, flow=self)
        if isinstance(downstream, Parameter):
            raise ValueError(f"{downstream!r} cannot have upstream tasks, since parameters begin a flow.")
        if validate is None:
            validate = config.flows.eager_edge_validation
        plain = key is not None and not mapped and not flattened
        if plain and (isinstance(upstream, Constant) or not (isinstance(upstream, Task) or contains_task(upstream))):
            self.add_task(downstream)
            self.constants[downstream][key] = upstream.value if isinstance(upstream, Constant) else upstream  # type: ignore[index]
            if validate:
                self._validate_keys(downstream)
            return None
        if not isinstance(upstream, Task):
            upstream = as_task(upstream, flow=self)
        check_edge(upstream, downstream, key)
        edge = Edge.between(upstream, downstream, key, mapped=mapped, flattened=flattened)
        if validate and edge not in self.edges and key is not None:
            self._refuse_second_value(edge)
        self._add(edge)
        if validate:
            self._validate_keys(downstream)
            self.validate()
        return edge

    def chain(self, *tasks: Task, validate: bool | None = None) -> list[Edge]:
        """Let the given tasks run one after another, and return the edges between them."""
        return [self.add_edge(first, second, validate=validate) for first, second in zip(tasks, tasks[1:])]

    def set_dependencies(
        self,
        task: Any,
        upstream_tasks: Iterable[Any] | None = None,
        downstream_tasks: Iterable[Any] | None = None,
        keyword_tasks: dict[str, Any] | None = None,
        mapped: bool = False,
        validate: bool | None = None,
    ) -> None:
        """Add a task together with what comes before and after it.

        Args:
            task: Task or value.
            upstream_tasks: Tasks that only have to come first.
            downstream_tasks: Tasks that come after it.
            keyword_tasks: Argument of ``run`` → task or value that gives it.
            mapped: Map over the upstream and keyword tasks.
            validate: As for :meth:`add_edge`.

        Raises:
            ValueError: ``mapped`` is set while ``apply_map`` is already mapping; or as for :meth:`add_edge`.
        """
        if mapped:
            self._refuse_nested_mapping()
        if not isinstance(task, Task):
            task = as_task(task, flow=self)
        self.add_task(task)
        for upstream in upstream_tasks or ():
            self._connect(upstream, task, None, mapped, False, validate)
        for downstream in downstream_tasks or ():
            self._connect(task, downstream, None, False, False, validate)
        for key, value in (keyword_tasks or {}).items():
            self._connect(value, task, key, mapped, False, validate)

    def update(
        self,
        flow: FlowGraph,
        merge_parameters: bool = False,
        validate: bool | None = None,
        merge_reference_tasks: bool = False,
    ) -> None:
        """Add all tasks, edges and constants of another flow.

        Args:
            flow: The other flow.
            merge_parameters: Let parameters of one name be one parameter, the other flow's.
            validate: As for :meth:`add_edge`.
            merge_reference_tasks: Let the reference tasks of both flows be the reference tasks.

        Raises:
            ValueError: Both flows have a parameter of one name.
        """
        if merge_parameters:
            ours = {parameter.name: parameter for parameter in self.parameters()}
            for parameter in flow.parameters():
                if parameter.name in ours and ours[parameter.name] is not parameter:
                    self.replace(ours[parameter.name], parameter)
        references = self.reference_tasks() | flow.reference_tasks() if merge_reference_tasks else None
        for task in flow.slugs:
            self.add_task(task)
        for edge in flow._ordered_edges():
            if edge not in self.edges:
                self._connect(edge.upstream_task, edge.downstream_task, edge.key, edge.mapped, edge.flattened, validate)
        for task, values in flow.constants.items():
            self.constants[task].update(values)
        if references is not None:
            self.set_reference_tasks(references)

    def replace(self, old: Task, new: Any, validate: bool = True) -> None:
        """Put ``new`` in the place of ``old``: its edges, its constants and its part in the reference tasks.

        Raises:
            ValueError: ``old`` is not in the flow, or the flow is not valid afterwards.
        """
        self._require(old)
        new = as_task(new, flow=self)
        edges = [edge for edge in self._ordered_edges() if old in (edge.upstream_task, edge.downstream_task)]
        constants = self.constants.pop(old, {})
        self.tasks.discard(old)
        self._used_slugs.discard(self.slugs.pop(old))
        self.edges.difference_update(edges)
        self._reset_index()
        self.add_task(new)
        for edge in edges:
            upstream = new if edge.upstream_task is old else edge.upstream_task
            downstream = new if edge.downstream_task is old else edge.downstream_task
            self._connect(upstream, downstream, edge.key, edge.mapped, edge.flattened, False)
        taken = new._signature()
        for key, value in constants.items():
            # 1.x lost them all; a task that does not take an argument cannot be given it (core.md §23, 24).
            if key in taken.positional or key in taken.keyword_only or taken.var_keyword:
                self.constants[new].setdefault(key, value)
        if old in self._reference_tasks:
            self._reference_tasks = (self._reference_tasks - {old}) | {new}
        if validate:
            self.validate()

    def set_reference_tasks(self, tasks: Iterable[Task]) -> None:
        """Say which tasks decide whether the flow succeeds; none restores the default, the terminal tasks.

        Raises:
            ValueError: A task is not in the flow.
        """
        chosen = set(tasks)
        for task in chosen:
            self._require(task)
        self._reference_tasks = chosen

    # ---- asking ------------------------------------------------------------------------------------------------

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
        return {task for task in self.tasks if isinstance(task, Parameter)}

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
        return bool(self._edges_to.get(task) or self._edges_from.get(task))

    def sorted_tasks(self, root_tasks: Iterable[Task] | None = None) -> tuple[Task, ...]:
        """Return the tasks in an order in which each comes after its upstream tasks.

        Among several possible orders it is the one closest to that in which tasks were added.

        Args:
            root_tasks: Return only these and everything downstream of them.

        Raises:
            ValueError: A root task is not in the flow, or the flow has a cycle.
        """
        order = self._topological_order()
        if root_tasks is None:
            return tuple(order)
        reached = set(root_tasks)
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
        if any(not edge.tasks <= self.tasks for edge in self.edges):
            raise ValueError(f"The flow {self.name!r} has edges to tasks that are not in it. Add the tasks.")
        if not self._reference_tasks <= self.tasks:
            raise ValueError(f"The flow {self.name!r} has reference tasks that are not in it. Add them, or set others.")
        self._topological_order()

    def __iter__(self) -> Iterator[Task]:
        return iter(self.sorted_tasks())

    # ---- helpers -----------------------------------------------------------------------------------------------

    def _require(self, task: Task) -> None:
        if task not in self.tasks:
            raise ValueError(f"{task!r} is not a task of the flow {self.name!r}. Add it first.")

    def _new_slug(self, task: Task) -> str:
        prefix = "-".join((task.name, *sorted(task.tags))) if task.tags else task.name
        number = self._slug_counters.get(prefix, 0) + 1
        while (slug := f"{prefix}-{number}") in self._used_slugs:
            number += 1
        self._slug_counters[prefix] = number
        return slug

    def _refuse_nested_mapping(self) -> None:
        if context.get("mapped"):
            raise ValueError(
                "A task cannot be mapped inside `apply_map`, which maps it already. Call it plainly there."
            )

    def _refuse_second_value(self, edge: Edge) -> None:
        self._index()
        if any(other.key == edge.key for other in self._edges_to.get(edge.downstream_task, ())):
            raise ValueError(
                f"Argument {edge.key!r} of {edge.downstream_task!r} has a value already in the flow {self.name!r}."
                " Call the task again to use it with another value."
            )

    def _validate_keys(self, task: Task) -> None:
        keys = {edge.key: None for edge in self.edges_to(task) if edge.key is not None}
        task._signature().bind((), {**keys, **self.constants.get(task, {})})

    def _add(self, edge: Edge) -> None:
        if edge.upstream_task not in self.tasks:
            self.add_task(edge.upstream_task)
        if edge.downstream_task not in self.tasks:
            self.add_task(edge.downstream_task)
        self._index()
        self.edges.add(edge)
        if len(self.edges) > self._indexed_edges:
            self._index_edge(edge)

    def _reset_index(self) -> None:
        self._edges_to: dict[Task, list[Edge]] = {}
        self._edges_from: dict[Task, list[Edge]] = {}
        self._indexed_edges = 0

    def _index_edge(self, edge: Edge) -> None:
        for edges, task in ((self._edges_to, edge.downstream_task), (self._edges_from, edge.upstream_task)):
            if task in edges:
                edges[task].append(edge)
            else:
                edges[task] = [edge]
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

    def _topological_order(self) -> list[Task]:
        self._index()
        ordered = list(self.slugs) if len(self.slugs) == len(self.tasks) else list(self.tasks)
        place = {task: number for number, task in enumerate(ordered)}
        if all(place[edge.upstream_task] < place[edge.downstream_task] for edge in self.edges):
            return ordered
        return self._sorted_by(ordered, place)

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
