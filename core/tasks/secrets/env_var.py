"""A secret that is kept in an environment variable."""

# No `from __future__ import annotations` here: the annotations of `run` are part of a flow's JSON form (core.md §20.2).

from collections.abc import Callable
from typing import Any

from prefect.tasks.secrets.base import PrefectSecret, _required_name


class EnvVarSecret(PrefectSecret):
    """The value of an environment variable, read when the task runs.

    Args:
        name: Name of the variable and of the task; may be given to ``run`` instead.
        cast: Applied to the value of a variable that is set, such as ``int``.
        raise_if_missing: Fail when the variable is not set, rather than return ``None``.
        kwargs: Arguments of :class:`~prefect.Task`.

    Source:
        core.md §4.3.
    """

    def __init__(
        self,
        name: str | None = None,
        cast: Callable[[Any], Any] | None = None,
        raise_if_missing: bool = False,
        **kwargs: Any,
    ) -> None:
        self.cast = cast
        self.raise_if_missing = raise_if_missing
        super().__init__(name=name, **kwargs)

    def run(self, name: str = None) -> Any:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Return the variable's value, after ``cast``; ``None`` if it is not set.

        Args:
            name: Name of the variable, instead of the task's own.

        Raises:
            ValueError: There is no name, or the variable is not set and ``raise_if_missing`` is.
        """
        import os

        variable = _required_name(self, name or self.secret_name)
        value = os.environ.get(variable)
        if value is None:
            if self.raise_if_missing:
                raise ValueError(f"Environment variable not set: {variable}. Set it before the flow runs.")
            return None
        return value if self.cast is None else self.cast(value)
