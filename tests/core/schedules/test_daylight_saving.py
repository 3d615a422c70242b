"""What clocks do where the clocks are set on and back, in both hemispheres and by half an hour (core.md §13.3)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil import tz
from dateutil.rrule import DAILY, HOURLY, MINUTELY, rrule

from prefect.schedules import CronSchedule, IntervalSchedule, Schedule
from prefect.schedules.clocks import Clock, CronClock, DatesClock, IntervalClock, RRuleClock

NEW_YORK, BERLIN, SYDNEY, LORD_HOWE = "America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe"

#: Zone, the day on which clocks are set on, the skipped half past two or quarter past two, and where it goes.
SPRING = [
    (NEW_YORK, "2021-03-14", "02:30", "03:30-04:00"),
    (BERLIN, "2021-03-28", "02:30", "03:30+02:00"),
    (SYDNEY, "2021-10-03", "02:30", "03:30+11:00"),
    (LORD_HOWE, "2021-10-03", "02:15", "02:45+11:00"),
]

#: Zone, the day on which clocks are set back, a local time that occurs twice, both times.
AUTUMN = [
    (NEW_YORK, "2021-11-07", "01:30", "01:30-04:00", "01:30-05:00"),
    (BERLIN, "2021-10-31", "02:30", "02:30+02:00", "02:30+01:00"),
    (SYDNEY, "2021-04-04", "02:30", "02:30+11:00", "02:30+10:00"),
    (LORD_HOWE, "2021-04-04", "01:45", "01:45+11:00", "01:45+10:30"),
]

#: Zone, day, and what an hourly schedule does from midnight to five.
HOURLY_SPRING = [
    (NEW_YORK, "2021-03-14", "00:00-05:00 01:00-05:00 03:00-04:00 04:00-04:00 05:00-04:00"),
    (BERLIN, "2021-03-28", "00:00+01:00 01:00+01:00 03:00+02:00 04:00+02:00 05:00+02:00"),
    (SYDNEY, "2021-10-03", "00:00+10:00 01:00+10:00 03:00+11:00 04:00+11:00 05:00+11:00"),
    (LORD_HOWE, "2021-10-03", "00:00+10:30 01:00+10:30 02:30+11:00 03:00+11:00 04:00+11:00 05:00+11:00"),
]

#: Zone, day, what an hourly interval does from midnight to four, what an hourly cron string or rule does.
HOURLY_AUTUMN = [
    (
        NEW_YORK,
        "2021-11-07",
        "00:00-04:00 01:00-04:00 01:00-05:00 02:00-05:00 03:00-05:00 04:00-05:00",
        "00:00-04:00 01:00-05:00 02:00-05:00 03:00-05:00 04:00-05:00",
    ),
    (
        BERLIN,
        "2021-10-31",
        "00:00+02:00 01:00+02:00 02:00+02:00 02:00+01:00 03:00+01:00 04:00+01:00",
        "00:00+02:00 01:00+02:00 02:00+01:00 03:00+01:00 04:00+01:00",
    ),
    (
        SYDNEY,
        "2021-04-04",
        "00:00+11:00 01:00+11:00 02:00+11:00 02:00+10:00 03:00+10:00 04:00+10:00",
        "00:00+11:00 01:00+11:00 02:00+10:00 03:00+10:00 04:00+10:00",
    ),
    (
        LORD_HOWE,  # half past one to two occurs twice: no full hour does
        "2021-04-04",
        "00:00+11:00 01:00+11:00 02:00+10:30 03:00+10:30 04:00+10:30",
        "00:00+11:00 01:00+11:00 02:00+10:30 03:00+10:30 04:00+10:30",
    ),
]

#: Zone, day, and what half-hourly intervals do around the change in autumn.
HALF_HOURLY_AUTUMN = [
    (NEW_YORK, "2021-11-07", "00:30-04:00 01:00-04:00 01:30-04:00 01:00-05:00 01:30-05:00 02:00-05:00"),
    (BERLIN, "2021-10-31", "01:30+02:00 02:00+02:00 02:30+02:00 02:00+01:00 02:30+01:00 03:00+01:00"),
    (SYDNEY, "2021-04-04", "01:30+11:00 02:00+11:00 02:30+11:00 02:00+10:00 02:30+10:00 03:00+10:00"),
    (LORD_HOWE, "2021-04-04", "01:00+11:00 01:30+11:00 01:30+10:30 02:00+10:30"),
]


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


@every_daily_clock
@pytest.mark.parametrize(("zone", "day"), [row[:2] for row in SPRING + AUTUMN])
def test_a_daily_run_at_nine_stays_at_nine(kind: str, zone: str, day: str) -> None:
    start = at(zone, day, "09:00").subtract(days=2)

    events = Schedule([daily(kind, start)]).next(5, after=start)

    assert [(e.hour, e.minute) for e in events] == [(9, 0)] * 5
    assert [e.date() for e in events] == [start.add(days=n).date() for n in range(1, 6)]


@every_daily_clock
@pytest.mark.parametrize(("zone", "day", "time", "moved"), SPRING)
def test_a_time_skipped_in_spring_is_moved_on_that_day_only(
    kind: str, zone: str, day: str, time: str, moved: str
) -> None:
    start = at(zone, day, time).subtract(days=1)
    start = at(zone, start.to_date_string(), time)

    events = Schedule([daily(kind, start)]).next(4, after=start.subtract(seconds=1))

    assert [pendulum.instance(e).format("HH:mm") for e in events] == [time, moved[:5], time, time]
    assert shown(events[1:2]) == moved


@every_daily_clock
@pytest.mark.parametrize(("zone", "day", "time", "first", "second"), AUTUMN)
def test_a_daily_run_at_a_time_that_occurs_twice_is_at_the_second(
    kind: str, zone: str, day: str, time: str, first: str, second: str
) -> None:
    start = at(zone, day, time).subtract(days=1)

    events = Schedule([daily(kind, start)]).next(3, after=start)

    assert shown(events[:1]) == second
    assert [e.date() for e in events] == [start.add(days=n).date() for n in (1, 2, 3)]


@pytest.mark.parametrize(("zone", "day", "expected"), HOURLY_SPRING)
@pytest.mark.parametrize("days_before", [0, 1, 100])
def test_an_hourly_interval_leaves_out_the_hour_skipped_in_spring(
    zone: str, day: str, expected: str, days_before: int
) -> None:
    clock = IntervalClock(timedelta(hours=1), start_date=at(zone, day).subtract(days=days_before))

    assert between(clock, at(zone, day), at(zone, day, "05:00")) == expected


@pytest.mark.parametrize(("zone", "day", "expected"), HOURLY_SPRING)
def test_an_hourly_cron_string_leaves_out_the_hour_skipped_in_spring(zone: str, day: str, expected: str) -> None:
    clock = CronClock("0 * * * *", start_date=at(zone, day))

    assert between(clock, at(zone, day), at(zone, day, "05:00")) == expected


@pytest.mark.parametrize(("zone", "day", "expected"), HOURLY_SPRING)
@pytest.mark.parametrize("zone_of", [pendulum.timezone, ZoneInfo, tz.gettz], ids=["pendulum", "zoneinfo", "dateutil"])
def test_an_hourly_rule_leaves_out_the_hour_skipped_in_spring(
    zone: str, day: str, expected: str, zone_of: type
) -> None:
    clock = RRuleClock(rrule(HOURLY, dtstart=datetime.fromisoformat(day).replace(tzinfo=zone_of(zone))))

    assert between(clock, at(zone, day), at(zone, day, "05:00")) == expected


@pytest.mark.parametrize(("zone", "day", "interval", "once"), HOURLY_AUTUMN)
@pytest.mark.parametrize("days_before", [0, 1, 100])
def test_an_hourly_interval_ticks_through_the_hour_repeated_in_autumn(
    zone: str, day: str, interval: str, once: str, days_before: int
) -> None:
    clock = IntervalClock(timedelta(hours=1), start_date=at(zone, day).subtract(days=days_before))

    assert between(clock, at(zone, day), at(zone, day, "04:00")) == interval


@pytest.mark.parametrize(("zone", "day", "expected"), HALF_HOURLY_AUTUMN)
def test_a_half_hourly_interval_ticks_through_the_span_repeated_in_autumn(zone: str, day: str, expected: str) -> None:
    clock = IntervalClock(timedelta(minutes=30), start_date=at(zone, day))
    first, last = expected.split()[0][:5], expected.split()[-1][:5]

    assert between(clock, at(zone, day, first), at(zone, day, last)) == expected


@pytest.mark.parametrize(("zone", "day", "interval", "once"), HOURLY_AUTUMN)
def test_an_hourly_cron_string_fires_the_repeated_hour_once(zone: str, day: str, interval: str, once: str) -> None:
    clock = CronClock("0 * * * *", start_date=at(zone, day))

    assert between(clock, at(zone, day), at(zone, day, "04:00")) == once


@pytest.mark.parametrize(("zone", "day", "interval", "once"), HOURLY_AUTUMN)
@pytest.mark.parametrize("zone_of", [pendulum.timezone, ZoneInfo, tz.gettz], ids=["pendulum", "zoneinfo", "dateutil"])
def test_an_hourly_rule_fires_the_repeated_hour_once(
    zone: str, day: str, interval: str, once: str, zone_of: type
) -> None:
    clock = RRuleClock(rrule(HOURLY, dtstart=datetime.fromisoformat(day).replace(tzinfo=zone_of(zone))))

    assert between(clock, at(zone, day), at(zone, day, "04:00")) == once


@pytest.mark.parametrize(("zone", "day", "interval", "once"), HOURLY_AUTUMN)
def test_a_schedule_keeps_both_events_of_the_repeated_hour(zone: str, day: str, interval: str, once: str) -> None:
    """1.x took the second for a repetition of the first (core.md §23, 26)."""
    schedule = IntervalSchedule(at(zone, day), timedelta(hours=1), end_date=at(zone, day, "04:00"))

    assert shown(schedule.next(10, after=at(zone, day).subtract(seconds=1))) == interval


@pytest.mark.parametrize(("zone", "day", "time", "first", "second"), AUTUMN)
def test_a_date_of_a_dates_clock_is_the_moment_it_says(zone: str, day: str, time: str, first: str, second: str) -> None:
    wall = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(zone))
    clock = DatesClock([wall.replace(fold=1), wall])

    assert shown(Schedule([clock]).next(5, after=at(zone, day))) == f"{first} {second}"
    assert clock.start_date is not None
    assert clock.end_date is not None
    assert shown([clock.start_date, clock.end_date]) == f"{first} {second}"


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
