"""States as documents, and back.

Source: core.md §20.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.engine import state as states
from prefect.serialization.results import deserialize_result, serialize_result
from prefect.serialization.values import Document, ValidationError, as_document, field, json_value, moment, moment_text

if TYPE_CHECKING:
    from prefect.engine.state import State

#: The types of states that documents know.
_TYPES: dict[str, type[State]] = {
    cls.__name__: cls
    for cls in (
        states.Cached,
        states.Cancelled,
        states.Cancelling,
        states.ClientFailed,
        states.Failed,
        states.Finished,
        states.Looped,
        states.Mapped,
        states.Paused,
        states.Pending,
        states.Queued,
        states.Resume,
        states.Retrying,
        states.Running,
        states.Scheduled,
        states.Skipped,
        states.Submitted,
        states.Success,
        states.TimedOut,
        states.TriggerFailed,
        states.ValidationFailed,
    )
}

#: Class → type, for those without entries of their own.
_PLAIN: dict[type[State], str] = {
    cls: name
    for name, cls in _TYPES.items()
    if not issubclass(cls, (states.Scheduled, states.Queued, states.Looped, states._MetaState, states.Cached))
}

#: Types whose documents have nothing that all documents do not have.
_WITHOUT_ARGUMENTS = frozenset(_PLAIN.values()) - {"Mapped"}


def serialize_state(state: State) -> Document:
    """Return a state as a document, with the location of its result and without the value.

    A state of a class that documents do not know is written as the nearest one they do.

    Raises:
        ValidationError: JSON cannot hold the context or the cached parameters, or documents know no class the state is
            of.

    Source:
        core.md §20.4.
    """
    plain, cached_inputs = _PLAIN.get(type(state)), state._cached_inputs
    document: Document = {
        "type": plain or _type_of(state),
        "message": None if state.message is None else str(state.message),
        "context": _context(state),
        "cached_inputs": {name: serialize_result(value) for name, value in cached_inputs.items()}
        if cached_inputs
        else {},
        "__version__": __version__,
    }
    if isinstance(state, states.Mapped):
        document["n_map_states"] = state.n_map_states
    else:
        # A state whose value has no result of its own yet has a plain one.
        document["_result"] = serialize_result(state._result_object)
    if plain is None:
        _add_own_entries(state, document)
    return document


def _type_of(state: State) -> str:
    for cls in type(state).__mro__:
        if _TYPES.get(cls.__name__) is cls:
            return cls.__name__
    raise ValidationError(
        f"{state!r} is of no type that documents know. Derive its class from one of those, such as Success."
    )


def _context(state: State) -> Document:
    held = state._context
    if not held:
        return {}
    if held.__class__ is tuple:
        return {"tags": list(held)}  # so states keep their tags until somebody asks for the whole context
    found: Document = json_value(held, f"The context of {state!r}")
    return found


def deserialize_state(document: Document) -> State:
    """Return the described state; the value of its result can be read with ``load_result``.

    Raises:
        ValidationError: The document does not describe a state.

    Source:
        core.md §20.4.
    """
    kind = field(as_document(document, "The state"), "type", str, None, "The state")
    if kind not in _TYPES:
        raise ValidationError(f"The state has the type {kind!r}. Known types: {', '.join(sorted(_TYPES))}.")
    if len(document) == 2 and kind in _WITHOUT_ARGUMENTS and isinstance(document.get("message"), str):
        # Most states of task runs that have not begun.
        state = _TYPES[kind](message=document["message"])
        state.context = {}
        return state
    what = f"The {kind} state"
    own = {} if kind in _WITHOUT_ARGUMENTS else _own_arguments(_TYPES[kind], document, what)
    state = _TYPES[kind](message=field(document, "message", str, None, what), **own)
    # Set afterwards, since the constructor adds what the context of this run says.
    state.context = field(document, "context", dict, None, what) or {}
    cached = field(document, "cached_inputs", dict, None, what) or {}
    state.cached_inputs = {name: deserialize_result(entry) for name, entry in cached.items()}
    if "_result" in document:
        state.result = deserialize_result(document["_result"])
    return state


def _add_own_entries(state: State, document: Document) -> None:
    if isinstance(state, (states.Scheduled, states.Queued)):
        document["start_time"] = moment_text(state._start_time)
    if isinstance(state, states.Retrying):
        document["run_count"] = state.run_count
    if isinstance(state, states.Looped):
        document["loop_count"] = state.loop_count
    if isinstance(state, states._MetaState):
        document["state"] = None if state.state is None else serialize_state(state.state)
    if isinstance(state, states.Cached):
        document["cached_parameters"] = json_value(state.cached_parameters, f"The cached parameters of {state!r}")
        document["cached_result_expiration"] = moment_text(state._cached_result_expiration)
        document["hashed_inputs"] = json_value(state.hashed_inputs, f"The hashed inputs of {state!r}")


def _own_arguments(cls: type[State], document: Document, what: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if issubclass(cls, (states.Scheduled, states.Queued)):
        own["start_time"] = _optional_moment(document, "start_time")
    if issubclass(cls, states.Retrying):
        own["run_count"] = field(document, "run_count", int, None, what)
    if issubclass(cls, states.Looped):
        own["loop_count"] = field(document, "loop_count", int, None, what)
    if issubclass(cls, states._MetaState):
        wrapped = document.get("state")
        own["state"] = None if wrapped is None else deserialize_state(wrapped)
    if issubclass(cls, states.Mapped):
        number = field(document, "n_map_states", int, 0, what)
        try:
            own["map_states"] = [None] * number
        except (MemoryError, OverflowError) as error:
            raise ValidationError(f"{what} has {number} children, more than this machine can hold.") from error
    if issubclass(cls, states.Cached):
        own["cached_parameters"] = field(document, "cached_parameters", dict, None, what)
        own["cached_result_expiration"] = _optional_moment(document, "cached_result_expiration")
        own["hashed_inputs"] = field(document, "hashed_inputs", dict, None, what)
    return own


def _optional_moment(document: Document, name: str) -> Any:
    text = document.get(name)
    return None if text is None else moment(text, f"The {name!r} of a {document['type']} state")
