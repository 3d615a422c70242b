"""What a state does to a run: pure functions from a record, a state and a time to the fields that change.

A state is its 1.x JSON, such as ``{"type": "Running", "message": "Running flow."}``; the type alone is enough.

Source: backend.md §8.1 - §8.3; core.md §20.4; store.md §4 (``due``, ``live``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError
from prefect.orchestration.times import later, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Record = dict[str, Any]
    StateDocument = dict[str, Any]

#: Waits for its start time, or for somebody to resume it.
SCHEDULED = frozenset({"Scheduled", "Paused", "Resume", "Retrying", "Queued"})
RUNNING = frozenset({"Running", "Cancelling"})
SUCCESSFUL = frozenset({"Success", "Cached", "Mapped", "Skipped"})
FAILED = frozenset({"Failed", "TimedOut", "TriggerFailed", "ValidationFailed"})
FINISHED = SUCCESSFUL | FAILED | {"Finished", "Cancelled", "Looped"}
#: Wraps another state in its entry ``state``.
META = frozenset({"Submitted", "Queued", "ClientFailed"})
#: A flow run in such a state was picked up and has not finished.
PICKED_UP = RUNNING | {"Submitted"}
#: All types of states.
TYPES = SCHEDULED | RUNNING | FINISHED | META | {"Pending"}

#: Characters that the JSON of a state may have.
LONGEST_STATE = 1_000_000
_SMALL = 10_000

# A state of these types starts now if it does not say when; a paused one then waits for a person.
_STARTS_NOW = SCHEDULED - {"Paused"}
# These are set by the process that then waits for the start time.
_RETRIED = frozenset({"Retrying", "Queued"})
_PENDING: StateDocument = {"type": "Pending", "message": "Task run created"}


class CompleteState(dict[str, "Any"]):
    """A state that is as :func:`completed` returns it, whatever the time, and that nobody changes."""


def has_finished(run: Record) -> bool:
    """Return whether a flow run or task run is over."""
    return run["state"]["type"] in FINISHED


def completed(state: Mapping[str, Any], now: str) -> StateDocument:
    """Return a state as it is stored: checked, and with a start time if its type has one.

    Args:
        state: At least its ``type``.
        now: UTC text.

    Raises:
        ClientError: The type is unknown, the start time is no time, or the state is too large.
    """
    if state.__class__ is CompleteState:
        return state
    kind = state.get("type")
    if kind not in TYPES:
        raise ClientError(f"There is no state of type {kind!r}. Known types: {', '.join(sorted(TYPES))}.")
    known: StateDocument = dict(state)
    if kind in SCHEDULED:
        start = known.get("start_time")
        if start is not None:
            known["start_time"] = utc_text(start)
        else:
            known["start_time"] = now if kind in _STARTS_NOW else None
    _check_size(known)
    return known


def _check_size(state: StateDocument) -> None:
    # No task run should pay for an encoding that only measures: most entries are small at first sight.
    for entry in state.values():
        if entry and (len(entry) if entry.__class__ is str else len(repr(entry))) > _SMALL:
            break
    else:
        if len(state) < 20:
            return
    import json

    if len(json.dumps(state, ensure_ascii=False)) > LONGEST_STATE:
        raise ClientError(
            f"State payload is too large. A state may have {LONGEST_STATE} characters of JSON;"
            " keep large values in results and shorten the message."
        )


def plain(state: StateDocument) -> StateDocument:
    """Return the innermost state that a meta state wraps."""
    while state["type"] in META and isinstance(state.get("state"), dict):
        state = state["state"]
    return state


def pending() -> StateDocument:
    """Return the state in which a task run is created."""
    return dict(_PENDING)


def submitted(state: StateDocument) -> StateDocument:
    """Return the state of a run that an agent has taken."""
    return {"type": "Submitted", "message": "Submitted for execution", "state": plain(state)}


def next_flow_run(run: Mapping[str, Any], state: StateDocument, now: str) -> Record:
    """Return the fields of a flow run that change with its state.

    Args:
        run: The record so far.
        state: As :func:`completed` returns it.
        now: UTC text.
    """
    kind = state["type"]
    changes = _next(run, state, now)
    changes["due"] = state["start_time"] if kind in SCHEDULED else None
    changes["live"] = kind in PICKED_UP
    if kind in SCHEDULED:
        changes["process"] = None
    return changes


def next_task_run(task_run: Mapping[str, Any], state: StateDocument, now: str) -> Record:
    """Return the fields of a task run that change with its state.

    Args:
        task_run: The record so far.
        state: As :func:`completed` returns it. Cached inputs are carried over to a state without any.
        now: UTC text.
    """
    if not state.get("cached_inputs"):
        cached = task_run["state"].get("cached_inputs")
        if cached:
            state = {**state, "cached_inputs": cached}
    return _next(task_run, state, now)


def _next(run: Mapping[str, Any], state: StateDocument, now: str) -> Record:
    kind = state["type"]
    now = max(now, run["state_timestamp"])
    return {
        "version": run["version"] + 1,
        "state": state,
        "state_timestamp": now,
        "start_time": now if kind == "Running" and run["start_time"] is None else run["start_time"],
        "end_time": now if kind in FINISHED else None,
    }


def earliest_start(task_runs: Iterable[Mapping[str, Any]], grace: float = 0) -> str | None:
    """Return when the first of a run's task runs is to start that wait for a time; None if none does.

    That is when a running flow run is due whose process went away meanwhile.

    Args:
        task_runs: The records.
        grace: Seconds more for those that a process, if it is still there, starts by itself.
    """
    starts = []
    for task_run in task_runs:
        start = start_of(task_run)
        if start is not None:
            starts.append(later(start, grace) if grace and task_run["state"]["type"] in _RETRIED else start)
    return min(starts, default=None)


def start_of(task_run: Mapping[str, Any]) -> str | None:
    """Return when a task run that waits for a time is to start; None if it does not."""
    state = task_run["state"]
    start: str | None = state["start_time"] if state["type"] in SCHEDULED else None
    return start


def feed_line(run: Mapping[str, Any]) -> Record:
    """Return what is told of a flow run's new state to those who watch everything."""
    return {
        "at": run["state_timestamp"],
        "run": run["id"],
        "name": run["name"],
        "state": run["state"]["type"],
        "version": run["version"],
    }
