"""Operators on tasks: each adds a task to the flow under construction.

Source: core.md §3.5 and §3.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.edge import Pipeable

if TYPE_CHECKING:
    from prefect.task import Task


def _operate(name: str, x: Any, y: Any) -> Any:
    from prefect.tasks.core import operators

    return getattr(operators, name)().bind(x, y)


class TaskOperators(Pipeable):
    """What ``task + 1``, ``task[0]`` or ``task > 3`` mean. ``==`` and ``!=`` stay comparisons of identity."""

    def __add__(self, other: Any) -> Any:
        return _operate("Add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _operate("Add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _operate("Sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _operate("Sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _operate("Mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _operate("Mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _operate("Div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _operate("Div", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _operate("FloorDiv", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _operate("FloorDiv", other, self)

    def __mod__(self, other: Any) -> Any:
        return _operate("Mod", self, other)

    def __rmod__(self, other: Any) -> Any:
        return _operate("Mod", other, self)

    def __pow__(self, other: Any) -> Any:
        return _operate("Pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return _operate("Pow", other, self)

    def __and__(self, other: Any) -> Any:
        return _operate("And", self, other)

    def __rand__(self, other: Any) -> Any:
        return _operate("And", other, self)

    def __gt__(self, other: Any) -> Any:
        return _operate("GreaterThan", self, other)

    def __ge__(self, other: Any) -> Any:
        return _operate("GreaterThanOrEqual", self, other)

    def __lt__(self, other: Any) -> Any:
        return _operate("LessThan", self, other)

    def __le__(self, other: Any) -> Any:
        return _operate("LessThanOrEqual", self, other)

    def is_equal(self, other: Any) -> Any:
        """Return a task that compares two values; ``==`` compares the tasks themselves."""
        return _operate("Equal", self, other)

    def is_not_equal(self, other: Any) -> Any:
        """Return a task that tells whether two values differ."""
        return _operate("NotEqual", self, other)

    def or_(self, other: Any) -> Any:
        """Return a task for the logical ``or`` of two values; ``|`` is a dependency."""
        return _operate("Or", self, other)

    def not_(self) -> Any:
        """Return a task for the logical ``not`` of the value."""
        from prefect.tasks.core.operators import Not

        return Not().bind(self)

    def __or__(self: Any, other: Any) -> Any:
        """Let ``other`` come after this task, and return it."""
        self.set_dependencies(downstream_tasks=[other])
        return other

    def __ror__(self: Any, other: Any) -> Any:
        """Let this task come after ``other``, and return this task."""
        return self.set_dependencies(upstream_tasks=[other])

    def __getitem__(self: Any, key: Any) -> Task:
        """Return a task for one item of the value."""
        from prefect.tasks.core.operators import GetItem

        shown = key.name if isinstance(key, TaskOperators) else repr(key)  # type: ignore[attr-defined]
        item = GetItem(name=f"{self.name}[{shown}]", checkpoint=self.checkpoint, result=self.result)
        return item.bind(self, key)  # type: ignore[no-any-return]
