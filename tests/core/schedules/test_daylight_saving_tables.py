"""What every clock does where the clocks of a country are set on and back: tables (core.md §13.3).

A row says what is scheduled, by which clocks, and the local times that come of it with their offsets. Rows that begin with
`hourly` or `half-hourly` show the times from two hours before the change on; those that begin with `daily` the Saturday,
Sunday and Monday. In every table the change is on a Sunday. `either` and `both` are cron strings with a day of the month
and a day of the week: the Sunday's date and Mondays, the Sunday's date and Sundays.

Release 1.4.1 does the same but for: an hourly clock fired 03:00 twice in spring; in autumn it could leave out the first of
two hours, which `Schedule.next` always did with the second; Santiago's 00:30 came back at 23:30 on the day of the change.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil import tz
from dateutil.rrule import DAILY, HOURLY, MINUTELY, MO, SA, SU, WEEKLY, rrule, rruleset

from prefect.schedules import Schedule
from prefect.schedules.clocks import Clock, CronClock, DatesClock, IntervalClock, RRuleClock
from prefect.serialization.schedules import deserialize_schedule, serialize_schedule


class Change(NamedTuple):
    """A change of clocks: its zone, its moment in UTC, and what schedules do around it."""

    zone: str
    moment: str
    table: str


NEW_YORK_SPRING = Change(
    "America/New_York",
    "2021-03-14T07:00",  # 02:00 becomes 03:00
    """
    hourly       interval cron rrule rruleset        00:00-05:00 01:00-05:00 03:00-04:00 04:00-04:00 05:00-04:00
    half-hourly  interval cron rrule rruleset        00:00-05:00 00:30-05:00 01:00-05:00 01:30-05:00 03:00-04:00 03:30-04:00
    daily 01:30  interval cron rrule rruleset dates  Sat 01:30-05:00 Sun 01:30-05:00 Mon 01:30-04:00
    daily 02:30  interval cron rrule rruleset dates  Sat 02:30-05:00 Sun 03:30-04:00 Mon 02:30-04:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00-05:00 Sun 09:00-04:00 Mon 09:00-04:00
    either 02:30 cron                                Sun 03:30-04:00 Mon 02:30-04:00
    both 02:30   cron                                Sun 03:30-04:00
    """,
)
NEW_YORK_AUTUMN = Change(
    "America/New_York",
    "2021-11-07T06:00",  # 02:00 becomes 01:00
    """
    hourly       interval                            00:00-04:00 01:00-04:00 01:00-05:00 02:00-05:00 03:00-05:00
    hourly       cron rrule rruleset                 00:00-04:00 01:00-05:00 02:00-05:00 03:00-05:00
    half-hourly  interval                            00:00-04:00 00:30-04:00 01:00-04:00 01:30-04:00 01:00-05:00 01:30-05:00
    half-hourly  cron rrule rruleset                 00:00-04:00 00:30-04:00 01:00-05:00 01:30-05:00 02:00-05:00
    daily 01:30  interval cron rrule rruleset        Sat 01:30-04:00 Sun 01:30-05:00 Mon 01:30-05:00
    daily 01:30  dates                               Sat 01:30-04:00 Sun 01:30-04:00 Mon 01:30-05:00
    daily 01:30  later-dates                         Sat 01:30-04:00 Sun 01:30-05:00 Mon 01:30-05:00
    daily 02:30  interval cron rrule rruleset dates  Sat 02:30-04:00 Sun 02:30-05:00 Mon 02:30-05:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00-04:00 Sun 09:00-05:00 Mon 09:00-05:00
    either 01:30 cron                                Sun 01:30-05:00 Mon 01:30-05:00
    both 01:30   cron                                Sun 01:30-05:00
    """,
)
BERLIN_SPRING = Change(
    "Europe/Berlin",
    "2021-03-28T01:00",  # 02:00 becomes 03:00
    """
    hourly       interval cron rrule rruleset        00:00+01:00 01:00+01:00 03:00+02:00 04:00+02:00 05:00+02:00
    half-hourly  interval cron rrule rruleset        00:00+01:00 00:30+01:00 01:00+01:00 01:30+01:00 03:00+02:00 03:30+02:00
    daily 01:30  interval cron rrule rruleset dates  Sat 01:30+01:00 Sun 01:30+01:00 Mon 01:30+02:00
    daily 02:30  interval cron rrule rruleset dates  Sat 02:30+01:00 Sun 03:30+02:00 Mon 02:30+02:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+01:00 Sun 09:00+02:00 Mon 09:00+02:00
    either 02:30 cron                                Sun 03:30+02:00 Mon 02:30+02:00
    both 02:30   cron                                Sun 03:30+02:00
    """,
)
BERLIN_AUTUMN = Change(
    "Europe/Berlin",
    "2021-10-31T01:00",  # 03:00 becomes 02:00
    """
    hourly       interval                            01:00+02:00 02:00+02:00 02:00+01:00 03:00+01:00 04:00+01:00
    hourly       cron rrule rruleset                 01:00+02:00 02:00+01:00 03:00+01:00 04:00+01:00
    half-hourly  interval                            01:00+02:00 01:30+02:00 02:00+02:00 02:30+02:00 02:00+01:00 02:30+01:00
    half-hourly  cron rrule rruleset                 01:00+02:00 01:30+02:00 02:00+01:00 02:30+01:00 03:00+01:00
    daily 02:30  interval cron rrule rruleset        Sat 02:30+02:00 Sun 02:30+01:00 Mon 02:30+01:00
    daily 02:30  dates                               Sat 02:30+02:00 Sun 02:30+02:00 Mon 02:30+01:00
    daily 02:30  later-dates                         Sat 02:30+02:00 Sun 02:30+01:00 Mon 02:30+01:00
    daily 03:30  interval cron rrule rruleset dates  Sat 03:30+02:00 Sun 03:30+01:00 Mon 03:30+01:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+02:00 Sun 09:00+01:00 Mon 09:00+01:00
    either 02:30 cron                                Sun 02:30+01:00 Mon 02:30+01:00
    both 02:30   cron                                Sun 02:30+01:00
    """,
)
SYDNEY_SPRING = Change(
    "Australia/Sydney",
    "2021-10-02T16:00",  # 02:00 becomes 03:00
    """
    hourly       interval cron rrule rruleset        00:00+10:00 01:00+10:00 03:00+11:00 04:00+11:00 05:00+11:00
    half-hourly  interval cron rrule rruleset        00:00+10:00 00:30+10:00 01:00+10:00 01:30+10:00 03:00+11:00 03:30+11:00
    daily 01:30  interval cron rrule rruleset dates  Sat 01:30+10:00 Sun 01:30+10:00 Mon 01:30+11:00
    daily 02:30  interval cron rrule rruleset dates  Sat 02:30+10:00 Sun 03:30+11:00 Mon 02:30+11:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+10:00 Sun 09:00+11:00 Mon 09:00+11:00
    either 02:30 cron                                Sun 03:30+11:00 Mon 02:30+11:00
    both 02:30   cron                                Sun 03:30+11:00
    """,
)
SYDNEY_AUTUMN = Change(
    "Australia/Sydney",
    "2021-04-03T16:00",  # 03:00 becomes 02:00
    """
    hourly       interval                            01:00+11:00 02:00+11:00 02:00+10:00 03:00+10:00 04:00+10:00
    hourly       cron rrule rruleset                 01:00+11:00 02:00+10:00 03:00+10:00 04:00+10:00
    half-hourly  interval                            01:00+11:00 01:30+11:00 02:00+11:00 02:30+11:00 02:00+10:00 02:30+10:00
    half-hourly  cron rrule rruleset                 01:00+11:00 01:30+11:00 02:00+10:00 02:30+10:00 03:00+10:00
    daily 02:30  interval cron rrule rruleset        Sat 02:30+11:00 Sun 02:30+10:00 Mon 02:30+10:00
    daily 02:30  dates                               Sat 02:30+11:00 Sun 02:30+11:00 Mon 02:30+10:00
    daily 02:30  later-dates                         Sat 02:30+11:00 Sun 02:30+10:00 Mon 02:30+10:00
    daily 03:30  interval cron rrule rruleset dates  Sat 03:30+11:00 Sun 03:30+10:00 Mon 03:30+10:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+11:00 Sun 09:00+10:00 Mon 09:00+10:00
    either 02:30 cron                                Sun 02:30+10:00 Mon 02:30+10:00
    both 02:30   cron                                Sun 02:30+10:00
    """,
)
SANTIAGO_SPRING = Change(
    "America/Santiago",
    "2021-09-05T04:00",  # midnight becomes 01:00: Sunday has no first hour
    """
    hourly       interval cron rrule rruleset        22:00-04:00 23:00-04:00 01:00-03:00 02:00-03:00 03:00-03:00
    half-hourly  interval cron rrule rruleset        22:00-04:00 22:30-04:00 23:00-04:00 23:30-04:00 01:00-03:00 01:30-03:00
    daily 00:00  interval cron rrule rruleset dates  Sat 00:00-04:00 Sun 01:00-03:00 Mon 00:00-03:00
    daily 00:30  interval cron rrule rruleset dates  Sat 00:30-04:00 Sun 01:30-03:00 Mon 00:30-03:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00-04:00 Sun 09:00-03:00 Mon 09:00-03:00
    daily 23:30  interval cron rrule rruleset dates  Sat 23:30-04:00 Sun 23:30-03:00 Mon 23:30-03:00
    either 00:30 cron                                Sun 01:30-03:00 Mon 00:30-03:00
    both 00:30   cron                                Sun 01:30-03:00
    """,
)
SANTIAGO_AUTUMN = Change(
    "America/Santiago",
    "2021-04-04T03:00",  # midnight becomes 23:00: Saturday has its last hour twice
    """
    hourly       interval                            22:00-03:00 23:00-03:00 23:00-04:00 00:00-04:00 01:00-04:00
    hourly       cron rrule rruleset                 22:00-03:00 23:00-04:00 00:00-04:00 01:00-04:00
    half-hourly  interval                            22:00-03:00 22:30-03:00 23:00-03:00 23:30-03:00 23:00-04:00 23:30-04:00
    half-hourly  cron rrule rruleset                 22:00-03:00 22:30-03:00 23:00-04:00 23:30-04:00 00:00-04:00
    daily 00:00  interval cron rrule rruleset dates  Sat 00:00-03:00 Sun 00:00-04:00 Mon 00:00-04:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00-03:00 Sun 09:00-04:00 Mon 09:00-04:00
    daily 23:30  interval cron rrule rruleset        Sat 23:30-04:00 Sun 23:30-04:00 Mon 23:30-04:00
    daily 23:30  dates                               Sat 23:30-03:00 Sun 23:30-04:00 Mon 23:30-04:00
    daily 23:30  later-dates                         Sat 23:30-04:00 Sun 23:30-04:00 Mon 23:30-04:00
    either 00:00 cron                                Sun 00:00-04:00 Mon 00:00-04:00
    both 00:00   cron                                Sun 00:00-04:00
    """,
)
LORD_HOWE_SPRING = Change(
    "Australia/Lord_Howe",
    "2021-10-02T15:30",  # 02:00 becomes 02:30
    """
    hourly       interval cron rrule rruleset        00:00+10:30 01:00+10:30 02:30+11:00 03:00+11:00 04:00+11:00
    half-hourly  interval cron rrule rruleset        00:00+10:30 00:30+10:30 01:00+10:30 01:30+10:30 02:30+11:00 03:00+11:00
    daily 01:45  interval cron rrule rruleset dates  Sat 01:45+10:30 Sun 01:45+10:30 Mon 01:45+11:00
    daily 02:15  interval cron rrule rruleset dates  Sat 02:15+10:30 Sun 02:45+11:00 Mon 02:15+11:00
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+10:30 Sun 09:00+11:00 Mon 09:00+11:00
    either 02:15 cron                                Sun 02:45+11:00 Mon 02:15+11:00
    both 02:15   cron                                Sun 02:45+11:00
    """,
)
LORD_HOWE_AUTUMN = Change(
    "Australia/Lord_Howe",
    "2021-04-03T15:00",  # 02:00 becomes 01:30: no full hour occurs twice
    """
    hourly       interval cron rrule rruleset        00:00+11:00 01:00+11:00 02:00+10:30 03:00+10:30
    half-hourly  interval                            00:00+11:00 00:30+11:00 01:00+11:00 01:30+11:00 01:30+10:30 02:00+10:30
    half-hourly  cron rrule rruleset                 00:00+11:00 00:30+11:00 01:00+11:00 01:30+10:30 02:00+10:30
    daily 01:45  interval cron rrule rruleset        Sat 01:45+11:00 Sun 01:45+10:30 Mon 01:45+10:30
    daily 01:45  dates                               Sat 01:45+11:00 Sun 01:45+11:00 Mon 01:45+10:30
    daily 01:45  later-dates                         Sat 01:45+11:00 Sun 01:45+10:30 Mon 01:45+10:30
    daily 02:15  interval cron rrule rruleset dates  Sat 02:15+11:00 Sun 02:15+10:30 Mon 02:15+10:30
    daily 09:00  interval cron rrule rruleset dates  Sat 09:00+11:00 Sun 09:00+10:30 Mon 09:00+10:30
    either 01:45 cron                                Sun 01:45+10:30 Mon 01:45+10:30
    both 01:45   cron                                Sun 01:45+10:30
    """,
)
CHANGES = {name: change for name, change in globals().items() if isinstance(change, Change)}

#: Objects that stand for a timezone; users have rules with any of these.
ZONES = {"pendulum": pendulum.timezone, "zoneinfo": ZoneInfo, "dateutil": tz.gettz}
HALF_HOUR, HOUR, DAY = timedelta(minutes=30), timedelta(hours=1), timedelta(days=1)


class Row(NamedTuple):
    change: Change
    what: str  # hourly, half-hourly, daily, either or both
    time: str  # local time of day, if there is one
    kind: str
    expected: str


def rows() -> Iterator[Any]:
    for name, change in CHANGES.items():
        for line in change.table.strip().splitlines():
            words = line.split()
            what, words = words[0], words[1:]
            time = words.pop(0) if what in ("daily", "either", "both") else ""
            kinds = [word for word in words if word[0].islower()]
            expected = " ".join(words[len(kinds) :])
            for kind in kinds:
                yield pytest.param(Row(change, what, time, kind, expected), id=f"{name}-{what}{time}-{kind}")


def sunday_of(change: Change) -> date:
    """Return the local date of the Sunday around whose beginning or first hours the clocks are set."""
    moment = datetime.fromisoformat(change.moment).replace(tzinfo=timezone.utc)
    return (moment + HOUR).astimezone(ZoneInfo(change.zone)).date()


def local(change: Change, days: int, time: str, zone_of: Callable[[str], Any] = ZoneInfo, fold: int = 0) -> datetime:
    """Return a local time so many days after the Sunday of the change."""
    text = f"{sunday_of(change) + days * DAY}T{time}"
    return datetime.fromisoformat(text).replace(tzinfo=zone_of(change.zone), fold=fold)


def clocks(row: Row) -> list[Clock]:
    """Return clocks of the row's kind, which all have to give what the row says."""
    change, time = row.change, row.time or "00:00"
    step = {"hourly": HOUR, "half-hourly": HALF_HOUR}.get(row.what, DAY)
    if row.kind == "interval":
        return [IntervalClock(step, start_date=local(change, -days, time)) for days in (2, 60)]
    if row.kind == "cron":
        hour, minute = time.split(":")
        day = sunday_of(change).day
        cron, day_or = {
            "hourly": ("0 * * * *", None),
            "half-hourly": ("*/30 * * * *", None),
            "daily": (f"{minute} {hour} * * *", None),
            "either": (f"{minute} {hour} {day} * mon", None),
            "both": (f"{minute} {hour} {day} * sun", False),
        }[row.what]
        return [CronClock(cron, start_date=local(change, -days, "12:00"), day_or=day_or) for days in (2, 60)]
    if row.kind in ("dates", "later-dates"):
        fold = int(row.kind == "later-dates")
        return [DatesClock([local(change, days, time, ZoneInfo, fold) for days in (1, -1, 0)])]
    frequency: dict[str, Any] = {
        "hourly": {"freq": HOURLY},
        "half-hourly": {"freq": MINUTELY, "interval": 30},
        "daily": {"freq": DAILY},
    }[row.what]
    starts = [local(change, -2, time, zone_of) for zone_of in ZONES.values()]
    if row.kind == "rrule":
        return [RRuleClock(rrule(dtstart=start, **frequency)) for start in starts]
    return [RRuleClock(in_two_rules(start, frequency)) for start in starts]


def in_two_rules(start: datetime, frequency: dict[str, Any]) -> rruleset:
    """Return the same times as a set of rules, some of which both rules give."""
    rules = rruleset()
    rules.rrule(rrule(dtstart=start, **frequency))
    rules.rrule(rrule(WEEKLY, byweekday=[SA, SU, MO], dtstart=start))
    return rules


def shown(moments: list[datetime], form: str) -> str:
    return " ".join(pendulum.instance(moment).format(form) for moment in moments)


def times(schedule: Schedule, row: Row) -> str:
    """Return the times of a schedule that a row is about."""
    if row.what.endswith("hourly"):
        form, count = "HH:mmZ", len(row.expected.split())
        after = datetime.fromisoformat(row.change.moment).replace(tzinfo=timezone.utc) - 2 * HOUR
    else:
        form, count = "ddd HH:mmZ", len(row.expected.split()) // 2
        after = local(row.change, -1, "00:00")
    return shown(schedule.next(count, after=after - timedelta(seconds=1)), form)


def can_be_registered(row: Row) -> bool:
    """Return whether a document can say what a row says: of a local time that occurs twice, dates in it are the second."""
    all_rows = [param.values[0] for param in rows()]
    return row.kind != "dates" or not any(other.kind == "later-dates" and other[:3] == row[:3] for other in all_rows)


@pytest.mark.parametrize("row", list(rows()))
def test_clocks_give_the_local_times_of_the_table(row: Row) -> None:
    for clock in clocks(row):
        assert times(Schedule([clock]), row) == row.expected


@pytest.mark.parametrize("row", [row for row in rows() if can_be_registered(row.values[0])])
def test_registered_clocks_give_them_too(row: Row) -> None:
    for clock in clocks(row):
        registered = deserialize_schedule(json.loads(json.dumps(serialize_schedule(Schedule([clock])))))

        assert times(registered, row) == row.expected


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_tables_are_about_moments_at_which_clocks_are_set(change: Change) -> None:
    moment = datetime.fromisoformat(change.moment).replace(tzinfo=timezone.utc)
    before, after = ((moment + timedelta(seconds=s)).astimezone(ZoneInfo(change.zone)).utcoffset() for s in (-1, 0))

    assert before != after
    assert sunday_of(change).strftime("%a") == "Sun"
