"""Schedules of flow groups, which win over those of the registered flows.

Source: backend.md §13.4.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError
from prefect.orchestration.flow_groups import get_group
from prefect.orchestration.scheduler import try_to_schedule
from prefect.orchestration.waiting import delete_waiting_run, waiting_runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prefect.storage.state.store import Store

_MICROSECONDS = 1_000_000
#: In seconds; a shorter one is refused at registration too.
_SHORTEST_INTERVAL = 60


def set_flow_group_schedule(
    store: Store,
    flow_group_id: str,
    *,
    cron_clocks: Iterable[Mapping[str, Any]] = (),
    interval_clocks: Iterable[Mapping[str, Any]] = (),
    timezone: str | None = None,
) -> None:
    """Give a flow group a schedule in place of the one it had; waiting runs of the old one are replaced.

    Nothing is switched on: the flow says whether its schedule is active.

    Args:
        store: The store.
        flow_group_id: The group.
        cron_clocks: Objects with ``cron`` and, if wanted, ``parameter_defaults``.
        interval_clocks: Objects with ``interval`` in seconds and, if wanted, ``parameter_defaults``.
        timezone: Name of the timezone whose clock counts; by default UTC.

    Raises:
        ClientError: A clock or the timezone is not valid ("Invalid clock", "Invalid timezone").
        ObjectNotFoundError: There is no such group.
    """
    start = _start_date(timezone, store.system.now())
    clocks = [
        *(_clock("CronClock", {"cron": clock.get("cron")}, clock, start) for clock in cron_clocks),
        *(
            _clock("IntervalClock", {"interval": _microseconds(clock.get("interval"))}, clock, start)
            for clock in interval_clocks
        ),
    ]
    schedule = {"type": "Schedule", "clocks": clocks}
    _check(schedule)
    _replace(store, flow_group_id, schedule)


def delete_flow_group_schedule(store: Store, flow_group_id: str) -> None:
    """Take the schedule of a flow group away, so that those of its flows count again; waiting runs are replaced.

    Raises:
        ObjectNotFoundError: There is no such group.
    """
    _replace(store, flow_group_id, None)


def _replace(store: Store, flow_group_id: str, schedule: dict[str, Any] | None) -> None:
    get_group(store, flow_group_id)
    with store.documents("groups").locked():
        store.documents("groups").update(flow_group_id, {"schedule": schedule})
        for run in waiting_runs(store, flow_group_id):
            if run["auto_scheduled"]:
                delete_waiting_run(store, run["id"])
    for flow in store.flows.each(store.flows.unarchived_ids(flow_group_id)):
        if flow["is_schedule_active"]:
            try_to_schedule(store, flow)


def _start_date(timezone: str | None, now: str) -> dict[str, str] | None:
    if timezone is None:
        return None
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        zone = ZoneInfo(timezone)
    except (KeyError, OSError, ValueError):
        raise ClientError(
            f"Invalid timezone provided for schedule: {timezone!r}. Give a name such as 'Europe/Berlin'."
        ) from None
    local = datetime.fromisoformat(now).astimezone(zone).replace(tzinfo=None)
    return {"dt": local.isoformat(), "tz": timezone}


def _clock(type: str, own: dict[str, Any], given: Mapping[str, Any], start: dict[str, str] | None) -> dict[str, Any]:
    defaults = given.get("parameter_defaults") or {}
    return {"type": type, **own, "start_date": start, "parameter_defaults": dict(defaults)}


def _microseconds(seconds: object) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise _invalid_clock(f"its interval is {seconds!r}, and it must be a number of seconds.")
    if not _SHORTEST_INTERVAL <= seconds < inf:
        raise _invalid_clock(f"its interval is {seconds} s, and it must be at least {_SHORTEST_INTERVAL} s.")
    return round(seconds * _MICROSECONDS)


def _check(schedule: dict[str, Any]) -> None:
    if not schedule["clocks"]:
        raise _invalid_clock("there is none. Give one, or delete the schedule of the group.")
    from prefect.serialization.schedules import deserialize_schedule

    try:
        deserialize_schedule(schedule).next(1)
    except (ValueError, TypeError, OverflowError) as error:
        raise _invalid_clock(str(error)) from error


def _invalid_clock(reason: str) -> ClientError:
    return ClientError(f"Invalid clock provided for schedule: {reason}")
