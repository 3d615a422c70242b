"""Edges between tasks, and the annotations that say how a value travels along one.

Source: core.md §5.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.flow_graph import FlowGraph
    from prefect.task import Task


class Pipeable:
    """What can be handed on with ``.pipe``: tasks, and annotations around them."""

    __slots__ = ()

    def pipe(self, _prefect_self: Callable[..., Any], /, **kwargs: Any) -> Any:
        """Call another task with this as its first input.

        Raises:
            ValueError: An input is named ``self``.
        """
        if "self" in kwargs:
            raise ValueError("An input of .pipe cannot be named 'self'. Call the other task directly.")
        return _prefect_self(self, **kwargs)


class EdgeAnnotation(Pipeable):
    """A task or value together with how it is to be handed to the next task.

    Args:
        value: A task, a constant, or another annotation; on conflict the inner annotation wins.
    """

    annotations: dict[str, bool] = {}

    def __init__(self, value: Any) -> None:
        self.value = value

    def unwrap(self) -> tuple[Any, dict[str, bool]]:
        """Return the annotated value and the edge attributes of all annotations around it."""
        attributes = dict(self.annotations)
        value = self.value
        while isinstance(value, EdgeAnnotation):
            attributes.update(value.annotations)
            value = value.value
        return value, attributes

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class mapped(EdgeAnnotation):
    """Map over this value even though the task is called without ``.map``."""

    annotations = {"mapped": True}


class unmapped(EdgeAnnotation):
    """Hand this value whole to every mapped child."""

    annotations = {"mapped": False}


class flatten(EdgeAnnotation):
    """Un-nest this value by one level before it is handed on or mapped over."""

    annotations = {"flattened": True}


class Edge:
    """A dependency of one task on another.

    Args:
        upstream_task: Task, annotation or value whose result is handed on.
        downstream_task: Task that waits for it.
        key: Argument of the downstream task's ``run`` that gets the result; None for order only.
        mapped: The downstream task is mapped over the result.
        flattened: The result is un-nested by one level first.
        flow: Flow in which values are turned into tasks.

    Raises:
        ValueError: The two ends are one task, or the key is no valid identifier.

    Source:
        core.md §2.4 and §5.
    """

    __slots__ = ("_hash", "downstream_task", "flattened", "key", "mapped", "upstream_task")

    def __init__(
        self,
        upstream_task: Any,
        downstream_task: Any,
        key: str | None = None,
        mapped: bool | None = None,
        flattened: bool | None = None,
        flow: FlowGraph | None = None,
    ) -> None:
        from prefect.task import Task

        upstream_task, mapped, flattened = unwrap(upstream_task, bool(mapped), bool(flattened))
        downstream_task, mapped, flattened = unwrap(downstream_task, mapped, flattened)
        if not (isinstance(upstream_task, Task) and isinstance(downstream_task, Task)):
            from prefect.utilities.tasks import as_task

            upstream_task = as_task(upstream_task, flow=flow)
            downstream_task = as_task(downstream_task, flow=flow)
        check_edge(upstream_task, downstream_task, key)
        self._fill(upstream_task, downstream_task, key, mapped, flattened)

    def _fill(self, upstream_task: Task, downstream_task: Task, key: str | None, mapped: bool, flattened: bool) -> None:
        self.upstream_task = upstream_task
        self.downstream_task = downstream_task
        self.key = key
        self.mapped = mapped
        self.flattened = flattened
        self._hash = hash((id(upstream_task), id(downstream_task), key, mapped, flattened))

    @classmethod
    def between(
        cls,
        upstream_task: Task,
        downstream_task: Task,
        key: str | None,
        *,
        mapped: bool = False,
        flattened: bool = False,
    ) -> Edge:
        """Return an edge between two distinct tasks whose key is known to be an argument name."""
        edge: Edge = object.__new__(cls)
        edge._fill(upstream_task, downstream_task, key, mapped, flattened)
        return edge

    @property
    def tasks(self) -> set[Task]:
        """Both ends."""
        return {self.upstream_task, self.downstream_task}

    def serialize(self) -> dict[str, Any]:
        """Return the edge in the 1.x JSON form (core.md §20.1)."""
        from prefect.serialization import serialize_edge

        return serialize_edge(self)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        assert isinstance(other, Edge)
        return (
            self.upstream_task is other.upstream_task
            and self.downstream_task is other.downstream_task
            and self.key == other.key
            and self.mapped is other.mapped
            and self.flattened is other.flattened
        )

    def __hash__(self) -> int:
        return self._hash

    def __getstate__(self) -> tuple[Task, Task, str | None, bool, bool]:
        return (self.upstream_task, self.downstream_task, self.key, self.mapped, self.flattened)

    def __setstate__(self, state: tuple[Task, Task, str | None, bool, bool]) -> None:
        self._fill(*state)

    def __repr__(self) -> str:
        attributes = f"key={self.key}, mapped={self.mapped}, flattened={self.flattened}"
        return f"<Edge({attributes}): {self.upstream_task.name} to {self.downstream_task.name}>"


def unwrap(end: Any, mapped: bool, flattened: bool) -> tuple[Any, bool, bool]:
    """Return one end of an edge without its annotations, and the edge attributes, which these override."""
    if not isinstance(end, EdgeAnnotation):
        return end, mapped, flattened
    value, attributes = end.unwrap()
    return value, attributes.get("mapped", mapped), attributes.get("flattened", flattened)


def check_edge(upstream_task: Task, downstream_task: Task, key: str | None) -> None:
    """Refuse what no edge can be.

    Raises:
        ValueError: The two ends are one task, or the key is no valid argument name.
    """
    if upstream_task is downstream_task:
        raise ValueError(f"{upstream_task!r} cannot be its own upstream task. Give it another one.")
    if key is not None:
        check_key(key)


def check_key(key: object) -> None:
    """Refuse a key that cannot be the name of an argument.

    Raises:
        ValueError: It is none.
    """
    if not (isinstance(key, str) and key.isidentifier() and not iskeyword(key)):
        raise ValueError(f"The key {key!r} of an edge is not a valid argument name. Use an argument of `run`.")
