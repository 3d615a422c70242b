"""Values on a Dask cluster: what stands for them here, and messages that name them.

A value that is too large to travel with its state stays on the worker where it was made, as the value of the Dask task
that made it. Here a :class:`RemoteValue` stands for it. Packed into a message, it becomes a number; the message goes to a
worker together with the futures that have these numbers, so that Dask brings the values there, from worker to worker.
"""

from __future__ import annotations

import pickle
from contextvars import ContextVar
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from prefect.engine.state import State

#: Bytes up to which a value travels with its state, or with the run that needs it.
LARGEST_SENT = 16_384

_CANNOT_BE_SENT = "Its value of type {} cannot be sent to another process: {!r}. Return something that can be pickled, or use threads."

#: While a message is packed: key → number and future of the values that it names.
_named: ContextVar[dict[str, tuple[int, Any]]] = ContextVar("prefect_dask_named")
#: While a message is read: the values that it names.
_brought: ContextVar[Sequence[Held]] = ContextVar("prefect_dask_brought")


class Held:
    """What a Dask task returns for a value that stays: Dask would take a list apart, and look at every element.

    Args:
        value: The value.
        size: Bytes of the value, for Dask's accounts.
    """

    __slots__ = ("size", "value")

    def __init__(self, value: Any, size: int) -> None:
        self.value = value
        self.size = size

    def __sizeof__(self) -> int:
        return self.size


class RemoteValue:
    """Stands for a value on the cluster.

    Args:
        future: The Dask future of it.
        kind: Name of its type.
        fetch: Returns what a future holds.
    """

    def __init__(self, future: Any, kind: str, fetch: Callable[[Any], Held]) -> None:
        self.future = future
        self.kind = kind
        self.fetch = fetch
        self.is_released = False

    def __repr__(self) -> str:
        return f"<{self.kind} on the Dask cluster>"

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetched())

    def __reduce__(self) -> Any:
        named = _named.get()
        number, _ = named.setdefault(self.future.key, (len(named), self.future))
        return _brought_value, (number,)

    def fetched(self) -> Any:
        """Bring the value here."""
        return self.fetch(self.future).value

    def release(self) -> None:
        """Let the cluster forget the value."""
        self.is_released = True
        self.future.release()

    def found_in(self, values: Mapping[str, Held]) -> Any:
        """Return the value, given all that were fetched: key → :class:`Held`."""
        return values[self.future.key].value


class RemoteSequence(RemoteValue):
    """Stands for a value that has a length and elements, so that it can be mapped over without being here.

    Args:
        future: The Dask future of it.
        kind: Name of its type.
        fetch: Returns what a future holds.
        length: Number of its elements.
    """

    def __init__(self, future: Any, kind: str, fetch: Callable[[Any], Held], length: int) -> None:
        super().__init__(future, kind, fetch)
        self.length = length
        self._fetched: Any = None

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> RemoteElement:
        return RemoteElement(self, index)

    def __iter__(self) -> Iterator[Any]:
        return (RemoteElement(self, index) for index in range(self.length))

    def fetched(self) -> Any:
        """Bring the value here, once."""
        if self._fetched is None:
            self._fetched = super().fetched()
        return self._fetched


class RemoteElement(RemoteValue):
    """Stands for one element of a value on the cluster.

    Args:
        whole: The value.
        index: Number of the element.
    """

    def __init__(self, whole: RemoteSequence, index: int) -> None:
        super().__init__(whole.future, f"element {index} of a {whole.kind}", whole.fetch)
        self.whole = whole
        self.index = index

    def __reduce__(self) -> Any:
        _, (number,) = super().__reduce__()
        return _brought_element, (number, self.index)

    def fetched(self) -> Any:
        """Bring the whole value here, and return the element."""
        return self.whole.fetched()[self.index]

    def found_in(self, values: Mapping[str, Held]) -> Any:
        """Return the element; see :class:`RemoteValue`."""
        return super().found_in(values)[self.index]


class Stays:
    """In a state that a worker sends: its value is what the Dask task returned.

    Args:
        value: The value.
    """

    __slots__ = ("kind", "length")

    def __init__(self, value: Any) -> None:
        from prefect.engine.mapping import is_sequence

        self.kind = type(value).__name__
        self.length = len(value) if is_sequence(value) else None

    def __reduce__(self) -> Any:
        return _stays, (self.kind, self.length)

    def at(self, future: Any, fetch: Callable[[Any], Held]) -> RemoteValue:
        """Return what stands for the value here; see :class:`RemoteValue`."""
        if self.length is None:
            return RemoteValue(future, self.kind, fetch)
        return RemoteSequence(future, self.kind, fetch, self.length)


def _stays(kind: str, length: int | None) -> Stays:
    stays = Stays.__new__(Stays)
    stays.kind, stays.length = kind, length
    return stays


def _brought_value(number: int) -> Any:
    return _brought.get()[number].value


def _brought_element(number: int, index: int) -> Any:
    return _brought.get()[number].value[index]


def pack(message: Any) -> tuple[bytes, list[Any]]:
    """Return a message as bytes, with the futures of the values that it names.

    Raises:
        Exception: Whatever a value raises when it is pickled.
    """
    named: dict[str, tuple[int, Any]] = {}
    token = _named.set(named)
    try:
        return _dumped(message), [future for _, future in named.values()]
    finally:
        _named.reset(token)


def unpack(payload: bytes, values: Sequence[Held] = ()) -> Any:
    """Return a message, with the values that it names put in.

    Raises:
        Exception: Whatever a value raises when it is made anew.
    """
    token = _brought.set(values)
    try:
        return pickle.loads(payload)
    finally:
        _brought.reset(token)


def pack_state(state: State) -> tuple[bytes, Held | None]:
    """Return a state as bytes, and its value if that is too large to travel with it.

    Raises:
        TypeError: The value cannot be pickled. Large ones are tried too, since Dask would try again and again where
            another worker needs one that cannot be.
    """
    try:
        if not state.is_successful():
            return _dumped(state), None
        parts = _parts(state)
    except Exception as exc:
        raise TypeError(_CANNOT_BE_SENT.format(type(state.result).__name__, exc)) from exc
    if parts.size <= LARGEST_SENT:
        return b"".join(parts.kept), None
    value = state.result
    return _dumped(holding(state, Stays(value))), Held(value, parts.size)


def holding(state: State, value: Any) -> State:
    """Return a copy of a state that holds another value, stored where the value of that state is."""
    state = copy(state)
    held = state._result_object
    if held is None:
        state._value = value
    else:
        held = state._result_object = held.copy()
        held.value = value
    return state


def _dumped(message: Any) -> bytes:
    """Pickle a message: plainly, which is ten times faster, or by value what another process could not import."""
    try:
        payload = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - cloudpickle knows more, and its error is the one to show
        payload = b"__main__"
    if b"__main__" not in payload:
        return payload
    import cloudpickle

    return cloudpickle.dumps(message)  # type: ignore[no-any-return]


def _parts(state: State) -> _Parts:
    """Pickle a state as :func:`_dumped` does."""
    try:
        parts = _Parts.of(pickle.Pickler, state)
    except Exception:  # noqa: BLE001 - as above
        parts = None
    if parts is not None and not any(b"__main__" in part for part in parts.kept):
        return parts
    import cloudpickle

    return _Parts.of(cloudpickle.Pickler, state)


class _Parts:
    """A file that counts what is written and lets go of it once it is too much."""

    def __init__(self) -> None:
        self.size = 0
        self.kept: list[bytes] = []

    @classmethod
    def of(cls, pickler_class: Any, message: Any) -> _Parts:
        """Return the parts of a pickled message."""
        parts = cls()
        pickler_class(parts, protocol=pickle.HIGHEST_PROTOCOL, buffer_callback=parts.take).dump(message)
        return parts

    def write(self, data: Any) -> int:
        self._count(len(data))
        if self.size <= LARGEST_SENT:
            self.kept.append(bytes(data))
        return len(data)

    def take(self, buffer: pickle.PickleBuffer) -> bool:
        """Return whether a buffer, such as the numbers of an array, is to be written; a large one is only counted."""
        size = buffer.raw().nbytes
        if self.size + size > LARGEST_SENT:
            self._count(size)
            return False
        return True

    def _count(self, size: int) -> None:
        self.size += size
        if self.size > LARGEST_SENT:
            self.kept.clear()
