"""Watching a flow run until it is finished.

Source: backend.md §20.5; cli.md §3.11.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.backend.compatible_agents import check_for_compatible_agents
from prefect.backend.errors import require_text
from prefect.backend.following import FlowRunEvent, LogEvent, looks
from prefect.client.moments import as_moment
from prefect.client.transport import connected_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.backend.following import Event
    from prefect.storage.state.journal import Record

#: Seconds that a run waits for an agent before something is said.
PATIENCE_SECONDS = 15.0
#: Seconds until it is said again.
REPEAT_SECONDS = 30.0


class FlowRunLog(NamedTuple):
    """A line about a flow run: when (``pendulum.DateTime``), how important (as in :mod:`logging`), what."""

    timestamp: Any
    level: int
    message: str

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FlowRunLog:
        """Return the line that a backend describes with ``timestamp``, ``level`` and ``message``."""
        return cls(as_moment(data["timestamp"]), logging.getLevelName(data["level"]), data["message"])


def watch_flow_run(
    flow_run_id: str,
    stream_states: bool = True,
    stream_logs: bool = True,
    max_duration: timedelta = timedelta(hours=12),
    *,
    tell: Callable[[Event], object] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[FlowRunLog]:
    """Yield what happens to a flow run until it is finished.

    Args:
        flow_run_id: Id of the flow run.
        stream_states: Yield its states, and advice while no agent takes it.
        stream_logs: Yield what it logs.
        max_duration: How long to watch.
        tell: Called with everything that happens, before a line about it is yielded.
        sleep: Waits between two looks, for the given seconds.
        clock: Seconds of a clock that never goes back.

    Raises:
        ObjectNotFoundError: There is no such flow run.
        RuntimeError: The flow run was not finished in time.
        TypeError: ``max_duration`` is no ``timedelta``.
    """
    from prefect.orchestration.flow_runs import get_flow_run
    from prefect.orchestration.state_rules import FINISHED

    require_text(flow_run_id, "flow_run_id")
    if not isinstance(max_duration, timedelta):
        raise TypeError(f"`max_duration` is {max_duration!r}. Give a timedelta, such as timedelta(hours=1).")
    run = get_flow_run(connected_store(), flow_run_id)
    if run["state"]["type"] in FINISHED:
        if stream_states:
            yield _finished(run)
        return
    began = clock()
    agents = _AgentAdvice(began)
    for look in looks(flow_run_id, sleep=sleep, clock=clock):
        for event in look.events:
            if tell is not None:
                tell(event)
            if isinstance(event, FlowRunEvent) and stream_states:
                yield FlowRunLog(as_moment(event.timestamp), logging.INFO, _entered(event))
            elif isinstance(event, LogEvent) and stream_logs:
                yield FlowRunLog.from_dict(event._asdict())
        advice = agents.due(look.run, clock()) if stream_states else None
        if advice is not None:
            yield FlowRunLog(_now(), logging.WARNING, advice)
        if clock() - began > max_duration.total_seconds() and look.run["state"]["type"] not in FINISHED:
            raise RuntimeError(
                f"The flow run {flow_run_id} was watched for {max_duration} and is not finished: it is"
                f" {_shown(look.run['state'])}. Watch it again, with a longer `max_duration`."
            )


def stream_flow_run_logs(flow_run_id: str, max_duration: timedelta = timedelta(hours=12)) -> None:
    """Print what happens to a flow run until it is finished.

    Args:
        flow_run_id: Id of the flow run.
        max_duration: How long to watch.

    Raises:
        ObjectNotFoundError: There is no such flow run.
        RuntimeError: The flow run was not finished in time.
    """
    for log in watch_flow_run(flow_run_id, max_duration=max_duration):
        time_text = log.timestamp.astimezone().strftime("%H:%M:%S")
        print(f"{time_text} | {logging.getLevelName(log.level):<7} | {log.message}")  # noqa: T201 - what it is for


class _AgentAdvice:
    """Says now and then why nobody takes a run.

    Args:
        began: When the watching began, in seconds of the clock.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self._said: float | None = None

    def due(self, run: Record, now: float) -> str | None:
        """Return what is to be said now, if anything is."""
        waited = min(now - self._began, _seconds_overdue(run))
        if waited < PATIENCE_SECONDS or (self._said is not None and now - self._said <= REPEAT_SECONDS):
            return None
        self._said = now
        advice = check_for_compatible_agents(run["labels"])
        return f"It has been {round(waited / 5) * 5} seconds and your flow run has not been submitted by an agent. {advice}"


def _seconds_overdue(run: Record) -> float:
    """Return for how long an agent could have taken a run that none took; 0 if it is not to be taken now."""
    from prefect.orchestration.times import seconds_between

    if run["live"] or run["due"] is None:
        return 0.0
    return seconds_between(run["due"], connected_store().system.now())


def _finished(run: Record) -> FlowRunLog:
    ago = as_moment(run["end_time"] or run["state_timestamp"]).diff_for_humans()
    return FlowRunLog(_now(), logging.INFO, f"Your flow run finished {ago}")


def _entered(event: FlowRunEvent) -> str:
    message = event.state.get("message")
    return f"Entered state <{event.state['type']}>" + (f": {message}" if message else "")


def _shown(state: dict[str, Any]) -> str:
    from prefect.serialization.states import deserialize_state

    return repr(deserialize_state(state))


def _now() -> Any:
    from prefect.engine.state_base import as_pendulum, now_utc

    return as_pendulum(now_utc())
