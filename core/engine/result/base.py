"""The base of all results, and the one result that means "none yet".

The engine makes a ``Result`` for every task, so this module imports nothing at start-up and a
plain result is four slots.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import Logger
    from typing import Any, NoReturn

    from typing_extensions import Self

    from prefect.engine.serializers import Serializer


class ResultNotImplementedError(NotImplementedError):
    """A plain ``Result`` was asked to read, write or look for a stored value."""


class Result:
    """A value and the place it is stored.

    A plain ``Result`` only holds a value in memory; its subclasses store it.

    Args:
        value: The value, if there is one yet.
        location: Where the value is stored: text in which ``str.format`` fills in the names of
            core.md §9.5, or a callable that gets them as keywords and returns the location.
        serializer: Turns the value into bytes and back; ``PickleSerializer()`` unless given.

    Source:
        core.md §9.2.
    """

    __slots__ = ("__weakref__", "_formatter", "_serializer", "location", "value")

    value: Any
    #: The location as text; None while unknown, and when a callable decides it.
    location: str | None

    def __init__(
        self,
        value: Any = None,
        location: str | Callable[..., str] | None = None,
        serializer: Serializer | None = None,
    ) -> None:
        self.value = value
        if location is None or isinstance(location, str):
            self.location = location
            self._formatter: Callable[..., str] | None = None
        else:
            self.location = None
            self._formatter = location
        self._serializer = serializer

    @property
    def serializer(self) -> Serializer:
        """Turns the value into bytes and back."""
        if self._serializer is None:
            from prefect.engine.serializers import DEFAULT_SERIALIZER

            return DEFAULT_SERIALIZER
        return self._serializer

    @serializer.setter
    def serializer(self, serializer: Serializer | None) -> None:
        self._serializer = serializer

    @property
    def logger(self) -> Logger:
        """The logger ``prefect.<class name>``."""
        from prefect.utilities.logging import get_logger

        return get_logger(type(self).__name__)

    @property
    def default_location(self) -> str:
        """A fresh location, ``year/month/day/<uuid>.prefect_result`` with the date in UTC."""
        from datetime import datetime, timezone
        from uuid import uuid4

        now = datetime.now(timezone.utc)
        return f"{now.year}/{now.month}/{now.day}/{uuid4()}.prefect_result"

    @property
    def is_templated(self) -> bool:
        """Whether names are filled in to find the location."""
        return self.location is not None or self._formatter is not None

    def copy(self) -> Self:
        """Return a shallow copy."""
        from copy import copy

        return copy(self)

    def located_at(self, location: str | Callable[..., str]) -> Self:
        """Return a copy whose location is this text or callable, as for the constructor."""
        new = self.copy()
        new.location = location if isinstance(location, str) else None
        new._formatter = None if isinstance(location, str) else location
        return new

    def from_value(self, value: Any) -> Self:
        """Return a copy that holds this value and has no location yet."""
        if type(self) is Result and self._formatter is None:
            return type(self)(value, serializer=self._serializer)  # what a copy comes to, at a tenth of its price
        new = self.copy()
        new.value = value
        new.location = None
        return new

    def format(self, /, **kwargs: Any) -> Self:
        """Return a copy whose location is final.

        Args:
            kwargs: The names that a location may use.

        Raises:
            KeyError: The location uses a name that is not given.
        """
        new = self.copy()
        if self._formatter is not None:
            new.location = self._formatter(**kwargs)
        elif self.location is not None:
            from prefect.engine.templates import filled_in

            new.location = filled_in(self.location, kwargs, "location")
        else:
            new.location = self.default_location
        return new

    def write(self, value_: Any, **kwargs: Any) -> Result:
        """Store a value.

        Args:
            value_: The value to store.
            kwargs: The names that the location may use.

        Returns:
            A new result with the value and its final location.

        Raises:
            ResultNotImplementedError: Always, on the base class.
        """
        self._refuse("write")

    def read(self, location: str) -> Result:
        """Load a stored value.

        Args:
            location: The final location of the value.

        Returns:
            A new result with the value and that location.

        Raises:
            ResultNotImplementedError: Always, on the base class.
        """
        self._refuse("read")

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Whether a value is stored at a location.

        Args:
            location: The location; the names in it are filled in from ``kwargs``.
            kwargs: The names that the location may use.

        Raises:
            ResultNotImplementedError: Always, on the base class.
        """
        self._refuse("find")

    def _refuse(self, method: str) -> NoReturn:
        raise ResultNotImplementedError(
            f"A {type(self).__name__} cannot {method} a stored value, since it only holds one in memory."
            " Give the task or the flow a result that stores values, such as LocalResult()."
        )

    def _public_attributes(self) -> dict[str, Any]:
        names = {"value", "location", "serializer", *getattr(self, "__dict__", ())}
        return {name: getattr(self, name) for name in names if not name.startswith("_")}

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        assert isinstance(other, Result)
        return self._public_attributes() == other._public_attributes()

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content changes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.value!r}>"


class NoResultType(Result):
    """The type of ``NoResult``, the result of a state that has none.

    ``NoResult`` is its only instance: calling the type, copying and unpickling all give that one.
    """

    __slots__ = ()

    # Class attributes hide the slots of Result, so that nobody can put a value into the one instance.
    value = None
    location = None
    _formatter = None
    _serializer = None

    def __new__(cls) -> NoResultType:
        """Return ``NoResult``."""
        return NoResult if "NoResult" in globals() else super().__new__(cls)

    def __init__(self) -> None:
        """Nothing to set."""

    def copy(self) -> NoResultType:
        """Return ``NoResult`` itself."""
        return self

    def from_value(self, value: Any) -> Result:  # type: ignore[override]  # a value is not "none"
        """Return a plain result that holds this value."""
        return Result(value)

    def format(self, /, **kwargs: Any) -> NoResultType:
        """Return ``NoResult`` itself: it is stored nowhere."""
        return self

    def __reduce__(self) -> str:
        return "NoResult"


#: The result of a state that has none.
NoResult = NoResultType()
