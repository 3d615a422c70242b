"""States of task runs as documents, cheaply: most have the same type, message and tags and nothing else.

Source: core.md §20.4; DESIGN §6.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from prefect.engine.result.base import NoResult
from prefect.engine.state import Running, Success
from prefect.orchestration.state_rules import CompleteState, completed
from prefect.serialization.states import serialize_state

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.orchestration.state_rules import StateDocument

#: What a task run without incidents goes through.
_USUAL = frozenset({Running, Success})


def state_document(state: State) -> StateDocument:
    """Return the document of a state for the backend, which is not to be changed: it may be that of many states.

    Raises:
        ValidationError: JSON cannot hold the state.
    """
    result, context, message = state._result_object, state._context, state.message
    if (
        type(state) in _USUAL
        and (result is None or result is NoResult)
        and (context is None or context.__class__ is tuple)
        and message.__class__ is str
        and not state._cached_inputs
    ):
        # mypy takes the hash of the instances for that of the class.
        return _usual(type(state), message, context, result is None)  # type: ignore[arg-type]
    return serialize_state(state)


@lru_cache(maxsize=128)
def _usual(cls: type[State], message: str, tags: tuple[str, ...] | None, has_value: bool) -> StateDocument:
    state = cls.of(message, None, tags) if has_value else cls.without_value(message, tags)
    return CompleteState(completed(serialize_state(state), now=""))
