"""``StringFormatter``: templates of ``str.format``.

Source: core.md §21.3.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from collections import ChainMap
from string import Formatter
from typing import Any

from prefect.context import context
from prefect.task import Task


class _NamesOnly(Formatter):
    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        if isinstance(key, int):
            raise IndexError(f"The template has {{{key}}} or {{}}, but no values without a name. Name it: {{name}}.")
        return super().get_value(key, args, kwargs)


class StringFormatter(Task):
    """Fills in a template such as ``"{name} on {date}"``.

    Args:
        template: The template; may be given to ``run`` instead.
        **kwargs: Arguments of ``Task``.

    Example:
        >>> StringFormatter("{x}, {y}").run(x=1, y=2)
        '1, 2'
    """

    def __init__(self, template: str | None = None, **kwargs: Any) -> None:
        self.template = template
        super().__init__(**kwargs)

    def run(self, template: str = None, **format_kwargs: Any) -> str:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the text.

        Args:
            template: In place of that of the task.
            **format_kwargs: Values; those of ``prefect.context`` can be used too, unless given here.

        Raises:
            IndexError: The template has a number in place of a name.
            KeyError: The template has a name without a value.
        """
        # Unlike str.format(**context) it makes only those values of the context that the template has.
        return _NamesOnly().vformat(template or self.template or "", (), ChainMap(format_kwargs, context))
