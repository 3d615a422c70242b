"""What holds for every clock and every moment, above all near changes of daylight saving (core.md §13.1 to §13.3)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pendulum
from dateutil.rrule import DAILY, HOURLY, MINUTELY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.schedules import Schedule
from prefect.schedules.clocks import Clock, ClockEvent, CronClock, DatesClock, IntervalClock, RRuleClock

ZONES = (
    "UTC America/New_York Europe/Berlin Australia/Sydney America/Santiago Australia/Lord_Howe Pacific/Apia"
).split()

UTC = timezone.utc

#: The moments of changes in these zones; Samoa's left out 30 December 2011.
CHANGES = [
    datetime(2021, 3, 14, 7, tzinfo=UTC),
    datetime(2021, 11, 7, 6, tzinfo=UTC),
    datetime(2021, 3, 28, 1, tzinfo=UTC),
    datetime(2021, 10, 31, 1, tzinfo=UTC),
    datetime(2021, 4, 3, 15, tzinfo=UTC),
    datetime(2021, 10, 2, 15, 30, tzinfo=UTC),
    datetime(2021, 4, 4, 3, tzinfo=UTC),
    datetime(2021, 9, 5, 4, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
]

zones = st.sampled_from(ZONES)
spans = st.one_of(
    st.sampled_from([timedelta(minutes=m) for m in (10, 15, 30, 45, 60, 90, 360, 1440, 2160)]),
    st.timedeltas(timedelta(seconds=1), timedelta(days=40)),
)
moments = st.one_of(
    st.builds(
        lambda change, seconds: change + timedelta(seconds=seconds),
        st.sampled_from(CHANGES),
        st.floats(-100_000, 100_000),
    ),
    st.integers(1262304000, 1893456000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@st.composite
def local_moments(draw: st.DrawFn) -> pendulum.DateTime:
    return pendulum.instance(draw(moments)).in_timezone(draw(zones))


def cron_strings() -> st.SearchStrategy[str]:
    minute = st.sampled_from(["*", "*/15", "*/7", "0", "30", "0,45", "15-20"])
    hour = st.sampled_from(["*", "*/2", "1", "2", "3", "1-3", "2,22", "0"])
    day = st.sampled_from(["*", "1", "*/10", "l"])
    weekday = st.sampled_from(["*", "sun", "mon-fri"])
    second = st.sampled_from(["", " */20", " 59"])
    return st.builds("{} {} {} * {}{}".format, minute, hour, day, weekday, second)


clocks = st.one_of(
    st.builds(IntervalClock, spans, start_date=local_moments()),
    st.builds(CronClock, cron_strings(), start_date=local_moments(), day_or=st.booleans()),
    st.builds(DatesClock, st.lists(local_moments(), min_size=1, max_size=20)),
    st.builds(
        lambda start, kind, interval: RRuleClock(rrule(kind, interval=interval, dtstart=start)),
        local_moments(),
        st.sampled_from([DAILY, HOURLY]),
        st.integers(1, 50),
    ),
    st.builds(
        lambda start, interval: RRuleClock(rrule(MINUTELY, interval=interval, count=500, dtstart=start)),
        local_moments(),
        st.integers(1, 100),
    ),
)


def instants(events: list[ClockEvent]) -> list[datetime]:
    return [event.start_time.astimezone(UTC) for event in events]


def following(clock: Clock, n: int, after: datetime) -> list[datetime]:
    return instants(Schedule([clock]).next(n, after=after, return_events=True))


@given(clocks, moments, st.integers(1, 30))
@settings(deadline=None)
def test_times_increase_and_are_later_than_after(clock: Clock, after: datetime, n: int) -> None:
    found = following(clock, n, after)

    assert all(earlier < later for earlier, later in pairwise([after, *found]))


@given(clocks, moments)
@settings(deadline=None)
def test_going_on_from_a_time_finds_the_one_that_came_next(clock: Clock, after: datetime) -> None:
    found = following(clock, 6, after)

    walked = []
    while len(walked) < len(found):
        after = following(clock, 1, after)[0]
        walked.append(after)

    assert walked == found


@given(clocks, moments, moments)
@settings(deadline=None)
def test_no_time_is_lost_by_asking_later(clock: Clock, one: datetime, other: datetime) -> None:
    """What comes after a moment does not depend on where the asking began."""
    early, late = sorted(
        [one, min(other, one + timedelta(days=3)) if other > one else max(other, one - timedelta(days=3))]
    )
    from_early = following(clock, 40, early)

    expected = [moment for moment in from_early if moment > late]

    assert following(clock, len(expected), late) == expected


@given(spans, zones, moments, moments)
@settings(deadline=None)
def test_an_interval_clock_is_on_its_local_grid_or_moved_past_a_gap(
    span: timedelta, zone: str, start: datetime, after: datetime
) -> None:
    anchor = pendulum.instance(start).in_timezone(zone)
    [event] = Schedule([IntervalClock(span, start_date=anchor)]).next(1, after=after)

    on_grid = not (pendulum.instance(event).naive() - anchor.naive()).as_timedelta() % span
    assert on_grid or event.utcoffset() != (event - timedelta(days=1)).utcoffset()
