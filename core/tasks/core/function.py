"""``FunctionTask``: what ``@task`` makes of a function.

Source: core.md §3.3.
"""

from __future__ import annotations

from functools import update_wrapper
from typing import TYPE_CHECKING, Any

from prefect.signature import check_run_signature
from prefect.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

#: Not the annotations: reading them before they are needed fails where they name what is defined further below.
_COPIED = ("__module__", "__name__", "__qualname__", "__doc__")


class FunctionTask(Task):
    """A task that runs a function; ``task.run`` is the function itself.

    Args:
        fn: The function.
        name: Name; by default that of the function.
        **kwargs: Arguments of ``Task``.

    Raises:
        TypeError: ``fn`` cannot be called, or takes positional-only arguments.
        ValueError: ``fn`` takes ``*args`` or an argument with a reserved name (core.md §3.2).

    Source:
        core.md §3.3.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        if not callable(fn):
            raise TypeError(f"A task needs a function, but got {fn!r}. Decorate a function, or pass one.")
        self.run = fn
        check_run_signature(self._signature())
        update_wrapper(self, fn, assigned=_COPIED)
        super().__init__(name=name or getattr(fn, "__name__", type(self).__name__), **kwargs)
