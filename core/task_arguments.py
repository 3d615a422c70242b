"""What arguments of a task, and of a flow, have to be.

Source: core.md §3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from prefect.engine.cache_validators import Validator
    from prefect.engine.result import Result
    from prefect.engine.state import State
    from prefect.task import Task

    StateHandler = Callable[[Any, State, State], State | None]


def check_retries(task: Task) -> None:
    """Refuse retry arguments that contradict each other.

    Raises:
        ValueError: There are retries without a delay, or a delay or exception types without retries.
        TypeError: The delay is no ``timedelta``.
    """
    name, delay = task.name, task.retry_delay
    retries = bool(task.max_retries and task.max_retries > 0)
    if retries and delay is None:
        raise ValueError(f"Task {name!r} has max_retries but no retry_delay. Give it a timedelta.")
    if not task.max_retries and delay is not None:
        raise ValueError(f"Task {name!r} has a retry_delay but no max_retries. Give it a number above 0.")
    if task.retry_on is not None and not retries:
        raise ValueError(f"Task {name!r} has retry_on but no max_retries. Give it a number above 0.")
    if delay is not None and not hasattr(delay, "total_seconds"):
        # 1.x took a number and failed when the first retry was due (core.md §23, 29).
        raise TypeError(
            f"The retry_delay of task {name!r} is {delay!r}. Give a timedelta, such as timedelta(seconds=10)."
        )


def exception_types(retry_on: Any) -> set[type[Exception]] | None:
    """Return ``retry_on`` as a set, or None for all exceptions.

    Raises:
        TypeError: Something in it is no exception type.
    """
    if retry_on is None:
        return None
    types: set[Any] = {retry_on} if isinstance(retry_on, (type, BaseException)) else set(retry_on)
    for given in types:
        if not isinstance(given, type):
            raise TypeError(f"retry_on holds {given!r}, which is an instance. Give the exception type itself.")
        if not issubclass(given, Exception):
            raise TypeError(f"retry_on holds {given!r}, which does not derive from Exception. Give an exception type.")
    return types or None


def whole_seconds(timeout: Any) -> int | None:
    """Return a timeout in seconds; what is left of a ``timedelta`` is cut off with a warning.

    Raises:
        TypeError: It is neither a whole number nor a ``timedelta``.
    """
    if timeout is None or isinstance(timeout, int):
        return timeout
    if not hasattr(timeout, "total_seconds"):
        raise TypeError(f"The timeout {timeout!r} is neither whole seconds nor a timedelta. Give one of these.")
    seconds = timeout.total_seconds()
    if seconds != int(seconds):
        warn(f"A timeout counts whole seconds: {timeout!r} is cut to {int(seconds)} s.")
    return int(seconds)


def check_template(name: str, argument: str, template: Any) -> None:
    """Refuse a template that nothing can be made of; 1.x took it, and failed every run of the task.

    Args:
        name: Of the task.
        argument: ``target`` or ``task_run_name``.
        template: What was given.

    Raises:
        TypeError: It is neither text nor a function.
    """
    if template and not isinstance(template, str) and not callable(template):
        raise TypeError(f"The {argument} of task {name!r} is {template!r}. Give text, or a function that returns it.")


def validator_for(name: str, cache_for: timedelta | None, cache_validator: Validator | None) -> Validator:
    """Return the rule for cached values; one without ``cache_for`` is kept with a warning.

    Raises:
        TypeError: ``cache_for`` is no ``timedelta``; 1.x took it, and failed every run of the task.
    """
    from prefect.engine.cache_validators import duration_only, never_use

    if cache_for is not None and not hasattr(cache_for, "total_seconds"):
        raise TypeError(
            f"The cache_for of task {name!r} is {cache_for!r}. Give a timedelta, such as timedelta(hours=1)."
        )
    if cache_validator is None:
        return never_use if cache_for is None else duration_only
    if cache_for is None:
        warn(f"Task {name!r} has a cache_validator but no cache_for, so nothing is cached.")
    return cache_validator


def located_result(name: str, result: Result | None, target: Any) -> Result | None:
    """Return the result, located at the target if there is one; the given result is left alone."""
    if not target or result is None:
        return result
    if result.location is not None and result.location != target:
        warn(f"Task {name!r} has both a result with a location and a target; the target is used.")
    return result.located_at(target)


def state_handlers(
    handlers: Sequence[StateHandler] | None, on_failure: Callable[[Any, State], Any] | None
) -> list[StateHandler]:
    """Return the handlers as a list of their own, ``on_failure`` last.

    Raises:
        TypeError: They have no order, as in a set or generator.
    """
    from collections.abc import Sequence as SequenceType

    if handlers is not None and not isinstance(handlers, SequenceType):
        raise TypeError(
            f"state_handlers has the type {type(handlers).__name__}, which has no order. Give a list of functions."
        )
    return [*(handlers or ()), *([] if on_failure is None else [_failure_handler(on_failure)])]


def _failure_handler(on_failure: Callable[[Any, State], Any]) -> StateHandler:
    def call_on_failure(obj: Any, old_state: State, new_state: State) -> None:
        if new_state.is_failed():
            on_failure(obj, new_state)

    return call_on_failure


def warn(message: str) -> None:
    """Issue a ``UserWarning`` at the line outside this package that led here."""
    import sys
    import warnings

    depth, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("prefect."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=depth)
