"""``ConstantResult``: a value known from the start, never stored anywhere."""

from __future__ import annotations

from typing import Any, NoReturn

from prefect.engine.result.base import Result


class ConstantResult(Result):
    """The result of a constant.

    Args:
        kwargs: ``value`` and ``location`` of :class:`~prefect.engine.result.Result`.

    Raises:
        ValueError: A ``serializer`` is given; nothing is ever serialized.

    Source:
        core.md §9.2.
    """

    def __init__(self, **kwargs: Any) -> None:
        if "serializer" in kwargs:
            raise ValueError("A ConstantResult stores nothing and takes no serializer. Leave the argument out.")
        super().__init__(**kwargs)

    def read(self, location: str) -> ConstantResult:
        """Return this result itself, whatever the location."""
        return self

    def write(self, value_: Any, **kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            ValueError: Always.
        """
        raise ValueError("A ConstantResult cannot be written to. Use LocalResult or another result that stores values.")

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether the constant is there: always."""
        return True
