"""The end of a pass on a Dask cluster: values that are needed here are fetched, the others are left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.engine.restored import LostResult
from prefect.engine.state import Mapped
from prefect.executors.dask_values import RemoteValue, holding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.engine.flow_run import FlowPass
    from prefect.engine.state import State

    Gather = Callable[[list[Any]], list[Any]]


def fetch_values(gather: Gather, flow_pass: FlowPass) -> None:
    """Put values in the place of what stands for them, in the states that leave the pass with their values.

    The states of other tasks are left without. A value that cannot be fetched any more fails its task.

    Args:
        gather: Returns what some futures hold.
        flow_pass: The pass.
    """
    needed = set(flow_pass.places_with_values())
    wanted = {place: list(_remote(flow_pass.states[place])) for place in needed}
    futures = {value.future.key: value.future for values in wanted.values() for value in values}
    fetched, lost = _fetched(gather, futures)
    for place, state in enumerate(flow_pass.states):
        name = flow_pass.plan.steps[place].name
        flow_pass.states[place] = _settled(state, name, place in needed, fetched, lost)


def _remote(state: State) -> Iterator[RemoteValue]:
    for one in state.map_states if isinstance(state, Mapped) else (state,):
        if isinstance(one.result, RemoteValue) and not one.result.is_released:
            yield one.result


def _fetched(gather: Gather, futures: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Exception]]:
    """Return key → value, and key → error where there is none."""
    try:
        return dict(zip(futures, gather(list(futures.values())))), {}
    except Exception:  # noqa: BLE001 - one by one shows which
        values: dict[str, Any] = {}
        lost: dict[str, Exception] = {}
        for key, future in futures.items():
            try:
                (values[key],) = gather([future])
            except Exception as exc:  # noqa: BLE001 - whatever kept it from coming
                lost[key] = exc
        return values, lost


def _settled(state: State, name: str, needed: bool, fetched: dict[str, Any], lost: dict[str, Exception]) -> State:
    if isinstance(state, Mapped):
        children = [
            _settled(child, f"{name}[{index}]", needed, fetched, lost) for index, child in enumerate(state.map_states)
        ]
        if any(new is not old for new, old in zip(children, state.map_states)):
            state.map_states = children
            state.result = [child.result for child in children]
        return state
    value = state.result
    if not isinstance(value, RemoteValue):
        return state
    if not needed or value.is_released:
        return holding(state, None)
    if value.future.key in lost:
        error = lost[value.future.key]
        message = f"The value of the task {name!r} could not be fetched from the Dask cluster: {error!r}."
        return LostResult(message=message, result=error)
    return holding(state, value.found_in(fetched))
