"""Rules that decide whether a cached state still stands for a task's run.

Each is called ``(state, inputs, parameters)`` with the ``Cached`` candidate, the plain values of the
task's arguments and the flow's parameters. A state without an expiration never expires.

Source:
    core.md §9.1.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from prefect.engine.state import Cached

    #: What ``Task(cache_validator=…)`` takes.
    Validator = Callable[[Cached, "dict[str, Any]", "dict[str, Any]"], bool]


def never_use(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Never accept a cached state."""
    return False


def duration_only(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Accept a cached state that has not expired."""
    return not _is_expired(state)


def all_inputs(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Accept a cached state that has not expired and was made from the same inputs."""
    if _is_expired(state):
        return False
    cached, current = _comparable_inputs(state, inputs)
    return cached == current


def all_parameters(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Accept a cached state that has not expired and was made with the same flow parameters."""
    return not _is_expired(state) and bool(state.cached_parameters == parameters)


def partial_inputs_only(validate_on: Iterable[str] | None = None) -> Validator:
    """Make a validator that compares some inputs.

    Args:
        validate_on: Names of the inputs to compare, or one name; none if not given.

    Returns:
        A validator that accepts a cached state that has not expired and was made from the same listed inputs.
    """
    names = _names(validate_on)

    def validate(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
        if _is_expired(state):
            return False
        cached, current = _comparable_inputs(state, _only(names, inputs))
        return _only(names, cached) == current

    return _made_by("partial_inputs_only", validate, validate_on)


def partial_parameters_only(validate_on: Iterable[str] | None = None) -> Validator:
    """Make a validator that compares some flow parameters.

    Args:
        validate_on: Names of the parameters to compare, or one name; none if not given.

    Returns:
        A validator that accepts a cached state that has not expired and was made with the same listed parameters.
    """
    names = _names(validate_on)

    def validate(state: Cached, inputs: dict[str, Any], parameters: dict[str, Any]) -> bool:
        return not _is_expired(state) and _only(names, state.cached_parameters) == _only(names, parameters)

    return _made_by("partial_parameters_only", validate, validate_on)


def _made_by(factory: str, validate: Any, validate_on: Iterable[str] | None) -> Validator:
    """Note which factory made a validator with which arguments, since that is how it is serialized (core.md §20.2)."""
    validate.factory = (f"prefect.engine.cache_validators.{factory}", {"validate_on": validate_on})
    return validate  # type: ignore[no-any-return]


def _is_expired(state: Cached) -> bool:
    from prefect.engine.state_base import now_utc

    expiration = state._cached_result_expiration
    return expiration is not None and expiration < now_utc()


def _comparable_inputs(state: Cached, inputs: dict[str, Any]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return the cached and the current inputs, both as tokens or both as values."""
    if state.hashed_inputs is not None:
        from prefect.engine.content_token import content_token

        return state.hashed_inputs, {name: content_token(value) for name, value in inputs.items()}
    from prefect.engine.result.base import Result

    cached = state.cached_inputs or {}
    return {name: value.value if isinstance(value, Result) else value for name, value in cached.items()}, inputs


def _names(validate_on: Iterable[str] | None) -> frozenset[str]:
    if isinstance(validate_on, str):
        return frozenset([validate_on])
    return frozenset(validate_on or ())


def _only(names: frozenset[str], values: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (values or {}).items() if name in names}
