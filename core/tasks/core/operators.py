"""Operators as tasks; ``task + 1`` adds one of these to the flow.

Source: core.md §3.5, §3.6 and §4.6.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from functools import reduce
from typing import Any

from prefect.parameter import no_default
from prefect.task import Task


class GetItem(Task):
    """Gets one item of a value.

    Args:
        default: Value when the key is missing from a mapping; an index out of range still fails.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, default: Any = no_default, **kwargs: Any) -> None:
        self.default = default
        super().__init__(**kwargs)

    def run(self, task_result: Any, key: Any, default: Any = no_default) -> Any:
        """Return ``task_result[key]``, or the default given here or to the task.

        Raises:
            KeyError: The key is missing and there is no default.
            IndexError: The index is out of range.
        """
        try:
            return task_result[key]
        except KeyError:
            fallback = self.default if default is no_default else default
            if fallback is no_default:
                raise
            return fallback


class GetAttr(Task):
    """Gets an attribute of a value.

    Args:
        default: Value when the attribute is missing.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, default: Any = no_default, **kwargs: Any) -> None:
        self.default = default
        super().__init__(**kwargs)

    def run(self, task_result: Any, attr: Any, default: Any = no_default) -> Any:
        """Return the attribute of that name, which may be dotted, or the default given here or to the task.

        Raises:
            AttributeError: The attribute is missing and there is no default.
            TypeError: The name is no text.
        """
        if not isinstance(attr, str):
            raise TypeError(f"The name of an attribute is text, not {attr!r}. Get items of a value with GetItem.")
        try:
            return reduce(getattr, attr.split("."), task_result)
        except AttributeError:
            fallback = self.default if default is no_default else default
            if fallback is no_default:
                raise
            return fallback


class Add(Task):
    """Adds two values."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x + y``."""
        return x + y


class Sub(Task):
    """Subtracts one value from another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x - y``."""
        return x - y


class Mul(Task):
    """Multiplies two values."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x * y``."""
        return x * y


class Div(Task):
    """Divides one value by another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x / y``."""
        return x / y


class FloorDiv(Task):
    """Divides one value by another and rounds down."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x // y``."""
        return x // y


class Mod(Task):
    """Gets the remainder of a division."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x % y``."""
        return x % y


class Pow(Task):
    """Raises one value to the power of another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x ** y``."""
        return x**y


class And(Task):
    """The logical ``and``, which returns one of its operands."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x and y``."""
        return x and y


class Or(Task):
    """The logical ``or``, which returns one of its operands."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x or y``."""
        return x or y


class Not(Task):
    """The logical ``not``."""

    def run(self, x: Any) -> bool:
        """Return ``not x``."""
        return not x


class Equal(Task):
    """Tells whether two values are equal."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x == y``."""
        return x == y


class NotEqual(Task):
    """Tells whether two values differ."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x != y``."""
        return x != y


class GreaterThan(Task):
    """Tells whether one value is greater than another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x > y``."""
        return x > y


class GreaterThanOrEqual(Task):
    """Tells whether one value is at least another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x >= y``."""
        return x >= y


class LessThan(Task):
    """Tells whether one value is less than another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x < y``."""
        return x < y


class LessThanOrEqual(Task):
    """Tells whether one value is at most another."""

    def run(self, x: Any, y: Any) -> Any:
        """Return ``x <= y``."""
        return x <= y
