"""Triggers decide from the states of its upstream tasks whether a task runs.

A trigger gets ``{Edge: State}`` and returns true to run. False, or raising ``TRIGGERFAIL``, ends the task as
``TriggerFailed``. Mapped upstream tasks count as their children, and two edges from one task count once.

Source: core.md §8.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.engine import signals
from prefect.engine.state import Mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prefect.edge import Edge
    from prefect.engine.state import State

    Trigger = Callable[[dict[Edge, State]], bool]


def _states(upstream_states: dict[Edge, State]) -> set[State]:
    found: set[State] = set()
    for state in upstream_states.values():
        found.update(state.map_states if isinstance(state, Mapped) else (state,))
    return found


def all_finished(upstream_states: dict[Edge, State]) -> bool:
    """Run when every upstream task is finished, whatever came of it."""
    if not all(state.is_finished() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "all_finished" but some of the upstream tasks were not finished.')
    return True


def manual_only(upstream_states: dict[Edge, State]) -> bool:
    """Run only after somebody has approved: pause the task until it is resumed."""
    if context.get("resume"):
        return True
    raise signals.PAUSE('Trigger function is "manual_only"')


def all_successful(upstream_states: dict[Edge, State]) -> bool:
    """Run when every upstream task succeeded."""
    if not all(state.is_successful() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "all_successful" but some of the upstream tasks failed.')
    return True


def all_failed(upstream_states: dict[Edge, State]) -> bool:
    """Run when every upstream task failed."""
    if not all(state.is_failed() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "all_failed" but some of the upstream tasks succeeded.')
    return True


def any_successful(upstream_states: dict[Edge, State]) -> bool:
    """Run when at least one upstream task succeeded, or there is none."""
    if upstream_states and not any(state.is_successful() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "any_successful" but none of the upstream tasks succeeded.')
    return True


def any_failed(upstream_states: dict[Edge, State]) -> bool:
    """Run when at least one upstream task failed, or there is none."""
    if upstream_states and not any(state.is_failed() for state in _states(upstream_states)):
        raise signals.TRIGGERFAIL('Trigger was "any_failed" but none of the upstream tasks failed.')
    return True


def some_failed(at_least: float | None = None, at_most: float | None = None) -> Trigger:
    """Return a trigger that runs when the number of failed upstream tasks lies between two bounds.

    Args:
        at_least: Lower bound, inclusive: a number of tasks, or a fraction of them if below 1.
        at_most: Upper bound, inclusive, likewise.
    """

    def some_failed_(upstream_states: dict[Edge, State]) -> bool:
        states = _states(upstream_states)
        if upstream_states and not _within((state.is_failed() for state in states), len(states), at_least, at_most):
            raise signals.TRIGGERFAIL('Trigger was "some_failed" but thresholds were not met.')
        return True

    return _made_by("some_failed", some_failed_, at_least, at_most)


def some_successful(at_least: float | None = None, at_most: float | None = None) -> Trigger:
    """Return a trigger that runs when the number of successful upstream tasks lies between two bounds.

    Args:
        at_least: Lower bound, inclusive: a number of tasks, or a fraction of them if below 1.
        at_most: Upper bound, inclusive, likewise.
    """

    def some_successful_(upstream_states: dict[Edge, State]) -> bool:
        states = _states(upstream_states)
        if upstream_states and not _within((state.is_successful() for state in states), len(states), at_least, at_most):
            raise signals.TRIGGERFAIL('Trigger was "some_successful" but thresholds were not met.')
        return True

    return _made_by("some_successful", some_successful_, at_least, at_most)


def not_all_skipped(upstream_states: dict[Edge, State]) -> bool:
    """Run when every upstream task succeeded and not all of them were skipped; skip if they all were."""
    states = _states(upstream_states)
    if all(state.is_skipped() for state in states):
        raise signals.SKIP("All upstreams were skipped", result=None)
    if not all(state.is_successful() for state in states):
        raise signals.TRIGGERFAIL('Trigger was "not_all_skipped" but some of the upstream tasks failed.')
    return True


#: The name 1.x gives to ``all_finished`` as well.
always_run: Trigger = all_finished


def _within(claims: Iterable[bool], total: int, at_least: float | None, at_most: float | None) -> bool:
    number = sum(claims)
    lower, upper = (None if bound is None else bound * total if bound < 1 else bound for bound in (at_least, at_most))
    return (lower is None or number >= lower) and (upper is None or number <= upper)


def _made_by(factory: str, trigger: Any, at_least: float | None, at_most: float | None) -> Trigger:
    """Note which factory made a trigger with which arguments, since that is how it is serialized (core.md §20.2)."""
    trigger.__name__ = factory
    trigger.factory = (f"prefect.triggers.{factory}", {"at_least": at_least, "at_most": at_most})
    return trigger  # type: ignore[no-any-return]
