"""Single questions about clocks and daylight saving (core.md §13.3); the tables are in test_daylight_saving_tables.py."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil import tz
from dateutil.rrule import DAILY, MINUTELY, rrule

from prefect.schedules import CronSchedule, IntervalSchedule, Schedule
from prefect.schedules.clocks import Clock, CronClock, DatesClock, IntervalClock, RRuleClock

NEW_YORK = "America/New_York"


def at(zone: str, day: str, time: str = "00:00") -> pendulum.DateTime:
    return pendulum.parse(f"{day}T{time}:00", tz=zone)  # type: ignore[return-value]


def shown(moments: list[datetime]) -> str:
    return " ".join(pendulum.instance(moment).format("HH:mmZ") for moment in moments)


def between(clock: Clock, first: datetime, last: datetime) -> str:
    """Return the local times of a clock between two moments, both included."""
    found = []
    for event in clock.events(first - timedelta(microseconds=1)):
        if event > last:
            break
        found.append(event.start_time)
    return shown(found)


def daily(kind: str, start: pendulum.DateTime) -> Clock:
    if kind == "interval":
        return IntervalClock(timedelta(days=1), start_date=start)
    if kind == "cron":
        return CronClock(f"{start.minute} {start.hour} * * *", start_date=start)
    return RRuleClock(rrule(DAILY, dtstart=start))


every_daily_clock = pytest.mark.parametrize("kind", ["interval", "cron", "rrule"])


def test_a_date_of_a_dates_clock_is_the_moment_it_says() -> None:
    wall = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo(NEW_YORK))
    clock = DatesClock([wall.replace(fold=1), wall])

    assert shown(Schedule([clock]).next(5, after=at(NEW_YORK, "2021-11-07"))) == "01:30-04:00 01:30-05:00"
    assert clock.start_date is not None
    assert clock.end_date is not None
    assert shown([clock.start_date, clock.end_date]) == "01:30-04:00 01:30-05:00"


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("zone_of", [pendulum.timezone, ZoneInfo, tz.gettz], ids=["pendulum", "zoneinfo", "dateutil"])
def test_a_given_time_that_is_skipped_is_moved_on_whatever_its_fold_and_zone(zone_of: type, fold: int) -> None:
    skipped = datetime(2021, 3, 14, 2, 30, tzinfo=zone_of(NEW_YORK), fold=fold)
    clocks = [
        DatesClock([skipped]),
        IntervalClock(timedelta(days=1), start_date=skipped, end_date=skipped),
        CronClock("30 * * * *", start_date=skipped, end_date=skipped),
        RRuleClock(rrule(DAILY, dtstart=at(NEW_YORK, "2021-03-14", "03:30")), start_date=skipped, end_date=skipped),
    ]

    for clock in clocks:
        assert shown(Schedule([clock]).next(3, after=at(NEW_YORK, "2021-03-14"))) == "03:30-04:00"


def test_a_schedule_goes_on_from_inside_the_repeated_hour() -> None:
    schedule = IntervalSchedule(at(NEW_YORK, "2021-11-07"), timedelta(minutes=20))

    shown_from = {
        minute: shown(schedule.next(2, after=datetime(2021, 11, 7, 5, minute, tzinfo=timezone.utc)))
        for minute in (0, 39, 40, 59)
    }

    assert shown_from == {
        0: "01:20-04:00 01:40-04:00",
        39: "01:40-04:00 01:00-05:00",
        40: "01:00-05:00 01:20-05:00",
        59: "01:00-05:00 01:20-05:00",
    }


def test_a_cron_schedule_goes_on_from_inside_the_repeated_hour() -> None:
    """Its events of that hour are the second ones: later than every first, whatever the local time."""
    schedule = CronSchedule("*/30 * * * *", start_date=at(NEW_YORK, "2021-11-07"))

    for minute in (0, 29, 30, 59):
        after = datetime(2021, 11, 7, 5, minute, tzinfo=timezone.utc)
        assert shown(schedule.next(3, after=after)) == "01:00-05:00 01:30-05:00 02:00-05:00"


def test_skipped_times_keep_their_place_among_those_after_the_gap() -> None:
    clock = CronClock("45,0 2,3 * * *", start_date=at(NEW_YORK, "2021-03-14"))

    assert between(clock, at(NEW_YORK, "2021-03-14"), at(NEW_YORK, "2021-03-14", "12:00")) == "03:00-04:00 03:45-04:00"


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(timedelta(minutes=45), start_date=at(NEW_YORK, "2021-03-14")),
        RRuleClock(rrule(MINUTELY, interval=45, dtstart=at(NEW_YORK, "2021-03-14"))),
    ],
    ids=["interval", "rrule"],
)
def test_a_skipped_tick_comes_after_the_ticks_it_is_moved_behind(clock: Clock) -> None:
    found = between(clock, at(NEW_YORK, "2021-03-14", "01:00"), at(NEW_YORK, "2021-03-14", "04:30"))

    assert found == "01:30-05:00 03:00-04:00 03:15-04:00 03:45-04:00 04:30-04:00"


def test_an_interval_that_does_not_fit_into_the_repeated_hour_gives_each_local_time_once() -> None:
    clock = IntervalClock(timedelta(minutes=90), start_date=at(NEW_YORK, "2021-11-07"))

    found = between(clock, at(NEW_YORK, "2021-11-07"), at(NEW_YORK, "2021-11-07", "04:30"))

    assert found == "00:00-04:00 01:30-05:00 03:00-05:00 04:30-05:00"


def test_an_interval_of_some_hours_stays_on_its_hours_after_a_change() -> None:
    """As release 1.4.1 does from the second day on."""
    clock = IntervalClock(timedelta(hours=6), start_date=at(NEW_YORK, "2021-01-01"))

    assert between(clock, at(NEW_YORK, "2021-07-01"), at(NEW_YORK, "2021-07-01", "23:00")) == (
        "00:00-04:00 06:00-04:00 12:00-04:00 18:00-04:00"
    )
    assert between(clock, at(NEW_YORK, "2021-11-07"), at(NEW_YORK, "2021-11-07", "13:00")) == (
        "00:00-04:00 06:00-05:00 12:00-05:00"
    )


@pytest.mark.parametrize(("fold", "expected"), [(0, "01:30-04:00"), (1, "01:30-05:00")])
def test_a_start_in_the_repeated_hour_is_itself_the_first_event(fold: int, expected: str) -> None:
    start = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo(NEW_YORK), fold=fold)
    clock = IntervalClock(timedelta(days=1), start_date=start)

    assert between(clock, at(NEW_YORK, "2021-11-01"), at(NEW_YORK, "2021-11-08", "02:00")) == f"{expected} 01:30-05:00"


@pytest.mark.parametrize(
    ("fold", "expected"), [(0, "01:30-04:00 01:30-05:00 02:30-05:00"), (1, "01:30-05:00 02:30-05:00")]
)
def test_an_hourly_start_in_the_repeated_hour_ticks_on_from_there(fold: int, expected: str) -> None:
    start = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo(NEW_YORK), fold=fold)
    clock = IntervalClock(timedelta(hours=1), start_date=start)

    assert between(clock, at(NEW_YORK, "2021-11-01"), at(NEW_YORK, "2021-11-07", "03:00")) == expected


@every_daily_clock
def test_a_day_that_a_country_leaves_out_gives_no_event_of_its_own(kind: str) -> None:
    """Samoa went from 29 to 31 December 2011."""
    clock = daily(kind, at("Pacific/Apia", "2011-12-28", "10:00"))

    events = [event.start_time for event in islice(clock.events(at("Pacific/Apia", "2011-12-28")), 4)]

    assert [e.day for e in events] == [28, 29, 31, 1]


def test_clocks_in_utc_do_not_care() -> None:
    clock = IntervalClock(timedelta(hours=6))

    events = [event.start_time for event in islice(clock.events(at("UTC", "2021-11-07")), 3)]

    assert shown(events) == "06:00+00:00 12:00+00:00 18:00+00:00"
