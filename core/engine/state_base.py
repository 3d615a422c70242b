"""The base of all states of task runs and flow runs, which :mod:`prefect.engine.state` offers.

The engine makes one or two states for every task, so they are slotted, build their ``Result`` and ``context`` only
when somebody looks, and keep times as standard-library datetimes until they are asked for.

Source: core.md §6.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar

from prefect.context import context as prefect_context
from prefect.engine.result.base import NoResult, Result

if TYPE_CHECKING:
    from collections.abc import Iterable


def now_utc() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(timezone.utc)


def as_aware(moment: datetime | None) -> datetime | None:
    """Return ``moment`` with a time zone; a naive one counts as UTC."""
    if moment is not None and moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment


def as_pendulum(moment: datetime | None) -> Any:
    """Return ``moment`` as users see times: a ``pendulum.DateTime``, or None."""
    if moment is None:
        return None
    from prefect.engine.moment import DateTime

    return DateTime.instance(moment, tz="UTC")


class State:
    """What is known of a run at one moment.

    Args:
        message: A sentence for people, or an exception.
        result: The value of the run, or a ``Result``; None means that there is none.
        context: JSON-like facts about the run, such as its tags.
        cached_inputs: Kept for 1.x; empty.
    """

    # Where users import all states from, and what pickles of other versions name.
    __module__ = "prefect.engine.state"
    __slots__ = ("__weakref__", "_cached_inputs", "_context", "_result_object", "_value", "message")

    #: Colour of the state wherever runs are drawn.
    color: ClassVar[str] = "#696969"
    #: Attributes that make two states of one class equal.
    _compared: ClassVar[tuple[str, ...]] = ("cached_inputs", "result")

    # What the methods is_... answer: a class says what it is, and the classes below it inherit that.
    _is_pending: ClassVar[bool] = False
    _is_scheduled: ClassVar[bool] = False
    _is_retrying: ClassVar[bool] = False
    _is_queued: ClassVar[bool] = False
    _is_submitted: ClassVar[bool] = False
    _is_running: ClassVar[bool] = False
    _is_finished: ClassVar[bool] = False
    _is_successful: ClassVar[bool] = False
    _is_failed: ClassVar[bool] = False
    _is_skipped: ClassVar[bool] = False
    _is_cached: ClassVar[bool] = False
    _is_mapped: ClassVar[bool] = False
    _is_looped: ClassVar[bool] = False
    _is_meta_state: ClassVar[bool] = False

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Any] | None = None,
    ) -> None:
        self.message = message
        self._cached_inputs = cached_inputs
        self._value: Any = None
        self._result_object: Any = NoResult
        if result is not None:
            self.result = result
        tags = prefect_context.get("task_tags")
        if context:
            context = dict(context)
            if tags is not None:
                context["tags"] = sorted(tags)
            self._context: Any = context
        else:
            self._context = None if tags is None else tuple(sorted(tags))

    @classmethod
    def of(cls, message: Any, value: Any, tags: tuple[str, ...] | None) -> Any:
        """Return a state of this class in the cheapest way: the value is a plain one, not a ``Result``.

        Only for classes that add nothing to ``State``. ``tags`` are what ``context`` says, nothing if None.
        """
        state = cls.__new__(cls)
        state.message = message
        state._value = value
        state._result_object = None
        state._context = tags
        state._cached_inputs = None
        return state

    @classmethod
    def without_value(cls, message: Any, tags: tuple[str, ...] | None) -> Any:
        """Return a state of this class with no value yet, otherwise as :meth:`of` does."""
        state = cls.of(message, None, tags)
        state._result_object = NoResult
        return state

    @property
    def result(self) -> Any:
        """The value of the run; assigning a ``Result`` keeps it, anything else is wrapped in one."""
        held = self._result_object
        return self._value if held is None else held.value

    @result.setter
    def result(self, value: Any) -> None:
        if isinstance(value, Result):
            self._result_object, self._value = value, None
        else:
            self._result_object, self._value = None, value

    @property
    def _result(self) -> Any:
        """The ``Result`` that holds the value, its location and its serializer."""
        if self._result_object is None:
            self._result_object, self._value = Result(value=self._value), None
        return self._result_object

    @_result.setter
    def _result(self, result: Any) -> None:
        self.result = result

    @property
    def context(self) -> dict[str, Any]:
        """JSON-like facts about the run."""
        held = self._context
        if held is None or held.__class__ is tuple:
            held = self._context = {} if held is None else {"tags": list(held)}
        return held  # type: ignore[no-any-return]

    @context.setter
    def context(self, value: dict[str, Any] | None) -> None:
        self._context = value

    @property
    def cached_inputs(self) -> dict[str, Any]:
        """Kept for 1.x; empty."""
        if self._cached_inputs is None:
            self._cached_inputs = {}
        return self._cached_inputs

    @cached_inputs.setter
    def cached_inputs(self, value: dict[str, Any] | None) -> None:
        self._cached_inputs = value

    def __repr__(self) -> str:
        return f'<{type(self).__name__}: "{self.message}">' if self.message else f"<{type(self).__name__}>"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        if any(getattr(self, name) != getattr(other, name) for name in self._compared):
            return False
        return _public(self) == _public(other)

    __hash__ = object.__hash__

    def __init_subclass__(cls) -> None:
        own = [name.lstrip("_") for name in cls.__dict__.get("__slots__", ())]
        cls._compared = tuple(sorted({*cls._compared, *own} - {"weakref__"}))

    def _held(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in _slots(type(self)) if hasattr(self, name)}
        values.update(getattr(self, "__dict__", {}))
        return values

    def __copy__(self) -> State:
        new = object.__new__(type(self))
        new.__setstate__(self._held())
        return new

    def __getstate__(self) -> dict[str, Any]:
        values = self._held()
        if isinstance(self.result, Exception) and not _can_be_pickled(self.result):
            values["_value"] = f"The exception {self.result!r} could not be pickled, so it is replaced by this text."
            values["_result_object"] = None
        return values

    def __setstate__(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    @classmethod
    def children(cls, include_self: bool = False, names_only: bool = False) -> list[Any]:
        """Return all classes below this one, depth first, without private ones.

        Args:
            include_self: Begin with this class itself.
            names_only: Return names instead of classes.
        """
        found: list[type[State]] = [cls] if include_self else []
        for child in cls.__subclasses__():
            if not child.__name__.startswith("_"):
                found.append(child)
            found.extend(child.children())
        return [child.__name__ for child in found] if names_only else found

    @classmethod
    def parents(cls, include_self: bool = False, names_only: bool = False) -> list[Any]:
        """Return the state classes this one descends from, nearest first; see :meth:`children`."""
        found = [
            parent
            for parent in cls.__mro__[0 if include_self else 1 :]
            if issubclass(parent, State) and not parent.__name__.startswith("_")
        ]
        return [parent.__name__ for parent in found] if names_only else found

    def load_result(self, result: Result | None = None) -> State:
        """Read the value from where it was stored, if it is known only by its location.

        Args:
            result: The ``Result`` to read with; by default the state's own.
        """
        if self.result is None and self._result.location is not None:
            self.result = (result or self._result).read(self._result.location)
        return self

    def load_cached_results(self, results: dict[str, Result] | None = None) -> State:
        """Read the cached inputs that are known only by their location."""
        for key, held in self.cached_inputs.items():
            if held.value is None and held.location is not None:
                self.cached_inputs[key] = ((results or {}).get(key) or held).read(held.location)
        return self

    def serialize(self) -> dict[str, Any]:
        """Return the state in the 1.x JSON form (core.md §20.4)."""
        from prefect.serialization import serialize_state

        return serialize_state(self)

    @staticmethod
    def deserialize(document: dict[str, Any]) -> State:
        """Return the state described by a document in the 1.x JSON form."""
        from prefect.serialization import deserialize_state

        return deserialize_state(document)

    def is_pending(self) -> bool:
        """Whether the run has not begun; true for ``Scheduled``, ``Paused``, ``Resume`` and ``Retrying`` too."""
        return self._is_pending

    def is_scheduled(self) -> bool:
        """Whether the run is to begin later; true for ``Queued`` too."""
        return self._is_scheduled

    def is_retrying(self) -> bool:
        """Whether the run waits for another attempt."""
        return self._is_retrying

    def is_queued(self) -> bool:
        """Whether a concurrency limit holds the run back."""
        return self._is_queued

    def is_submitted(self) -> bool:
        """Whether an agent has taken the run."""
        return self._is_submitted

    def is_running(self) -> bool:
        """Whether the run is being executed; true while it is being cancelled too."""
        return self._is_running

    def is_finished(self) -> bool:
        """Whether the run is over."""
        return self._is_finished

    def is_successful(self) -> bool:
        """Whether the run is over and succeeded; ``Skipped``, ``Cached`` and ``Mapped`` are successes."""
        return self._is_successful

    def is_failed(self) -> bool:
        """Whether the run is over and failed; ``Cancelled`` is no failure."""
        return self._is_failed

    def is_skipped(self) -> bool:
        """Whether the run was skipped."""
        return self._is_skipped

    def is_cached(self) -> bool:
        """Whether the value was found in a cache or put into one."""
        return self._is_cached

    def is_mapped(self) -> bool:
        """Whether the run has been replaced by mapped children."""
        return self._is_mapped

    def is_looped(self) -> bool:
        """Whether the run goes into another iteration."""
        return self._is_looped

    def is_meta_state(self) -> bool:
        """Whether the state wraps another one."""
        return self._is_meta_state


def _slots(cls: type) -> Iterable[str]:
    for base in cls.__mro__:
        for name in base.__dict__.get("__slots__", ()):
            if name != "__weakref__":
                yield name


def _public(state: State) -> dict[str, Any]:
    return {name: value for name, value in getattr(state, "__dict__", {}).items() if not name.startswith("_")}


def _can_be_pickled(value: Any) -> bool:
    import cloudpickle

    try:
        cloudpickle.loads(cloudpickle.dumps(value))
    except Exception:
        return False
    return True
