"""Steps 9 and 13 of a task run: values that are there already, and values kept for later runs.

Source: core.md §9.1 and §9.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.engine.restored import is_to_be_read
from prefect.engine.result.base import NoResult, Result
from prefect.engine.state import Cached, Pending, now_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.engine.state import State
    from prefect.engine.task_run import TaskRun


def check_target(run: TaskRun, state: State) -> State:
    """Return ``Cached`` with the value at the task's target if there is one, else the state."""
    target, names = run.task.target, run.template_names()
    location = _location(target, names)
    # `exists` fills in templates itself; a task's own input `location` would be taken for its first argument.
    is_final = callable(target) or "location" in names
    names.pop("location", None)
    if not run.result.exists(_escaped(location) if is_final else target, **names):
        return state
    try:
        found = run.result.read(location)
    except Exception:
        run.logger.error(
            "%s: What is at its target %r cannot be read. Delete it to have it made anew.", run.title, location
        )
        raise
    return Cached(result=found, message=f"Result found at task target {location}")


def _location(target: Any, names: dict[str, Any]) -> str:
    """Return where the target of a task is.

    Raises:
        KeyError: It asks for a name that is not there.
        TypeError: It is a function that returned something other than text.
    """
    if not callable(target):
        from prefect.engine.templates import filled_in

        return filled_in(target, names, "target")
    location = target(**names)
    if not isinstance(location, str):
        raise TypeError(f"The function given as target returned {location!r}. Let it return text.")
    return location


def _escaped(location: str) -> str:
    """Return a template that gives this location whatever is filled in."""
    return location.replace("{", "{{").replace("}", "}}")


def check_cache(run: TaskRun, state: State) -> State:
    """Return a cached state that the task's validator accepts, else a state from which the task runs."""
    inputs, parameters = run.inputs, context.get("parameters") or {}
    if isinstance(state, Cached) and run.task.cache_validator(state, inputs, parameters):
        return state
    if run.task.cache_for is not None:
        for candidate in _candidates(run):
            if run.task.cache_validator(candidate, inputs, parameters) and _has_value(run, candidate):
                return candidate  # type: ignore[no-any-return]
        run.logger.warning("%s: Can't use cache because it is now invalid", run.title)
    return Pending("Cache was invalid; ready to run.") if isinstance(state, Cached) else state


def _candidates(run: TaskRun) -> Iterable[Any]:
    """Return what earlier runs left: with a backend what that knows, else what this process remembers."""
    known = _known_to_backend(run)
    if known is not None:
        # Without a location, a value never left the process that had it; that it is None, NoResult says.
        return [state for state in known if state._result is NoResult or state._result.location is not None]
    caches: dict[str, list[State]] = context.get("caches") or {}
    return caches.get(run.task.cache_key or run.task.name, ())


def _known_to_backend(run: TaskRun) -> Iterable[State] | None:
    observer = run.settings.observer
    return None if observer is None else observer.cached_states(run.task)


def _has_value(run: TaskRun, candidate: State) -> bool:
    """Read the value of a state that another process left, and return whether that is possible."""
    if not is_to_be_read(candidate):
        return True
    try:
        # A result of the task knows how its values were written; a plain one knows nothing.
        candidate.load_result(None if type(run.result) is Result else run.result)
    except Exception as exc:
        run.logger.warning("%s: Can't use a cached value that cannot be read: %s", run.title, exc)
        return False
    return True


def cache_result(run: TaskRun, state: State) -> State:
    """Return a successful state as ``Cached`` if the task's values are to be used again."""
    cache_for = run.task.cache_for
    if cache_for is None or not state.is_successful() or state.is_skipped():
        return state
    result = state._result
    if result.location is None and _known_to_backend(run) is not None:
        if result.value is None:
            result = NoResult
        else:
            run.logger.warning(
                "%s: The value is not stored, so no other run can use it. Give the task or the flow a result, such as"
                " LocalResult(), and leave checkpointing on.",
                run.title,
            )
    from prefect.engine.content_token import content_token

    return Cached(
        message=state.message,
        result=result,
        hashed_inputs={name: content_token(value) for name, value in run.inputs.items()},
        cached_result_expiration=now_utc() + cache_for,
        cached_parameters=context.get("parameters"),
    )
