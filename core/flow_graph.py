"""How a flow is put together from tasks and edges.

Source: core.md §2.3 and §2.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.configuration import config
from prefect.context import context
from prefect.edge import Edge, EdgeAnnotation, check_edge, check_key, unwrap
from prefect.parameter import Parameter
from prefect.task import Task
from prefect.task_graph import TaskGraph
from prefect.tasks.core.constants import Constant
from prefect.utilities.tasks import as_task, contains_task

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLLECTIONS = (list, tuple, set, dict)


class FlowGraph(TaskGraph):
    """Tasks, edges and constants of a flow, and how they are added."""

    def __init__(self) -> None:
        super().__init__()
        self._slug_counters: dict[str, int] = {}
        self._used_slugs: set[str] = set()

    def add_task(self, task: Task) -> Task:
        """Add a task, give it a slug, and return it; a task that is there already is left as it is.

        Raises:
            TypeError: It is no task.
            ValueError: Its explicit slug is taken.
        """
        if not isinstance(task, Task):
            raise TypeError(
                f"A flow holds tasks, not objects of type {type(task).__name__}. Wrap the value in `Constant`."
            )
        if task in self.tasks:
            return task
        slug = task.slug
        if slug is None:
            slug = self._new_slug(task)
        else:
            self._refuse_taken_slug(slug)
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
        if mapped:
            self._refuse_nested_mapping()
        edge = Edge(upstream_task, downstream_task, key, mapped, flattened, flow=self)
        self._connect(edge.upstream_task, edge.downstream_task, key, edge.mapped, edge.flattened, validate)
        return edge

    def _connect(
        self, upstream: Any, downstream: Any, key: str | None, mapped: bool, flattened: bool, validate: bool | None
    ) -> None:
        """Add an edge, or bind a constant."""
        if isinstance(upstream, EdgeAnnotation) or isinstance(downstream, EdgeAnnotation):
            upstream, mapped, flattened = unwrap(upstream, mapped, flattened)
            downstream, mapped, flattened = unwrap(downstream, mapped, flattened)
        if not isinstance(downstream, Task):
            downstream = as_task(downstream, flow=self)
        if isinstance(downstream, Parameter):
            raise _not_at_the_root(downstream)
        if validate is None:
            validate = config.flows.eager_edge_validation
        constant = isinstance(upstream, Constant)
        if (
            (constant or not (isinstance(upstream, Task) or contains_task(upstream)))
            and key is not None
            and not mapped
            and not flattened
        ):
            check_key(key)
            self.add_task(downstream)
            self.constants[downstream][key] = upstream.value if constant else upstream
            if validate:
                self._validate_keys(downstream)
            return
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
        inputs = dict(keyword_tasks or ())
        for key, value in inputs.items():
            if type(value) in _COLLECTIONS and contains_task(value):
                inputs[key] = as_task(value, flow=self)
                # What collects the inputs comes before the task, so that the order of adding is one of running.
                self.slugs[task] = self.slugs.pop(task)
        for upstream in upstream_tasks or ():
            self._connect(upstream, task, None, mapped, False, validate)
        for downstream in downstream_tasks or ():
            self._connect(task, downstream, None, False, False, validate)
        for key, value in inputs.items():
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
            ValueError: ``old`` is not in the flow; ``new`` is a task next to it, a parameter that would not be a root,
                or has a slug that is taken; or the flow has a cycle afterwards.
        """
        self._require(old)
        new = as_task(new, flow=self)
        if new is old:
            return
        edges = [edge for edge in self._ordered_edges() if old in (edge.upstream_task, edge.downstream_task)]
        for edge in edges:
            if new in edge.tasks:
                raise ValueError(
                    f"{new!r} cannot replace {old!r}, since an edge between them would lead to itself. Remove one of them."
                )
            if edge.downstream_task is old and isinstance(new, Parameter):
                raise _not_at_the_root(new)
        if new not in self.tasks and new.slug != self.slugs[old]:
            self._refuse_taken_slug(new.slug)

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
            if taken.takes(key):
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

    # ---- helpers -----------------------------------------------------------------------------------------------

    def _new_slug(self, task: Task) -> str:
        prefix = "-".join((task.name, *sorted(task.tags))) if task.tags else task.name
        number = self._slug_counters.get(prefix, 0) + 1
        while (slug := f"{prefix}-{number}") in self._used_slugs:
            number += 1
        self._slug_counters[prefix] = number
        return slug

    def _refuse_taken_slug(self, slug: str | None) -> None:
        if slug in self._used_slugs:
            raise ValueError(
                f"The slug {slug!r} is taken by another task of the flow {self.name!r}. Give one of them another."
            )

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
        signature = task._signature()
        for key in (*(edge.key for edge in self._edges_to.get(task, ())), *self.constants.get(task, ())):
            if key is not None and not signature.takes(key):
                raise TypeError(
                    f"{task!r} has no argument {key!r} in the flow {self.name!r}. Use an argument of its `run`."
                )

    def _add(self, edge: Edge) -> None:
        if edge.upstream_task not in self.tasks:
            self.add_task(edge.upstream_task)
        if edge.downstream_task not in self.tasks:
            self.add_task(edge.downstream_task)
        self._index()
        self.edges.add(edge)
        if len(self.edges) > self._indexed_edges:
            self._index_edge(edge)


def _not_at_the_root(parameter: Parameter) -> ValueError:
    return ValueError(f"{parameter!r} cannot have upstream tasks, since parameters begin a flow.")
