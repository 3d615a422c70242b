"""``PrefectResult``: a small value kept in its own location."""

from __future__ import annotations

from typing import Any

from prefect.engine.result.base import Result
from prefect.engine.serializers import DateTimeSerializer, JSONSerializer, Serializer


class PrefectResult(Result):
    """A result whose location *is* the serialized value, so that whoever has the state has the value.

    Args:
        kwargs: ``value``, ``location`` and ``serializer`` of :class:`~prefect.engine.result.Result`;
            the serializer is ``JSONSerializer()`` unless given.

    Raises:
        TypeError: The serializer is neither a ``JSONSerializer`` nor a ``DateTimeSerializer``.

    Source:
        core.md §9.2.
    """

    def __init__(self, **kwargs: Any) -> None:
        serializer = kwargs.pop("serializer") if "serializer" in kwargs else JSONSerializer()
        super().__init__(**kwargs)
        self.serializer = serializer

    @property
    def serializer(self) -> Serializer:
        """Turns the value into the text of the location and back."""
        assert self._serializer is not None
        return self._serializer

    @serializer.setter
    def serializer(self, serializer: Serializer | None) -> None:
        if not isinstance(serializer, (JSONSerializer, DateTimeSerializer)):
            raise TypeError(
                f"A PrefectResult cannot use {type(serializer).__name__}: its location must be readable text."
                " Use JSONSerializer() or DateTimeSerializer()."
            )
        self._serializer = serializer

    def read(self, location: str) -> PrefectResult:
        """Return a new result with the value that the location spells.

        Raises:
            ValueError: The location is not a serialized value.
        """
        new = self.copy()
        new.value = self.serializer.deserialize(location.encode())
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> PrefectResult:
        """Return a new result with the value, spelled out as its location.

        Raises:
            TypeError: The value cannot be written as JSON.
        """
        new = self.copy()
        new.value = value_
        new.location = self.serializer.serialize(value_).decode()
        return new

    def exists(self, location: str | None, **kwargs: Any) -> bool:
        """Whether the location spells a value."""
        if location is None:  # nothing was written yet
            return False
        try:
            self.serializer.deserialize(location.encode())
        except ValueError:
            return False
        return True
