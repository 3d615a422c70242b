"""Filters (core.md §13.4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from prefect.schedules import IntervalSchedule, filters

NEW_YORK = "America/New_York"


def day(text: str) -> pendulum.DateTime:
    return pendulum.parse(text)  # type: ignore[return-value]


def test_on_datetime_keeps_one_moment_in_any_zone() -> None:
    accepts = filters.on_datetime(pendulum.datetime(2021, 1, 1))

    assert accepts(pendulum.datetime(2021, 1, 1))
    assert accepts(pendulum.datetime(2020, 12, 31, 19, tz=NEW_YORK))
    assert not accepts(pendulum.datetime(2021, 1, 1, 0, 0, 1))


def test_on_datetime_without_timezone_keeps_nothing() -> None:
    assert not filters.on_datetime(datetime(2021, 1, 1))(pendulum.datetime(2021, 1, 1))  # noqa: DTZ001


def test_on_datetime_tells_the_two_hours_repeated_in_autumn_apart() -> None:
    first = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo(NEW_YORK))

    assert not filters.on_datetime(first)(first.replace(fold=1))


def test_between_datetimes_keeps_both_ends() -> None:
    accepts = filters.between_datetimes(day("2021-01-01T01:00"), day("2021-01-01T03:00"))

    assert [accepts(day(f"2021-01-01T0{hour}:00")) for hour in range(5)] == [False, True, True, True, False]


def test_between_datetimes_without_timezone_fails_when_it_is_used() -> None:
    accepts = filters.between_datetimes(datetime(2021, 1, 1), datetime(2021, 1, 2))  # noqa: DTZ001

    with pytest.raises(TypeError, match="can't compare offset-naive and offset-aware datetimes"):
        accepts(pendulum.datetime(2021, 1, 1))


def test_on_date_keeps_one_day_of_each_year() -> None:
    accepts = filters.on_date(3, 27)

    assert accepts(day("2020-03-27T05:00"))
    assert accepts(day("2021-03-27"))
    assert not accepts(day("2021-03-28"))


@pytest.mark.parametrize(
    ("part", "kept", "left"),
    [
        ((2, 10, 11, 15), ["02-10", "02-29", "11-15T23:00"], ["02-09", "11-16"]),
        ((11, 15, 2, 10), ["11-15", "12-31", "01-01", "02-10T23:00"], ["11-14", "02-11", "06-01"]),
        ((2, 10, 2, 15), ["02-10", "02-15"], ["02-09", "02-16", "03-12"]),
        ((2, 15, 2, 10), [], ["02-09", "02-10", "02-12", "02-15", "02-16", "08-01"]),
    ],
    ids=["within a year", "over New Year", "within a month", "backwards within a month"],
)
def test_between_dates_keeps_a_part_of_each_year(
    part: tuple[int, int, int, int], kept: list[str], left: list[str]
) -> None:
    accepts = filters.between_dates(*part)

    assert [text for text in kept + left if accepts(day(f"2020-{text}"))] == kept


def test_at_time_keeps_one_local_time() -> None:
    accepts = filters.at_time(time(9))

    assert accepts(day("2021-01-01T09:00"))
    assert accepts(pendulum.datetime(2021, 1, 1, 9, tz=NEW_YORK))
    assert not accepts(day("2021-01-01T09:00:01"))


@pytest.mark.parametrize(
    ("start", "end", "kept", "left"),
    [
        (time(9), time(17), ["09:00", "12:00", "17:00"], ["08:59", "17:01"]),
        (time(22), time(2), ["22:00", "23:59", "00:00", "02:00"], ["21:59", "02:01", "12:00"]),
    ],
    ids=["within a day", "over midnight"],
)
def test_between_times_keeps_a_part_of_each_day(start: time, end: time, kept: list[str], left: list[str]) -> None:
    accepts = filters.between_times(start, end)

    assert [text for text in kept + left if accepts(day(f"2021-01-01T{text}"))] == kept


def test_between_times_looks_at_the_time_of_the_events_own_zone() -> None:
    assert filters.between_times(time(9), time(10))(pendulum.datetime(2021, 1, 1, 9, tz=NEW_YORK))


def test_a_week_has_five_weekdays_and_a_weekend() -> None:
    week = [day(f"2021-01-0{n}") for n in range(4, 10)] + [day("2021-01-10")]  # Monday to Sunday

    assert [filters.is_weekday(moment) for moment in week] == [True] * 5 + [False] * 2
    assert [filters.is_weekend(moment) for moment in week] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("number", range(7))
def test_days_of_the_week_count_from_monday(number: int) -> None:
    accepts = filters.is_day_of_week(number)

    assert [accepts(day("2021-01-04").add(days=n)) for n in range(7)] == [n == number for n in range(7)]


def test_a_month_ends_with_its_last_day() -> None:
    ends = ["2020-02-29", "2021-02-28T23:00", "2021-04-30"]

    assert [text for text in [*ends, "2020-02-28", "2021-04-29"] if filters.is_month_end(day(text))] == ends


def test_a_month_starts_with_its_first_day() -> None:
    assert filters.is_month_start(day("2020-02-01T09:00"))
    assert not filters.is_month_start(day("2020-02-02"))


def test_the_plain_predicates_take_datetimes_of_any_kind() -> None:
    moment = datetime(2021, 1, 31, tzinfo=ZoneInfo(NEW_YORK))

    assert [filters.is_weekday(moment), filters.is_weekend(moment)] == [False, True]
    assert [filters.is_month_start(moment), filters.is_month_end(moment)] == [False, True]


def test_a_schedule_filters_by_the_local_time_of_its_clock() -> None:
    start = pendulum.datetime(2021, 1, 1, tz=NEW_YORK)
    schedule = IntervalSchedule(start, pendulum.duration(hours=1))
    schedule.filters.append(filters.at_time(time(9)))

    assert [moment.isoformat() for moment in schedule.next(1, after=start)] == ["2021-01-01T09:00:00-05:00"]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: filters.on_datetime("2021"), "on_datetime needs a datetime.datetime"),
        (lambda: filters.between_datetimes(day("2021-01-01"), "2021"), "between_datetimes needs a datetime.datetime"),
        (lambda: filters.at_time("2021"), "at_time needs a datetime.time"),
        (lambda: filters.between_times("2021", time(9)), "between_times needs a datetime.time"),
    ],
)
def test_text_in_place_of_a_date_or_time_is_refused_where_it_is_given(make: Callable[[], Any], kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()

    assert str(caught.value) == f"{kind}, not '2021'. Make one of it first."
