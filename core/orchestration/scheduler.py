"""Schedules: which are active, and the runs that wait because of them.

Any number of processes may schedule at any time. Which schedule counts, whether it is active and which runs wait because
of it only change under the lock of the flow groups, and each event has an idempotency key: no event makes two runs.

Source: backend.md §13.1 to §13.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.exceptions import ClientError, PrefectException
from prefect.orchestration.flow_groups import get_group
from prefect.orchestration.times import utc_text
from prefect.orchestration.waiting import NEVER, delete_waiting_run, waiting_runs
from prefect.storage.state.errors import NotFound, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.schedules.clocks import ClockEvent
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Events of a flow that have a run waiting.
SCHEDULED_RUNS = 10


class Look(NamedTuple):
    """What a look at a flow found, so that the next one costs little.

    Attributes:
        size: Of the flow's record in bytes; it grows with each change.
        flow_group_id: The flow's group.
        group_updated: When the group was last changed.
        until: UTC text; before then nothing is to be done, unless flow or group change.
    """

    size: int
    flow_group_id: str
    group_updated: str
    until: str


class _Event(NamedTuple):
    """An event of a schedule as a run is made of it; the time is UTC text."""

    time: str
    key: str
    is_plain: bool
    parameters: dict[str, Any]
    labels: list[str] | None


# ---- switching on and off --------------------------------------------------------------------------------------------


def set_schedule_active(store: Store, flow_id: str) -> bool:
    """Switch the schedule of a flow on and make its next runs.

    Returns:
        Whether there is such a flow and a schedule.

    Raises:
        ClientError: The flow has required parameters that the schedule does not supply.
    """
    with store.documents("groups").locked():
        try:
            flow = store.flows.get(flow_id)
        except NotFound:
            return False
        group = get_group(store, flow["flow_group_id"])
        if not schedule_of(flow, group):
            return False
        missing = _missing_parameters(flow, group)
        if missing:
            raise ClientError(_unschedulable(flow["name"], missing))
        if not flow["is_schedule_active"]:
            flow = store.flows.update(flow_id, {"is_schedule_active": True})
    try_to_schedule(store, flow)
    return True


def set_schedule_inactive(store: Store, flow_id: str) -> bool:
    """Switch the schedule of a flow off and delete the waiting runs that it made; others stay.

    Returns:
        Whether there is such a flow.
    """
    with store.documents("groups").locked():
        try:
            flow = store.flows.get(flow_id)
            if flow["is_schedule_active"]:
                store.flows.update(flow_id, {"is_schedule_active": False})
        except NotFound:
            return False
        for run in waiting_runs(store, flow["flow_group_id"]):
            if run["flow_id"] == flow_id and run["auto_scheduled"]:
                delete_waiting_run(store, run["id"])
    return True


def is_schedulable(flow: Mapping[str, Any], group: Record) -> bool:
    """Return whether a flow has a schedule that supplies all required parameters; a lack of these is logged.

    Args:
        flow: A serialized flow, or the record of one.
        group: Its group.
    """
    if not schedule_of(flow, group):
        return False
    missing = _missing_parameters(flow, group)
    if missing:
        _warn(_unschedulable(flow["name"], missing))
    return not missing


def schedule_of(flow: Mapping[str, Any], group: Record) -> dict[str, Any] | None:
    """Return the schedule of a flow in its JSON form: that of its group if there is one, else its own."""
    return group["schedule"] or flow.get("schedule")


def _missing_parameters(flow: Mapping[str, Any], group: Record) -> list[str]:
    required = {parameter["name"] for parameter in flow.get("parameters") or [] if parameter.get("required")}
    required -= group["default_parameters"].keys()
    clocks = (schedule_of(flow, group) or {}).get("clocks") or []
    missing = (required - (clock.get("parameter_defaults") or {}).keys() for clock in clocks)
    return sorted(set().union(*missing))


def _unschedulable(name: str, missing: list[str]) -> str:
    return (
        f"Can not schedule a flow that has required parameters. The schedule of {name!r} gives no value for"
        f" {', '.join(map(repr, missing))}: set it as a parameter default of every clock, or of the flow."
    )


# ---- making runs -----------------------------------------------------------------------------------------------------


def schedule_all(store: Store, known: dict[str, Look] | None = None) -> list[str]:
    """See to it that the next 10 events of every active schedule have their runs, and return the ids of new ones.

    What goes wrong with one flow is logged and does not stop the others.

    Args:
        store: The store.
        known: What the caller keeps from one call to the next; a flow of which it says that nothing is to be done costs
            no more than a look at whether it changed.
    """
    known = {} if known is None else known
    active = store.flows.scheduled_ids()
    for id in known.keys() - set(active):
        del known[id]
    created: list[str] = []
    for id in active:
        try:
            if id not in known or not _holds(store, id, known[id]):
                known.pop(id, None)
                created += _looked(store, id, known)
        except NotFound:
            continue  # deleted meanwhile
        except StoreError as error:
            _warn(str(error))
    return created


def _holds(store: Store, id: str, look: Look) -> bool:
    if store.system.now() >= look.until or _size(store, id) != look.size:
        return False
    return bool(store.documents("groups").get(look.flow_group_id)["updated"] == look.group_updated)


def _size(store: Store, id: str) -> int:
    try:
        return store.system.facts_of(store.layout.flow(id)).size
    except FileNotFoundError:
        raise NotFound("flow", id) from None


def _looked(store: Store, id: str, known: dict[str, Look]) -> list[str]:
    size = _size(store, id)
    flow = store.flows.get(id)
    group = store.documents("groups").get(flow["flow_group_id"])
    try:
        created, until = _scheduled(store, flow, store.system.now())
    except PrefectException as error:
        # It will not go away before flow or group change, so it is said once.
        _warn(_failed(flow, error))
        created, until = [], NEVER
    known[id] = Look(size, group["id"], group["updated"], until)
    return created


def try_to_schedule(store: Store, flow: Record) -> list[str]:
    """Do as :func:`schedule_flow`, but log what goes wrong."""
    try:
        return schedule_flow(store, flow)
    except (PrefectException, StoreError) as error:
        _warn(_failed(flow, error))
        return []


def schedule_flow(store: Store, flow: Record, now: str | None = None) -> list[str]:
    """See to it that the next 10 events of a flow's schedule have their runs, if it is active.

    Args:
        store: The store.
        flow: The flow.
        now: UTC text; events are later than this. By default the present moment.

    Returns:
        The ids of new runs.

    Raises:
        ClientError: The schedule makes no sense.
    """
    return _scheduled(store, flow, now or store.system.now())[0]


def _scheduled(store: Store, flow: Record, now: str) -> tuple[list[str], str]:
    """Return the ids of new runs, and the time before which nothing is to be done."""
    if flow["archived"] or not flow["is_schedule_active"]:
        return [], NEVER
    group = get_group(store, flow["flow_group_id"])
    events = _next_events(flow, group, now)
    if not _without_run(store, flow, events):
        return [], min((event.time for event in events), default=NEVER)
    with store.documents("groups").locked():
        flow = store.flows.get(flow["id"])
        if flow["archived"] or not flow["is_schedule_active"]:
            return [], NEVER
        events = _next_events(flow, get_group(store, flow["flow_group_id"]), now)
        created = [_created(store, flow, event) for event in _without_run(store, flow, events)]
    return [id for id in created if id is not None], min((event.time for event in events), default=NEVER)


def _next_events(flow: Record, group: Record, now: str) -> list[_Event]:
    document = schedule_of(flow, group)
    if not document:
        return []
    from datetime import datetime

    from prefect.serialization.schedules import deserialize_schedule

    try:
        events = deserialize_schedule(document).next(
            SCHEDULED_RUNS, after=datetime.fromisoformat(now), return_events=True
        )
    except (ValueError, TypeError, OverflowError) as error:
        raise ClientError(f"The schedule of {flow['name']!r} makes no sense: {error} Set another one.") from error
    return [found for found in map(_event, events) if found.time > now]


def _event(event: ClockEvent) -> _Event:
    time = utc_text(event.start_time)
    key = f"auto-scheduled:{time}"
    is_plain = not event.parameter_defaults and not event.labels
    if not is_plain:
        from hashlib import md5
        from json import dumps

        text = dumps([event.parameter_defaults, event.labels], sort_keys=True)
        key += f":{md5(text.encode(), usedforsecurity=False).hexdigest()}"
    return _Event(time, key, is_plain, event.parameter_defaults, event.labels)


def _without_run(store: Store, flow: Record, events: list[_Event]) -> list[_Event]:
    """Return the events that need a run.

    A plain event that comes before one that has its run had one too: somebody deleted it.
    """
    missing = [event for event in events if store.runs.with_key(flow["id"], event.key) is None]
    latest = max((event.time for event in events if event not in missing), default="")
    return [event for event in missing if not (event.is_plain and event.time <= latest)]


def _created(store: Store, flow: Record, event: _Event) -> str | None:
    from prefect.orchestration.flow_runs import create_flow_run

    run, is_new = create_flow_run(
        store,
        flow_id=flow["id"],
        parameters=event.parameters,
        labels=event.labels,
        scheduled_start_time=event.time,
        idempotency_key=event.key,
        auto_scheduled=True,
        # Nobody would be told, and 1.x ran such schedules.
        allow_unknown_parameters=True,
    )
    return run["id"] if is_new else None


def _failed(flow: Record, error: Exception) -> str:
    return f"No runs were scheduled for the flow {flow['name']!r} ({flow['id']}). {error}"


def _warn(message: str) -> None:
    from logging import getLogger

    getLogger("prefect.scheduler").warning("%s", message)
