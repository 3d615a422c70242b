"""How ``apply_map`` turns the tasks that a function adds into mapped ones.

The function builds into a scratch flow. What it built is then moved to the real flow edge by edge, each edge mapped
unless it begins at an argument that was given as ``unmapped``.

Source: core.md §10.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.edge import EdgeAnnotation
from prefect.flow import Flow
from prefect.parameter import Parameter
from prefect.task import Task
from prefect.tasks.core.constants import Constant
from prefect.utilities.tasks import as_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class _Argument:
    """One argument of ``apply_map``: its task, and the kind of edge that leads from it."""

    def __init__(self, given: Any, flow: Flow) -> None:
        annotations: dict[str, bool] = {}
        if isinstance(given, EdgeAnnotation):
            given, annotations = given.unwrap()
        elif not isinstance(given, (Task, Sequence)):
            raise TypeError(
                f"apply_map cannot map over {given!r}, since {type(given).__name__} is not a sequence."
                " Wrap it in `unmapped` to hand it whole to every child."
            )
        self.task = as_task(given, flow=flow)
        self.mapped = annotations.get("mapped", True)
        self.flattened = annotations.get("flattened", False)

    @property
    def becomes_task(self) -> bool:
        """False for a plain value handed whole to every child, which the flow keeps without a task."""
        return self.mapped or self.flattened or not isinstance(self.task, Constant)

    def connect(self, flow: Flow, task: Task, key: str | None) -> None:
        flow.add_edge(self.task, task, key=key, mapped=self.mapped, flattened=self.flattened)


def build_mapped(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], flow: Flow | None) -> Any:
    """Do the work of :func:`prefect.utilities.tasks.apply_map`, which says what the arguments are."""
    target = flow if flow is not None else context.get("flow")
    if target is None:
        raise ValueError("apply_map was called outside a flow. Call it inside `with Flow(...)`, or pass `flow`.")
    if context.get("mapped"):
        raise ValueError("apply_map cannot be used inside `apply_map`, which maps already. Call the function plainly.")
    by_position = [_Argument(given, target) for given in args]
    by_name = {name: _Argument(given, target) for name, given in kwargs.items()}
    arguments = {argument.task: argument for argument in (*by_position, *by_name.values())}

    scratch = Flow("apply_map")
    values: dict[str, Any] = {name: argument.task for name, argument in by_name.items()}
    if flow is not None:
        values["flow"] = scratch
    with _marked(arguments.values()), context(flow=scratch, mapped=True, case=None, resource=None):
        result = func(*(argument.task for argument in by_position), **values)
    _move(scratch, target, arguments)
    return result


class _marked:
    """While the function runs, constants that become tasks have their ``_Argument`` as value.

    A flow keeps the value of a constant without an edge. From that value alone one could not tell whether the
    function used its argument or an equal value of its own; from the mark one can.
    """

    def __init__(self, arguments: Iterable[_Argument]) -> None:
        self._constants = [
            (argument, argument.task, argument.task.value)
            for argument in arguments
            if isinstance(argument.task, Constant) and argument.becomes_task
        ]

    def __enter__(self) -> None:
        for argument, task, _ in self._constants:
            task.value = argument

    def __exit__(self, *exc_info: object) -> None:
        for _, task, value in self._constants:
            task.value = value


def _move(scratch: Flow, target: Flow, arguments: dict[Task, _Argument]) -> None:
    created = [task for task in scratch.slugs if task not in target.tasks and task not in arguments]
    for task in created:
        target.add_task(task)
    for task, values in scratch.constants.items():
        for key, value in values.items():
            if isinstance(value, _Argument):
                value.connect(target, task, key)
            else:
                target.constants[task][key] = value

    place = {task: number for number, task in enumerate(scratch.slugs)}
    edges = sorted(scratch.edges, key=lambda e: (place[e.downstream_task], place[e.upstream_task], e.key or ""))
    for edge in edges:
        if edge.upstream_task in arguments:
            arguments[edge.upstream_task].connect(target, edge.downstream_task, edge.key)
        else:
            target.add_edge(edge.upstream_task, edge.downstream_task, key=edge.key, mapped=True)

    # A task that uses no argument is mapped as well, and every argument has its say in the number of children.
    for task in created:
        if not isinstance(task, Parameter) and scratch.upstream_tasks(task).isdisjoint(created):
            present = target.upstream_tasks(task)
            for argument in arguments.values():
                if argument.becomes_task and argument.task not in present:
                    argument.connect(target, task, None)
