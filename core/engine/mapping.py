"""Mapping: whether a task can be mapped, over how many elements, and what each child gets.

Source: core.md §8.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine import signals
from prefect.engine.state import Failed, Mapped
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prefect.edge import Edge
    from prefect.engine.state import State

    Inputs = Sequence[tuple[Edge, State]]


def value_of(state: State) -> Any:
    """Return what a finished upstream task hands on: its value, or the values of its children."""
    if isinstance(state, Mapped):
        return [child.result for child in state.map_states]
    return state.result


def expanded(upstream: Inputs) -> Iterator[State]:
    """Yield the states that decide about a task: children one by one, but for those it is mapped over itself."""
    for source, state in upstream:
        if isinstance(state, Mapped) and not source.mapped:
            yield from state.map_states
        else:
            yield state


def awaited(upstream: Inputs) -> Iterator[State]:
    """Yield the states that must be finished before a task begins.

    How many elements a flattened edge has is known only when every child is done, so that these are waited for as well;
    1.x began with those it had, and began again when there were more (core.md §8.6.4).
    """
    for source, state in upstream:
        if isinstance(state, Mapped) and (source.flattened or not source.mapped):
            yield from state.map_states
        else:
            yield state


def check_ready_to_map(state: State, upstream: Inputs) -> State:
    """Decide what becomes of a mapped parent.

    Raises:
        ENDRUN: Always: with ``Mapped`` and the number of children, or with ``Failed`` and the reason.
    """
    sources = [given for source, given in upstream if source.mapped]
    successful = [given for given in sources if given.is_successful()]
    if not successful:
        raise signals.ENDRUN(Failed("No upstream states can be mapped over."))
    if not all(isinstance(given, Mapped) or is_sequence(given.result) for given in successful):
        raise signals.ENDRUN(Failed("At least one upstream state has an unmappable result."))
    number = min(given.n_map_states if isinstance(given, Mapped) else len(given.result) for given in successful)
    if isinstance(state, Mapped):
        state.n_map_states = number
        raise signals.ENDRUN(state)
    raise signals.ENDRUN(Mapped(message="Ready to proceed with mapping.", n_map_states=number))


def is_settled(state: State) -> bool:
    """Return whether a run is over for good; a cached state is offered to its validator again."""
    return state.is_finished() and not state.is_cached()


def is_all_there_is(state: Mapped, upstream: Inputs) -> bool:
    """Return whether the children of a mapped task are all over, and a value that they were made of is gone.

    A value that nobody needed any more may be gone. What was mapped over it is taken as it is; otherwise the values say
    over what the task is mapped, in every pass anew.
    """
    children = state.map_states
    if not children or len(children) != state.n_map_states:
        return False
    if not all(child is not None and is_settled(child) for child in children):
        return False
    numbers = [_number(edge, given) for edge, given in upstream if edge.mapped and given.is_successful()]
    known = [number for number in numbers if number is not None]
    return len(known) < len(numbers) and min(known, default=len(children)) >= len(children)


def _number(source: Edge, state: State) -> int | None:
    """Return over how many elements of an upstream value a task is mapped, or None if the value is not here."""
    if isinstance(state, Mapped) and not source.flattened:
        return state.n_map_states
    parts = state.map_states if isinstance(state, Mapped) else [state]
    if any(part is None or (part.is_successful() and part.result is None) for part in parts):
        return None
    ((_, state),), _ = flattened([(source, state)])
    if isinstance(state, Mapped):
        return state.n_map_states
    return len(state.result) if is_sequence(state.result) else None


def child_inputs(upstream: Inputs, index: int) -> Inputs:
    """Return the inputs of one mapped child."""
    return [(source, _element(state, index) if source.mapped else state) for source, state in upstream]


def flattened(upstream: Inputs) -> tuple[Inputs, int]:
    """Un-nest the values of flattened edges by one level.

    Returns:
        The inputs, and how many mapped children had a value that could not be un-nested and is passed as it is.
    """
    odd = 0
    inputs = []
    for source, state in upstream:
        if source.flattened and isinstance(state, Mapped):
            children: list[State] = []
            for child in state.map_states:
                elements, is_odd = _elements(child)
                odd += is_odd
                children.extend(elements)
            state = Mapped(message=state.message, map_states=children)
        elif source.flattened and state.is_successful():
            state = with_value(state, _unnested(state.result))
        inputs.append((source, state))
    return inputs, odd


def warn_of_odd_children(number: int) -> None:
    """Log what :func:`flattened` could not un-nest, a line for each child."""
    for _ in range(number):
        get_logger("FlowRunner").warning(
            "`flatten` was used on upstream task that did not return an iterable."
            " The value will be passed downstream unmodified."
        )


def with_value(state: State, value: Any) -> State:
    """Return a copy of a state that holds another value."""
    from copy import copy

    new = copy(state)
    new.result = value
    return new


def is_sequence(value: Any) -> bool:
    """Return whether a value has elements 0, 1, 2, ... to hand to children."""
    # A mapping has __getitem__ but no such elements; 1.x crashed on it (core.md §23, 25).
    return hasattr(value, "__getitem__") and hasattr(value, "__len__") and not isinstance(value, Mapping)


def _element(state: State, index: int) -> State:
    if isinstance(state, Mapped):
        return state.map_states[index]  # type: ignore[no-any-return]
    if not state.is_successful():
        return state
    return with_value(state, state.result[index])


def _elements(child: State) -> tuple[list[State], bool]:
    if not child.is_successful() or child.is_skipped():
        return [child], False
    try:
        return [with_value(child, value) for value in child.result], False
    except TypeError:
        return [child], True


def _unnested(value: Iterable[Any]) -> Any:
    try:
        return [element for nested in value for element in nested]
    except TypeError:
        return value
