"""Values as tasks.

Source: core.md §4.5 and §4.6.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any

from prefect.task import Task

#: Longest ``repr`` of a value that serves as its name.
_LONGEST_NAME = 8
_SIZED = (str, bytes, list, tuple, set, frozenset, dict)


class Constant(Task):
    """A task whose value is known when the flow is built.

    Args:
        value: The value.
        name: Name; by default the value as Python writes it if that takes at most 8 characters, else its type.
        **kwargs: Arguments of ``Task``.

    Source:
        core.md §4.6.
    """

    def __init__(self, value: Any, name: str | None = None, **kwargs: Any) -> None:
        self.value = value
        super().__init__(name=name or _name_of(value), **kwargs)

    def run(self) -> Any:
        """Return the value."""
        return self.value

    def _track_creation(self) -> None:
        """Constants come and go while a flow is built; nobody forgot one."""


def _name_of(value: Any) -> str:
    kind = f"Constant[{type(value).__name__}]"
    # Writing out a list of a million numbers only to see that it is too long would take a second.
    if isinstance(value, _SIZED) and len(value) > _LONGEST_NAME:
        return kind
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a value that cannot be shown is still a value
        return kind
    return text if len(text) <= _LONGEST_NAME else kind
