"""Functions that say which times of a schedule stay.

Months and days of the month count from 1, days of the week from Monday = 0. Dates and times of day are those of the
timezone of the time in question.

Source: core.md §13.4.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from prefect.schedules.local_time import comparable

if TYPE_CHECKING:
    from collections.abc import Callable

_SATURDAY = 5


def on_datetime(dt: datetime) -> Callable[[datetime], bool]:
    """Return a filter that keeps one moment.

    Args:
        dt: The moment; one without a timezone is none of a schedule's times.

    Raises:
        TypeError: It is no datetime.
    """
    _check("on_datetime", datetime, dt)

    def is_on_datetime(moment: datetime) -> bool:
        return comparable(moment) == comparable(dt)

    return _made_by("on_datetime", is_on_datetime, dt=dt)


def between_datetimes(start: datetime, end: datetime) -> Callable[[datetime], bool]:
    """Return a filter that keeps what lies between two moments, both included.

    Args:
        start: The first moment.
        end: The last moment.

    Raises:
        TypeError: One of them is no datetime; when the filter is used: one has no timezone.
    """
    _check("between_datetimes", datetime, start, end)

    def is_between_datetimes(moment: datetime) -> bool:
        return comparable(start) <= comparable(moment) <= comparable(end)

    return _made_by("between_datetimes", is_between_datetimes, start=start, end=end)


def on_date(month: int, day: int) -> Callable[[datetime], bool]:
    """Return a filter that keeps one day of each year.

    Args:
        month: From 1 to 12.
        day: From 1 to 31.
    """

    def is_on_date(moment: datetime) -> bool:
        return (moment.month, moment.day) == (month, day)

    return _made_by("on_date", is_on_date, month=month, day=day)


def between_dates(start_month: int, start_day: int, end_month: int, end_day: int) -> Callable[[datetime], bool]:
    """Return a filter that keeps a part of each year, its first and last day included.

    The part goes over New Year when its first month is the greater one. Within one month a first day after the last
    day keeps nothing.

    Args:
        start_month: Month of the first day.
        start_day: The first day.
        end_month: Month of the last day.
        end_day: The last day.
    """
    start = (start_month, start_day)
    end = (end_month, end_day)

    def is_between_dates(moment: datetime) -> bool:
        date = (moment.month, moment.day)
        if start_month > end_month:
            return date >= start or date <= end
        return start <= date <= end

    arguments = {"start_month": start_month, "start_day": start_day, "end_month": end_month, "end_day": end_day}
    return _made_by("between_dates", is_between_dates, **arguments)


def at_time(t: time) -> Callable[[datetime], bool]:
    """Return a filter that keeps one time of day.

    Args:
        t: The local time, to the microsecond.

    Raises:
        TypeError: It is no time.
    """
    _check("at_time", time, t)

    def is_at_time(moment: datetime) -> bool:
        return moment.time() == t

    return _made_by("at_time", is_at_time, t=t)


def between_times(start: time, end: time) -> Callable[[datetime], bool]:
    """Return a filter that keeps a part of each day, its first and last moment included.

    Args:
        start: The first local time.
        end: The last local time; one before ``start`` is on the day after.

    Raises:
        TypeError: One of them is no time.
    """
    _check("between_times", time, start, end)

    def is_between_times(moment: datetime) -> bool:
        local = moment.time()
        if start > end:
            return local >= start or local <= end
        return start <= local <= end

    return _made_by("between_times", is_between_times, start=start, end=end)


def is_weekday(dt: datetime) -> bool:
    """Return whether a time is on a day from Monday to Friday."""
    return dt.weekday() < _SATURDAY


def is_weekend(dt: datetime) -> bool:
    """Return whether a time is on a Saturday or Sunday."""
    return dt.weekday() >= _SATURDAY


def is_month_end(dt: datetime) -> bool:
    """Return whether a time is on the last day of its month."""
    return dt.day == monthrange(dt.year, dt.month)[1]


def is_month_start(dt: datetime) -> bool:
    """Return whether a time is on the first day of its month."""
    return dt.day == 1


def is_day_of_week(day_of_week: int) -> Callable[[datetime], bool]:
    """Return a filter that keeps one day of the week.

    Args:
        day_of_week: From 0, Monday, to 6, Sunday.

    Source:
        core.md §13.4 and §23, 14; other places that number days begin with Sunday.
    """

    def is_on_day(moment: datetime) -> bool:
        return moment.weekday() == day_of_week

    return _made_by("is_day_of_week", is_on_day, day_of_week=day_of_week)


def _check(filter_name: str, kind: type, *values: Any) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise TypeError(f"{filter_name} needs a datetime.{kind.__name__}, not {value!r}. Make one of it first.")


def _made_by(factory: str, keeps: Any, **arguments: Any) -> Callable[[datetime], bool]:
    """Note which factory made a filter with which arguments, since that is how it is serialized (core.md §20.3)."""
    keeps.factory = (f"prefect.schedules.filters.{factory}", arguments)
    return keeps  # type: ignore[no-any-return]
