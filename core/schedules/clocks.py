"""Clocks: where the times of a schedule come from.

Daylight saving (core.md §13.3). Cron strings, rules and intervals name *local* times of one timezone. Each of them that
occurs once gives that moment. One that is skipped in spring is moved on by as much as the clocks are; if that is the
moment of another local time, there is one event for both. One that occurs twice in autumn gives its second moment; only
an interval that fits into the repeated span a whole number of times (an hour, 15 minutes) goes on ticking through it and
gives both. Moments are compared in UTC: datetimes of one timezone compare by their local time, which in autumn goes back.

Source: core.md §13.2 and §13.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import pendulum
from croniter import CroniterBadDateError, croniter
from dateutil.rrule import rrulebase

from prefect.engine.moment import DateTime, in_whole_zone
from prefect.schedules.local_time import (
    DAY,
    END_OF_TIME,
    comparable,
    earliest_local_time,
    existing,
    in_order,
    in_utc,
    local_time,
    read,
)
from prefect.schedules.rules import times_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Events that one `CronClock.events` makes at most.
MAX_CRON_EVENTS = 1_000

_MAX_CRON_FIELDS = 6


class ClockEvent:
    """One time of a clock.

    Events compare with each other, and with datetimes, by their time. Two events are equal when parameter defaults and
    labels are equal too.

    Args:
        start_time: When to run.
        parameter_defaults: Parameter values of that run; they win over others.
        labels: Labels of that run.

    Source:
        core.md §13.1.
    """

    def __init__(
        self,
        start_time: datetime,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        self.start_time = start_time
        self.parameter_defaults = parameter_defaults or {}
        self.labels = labels

    def __repr__(self) -> str:
        return f"<ClockEvent {self.start_time} {self.parameter_defaults} {self.labels}>"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ClockEvent):
            return (
                comparable(self.start_time) == comparable(other.start_time)
                and self.parameter_defaults == other.parameter_defaults
                and self.labels == other.labels
            )
        if isinstance(other, datetime):
            return comparable(self.start_time) == comparable(other)
        return NotImplemented

    # Its attributes may change, so an event is no key of a dict.
    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: ClockEvent | datetime) -> bool:
        if not isinstance(other, ClockEvent | datetime):
            return NotImplemented
        return comparable(self.start_time) < comparable(_start_time(other))

    def __gt__(self, other: ClockEvent | datetime) -> bool:
        if not isinstance(other, ClockEvent | datetime):
            return NotImplemented
        return comparable(self.start_time) > comparable(_start_time(other))


class Clock:
    """What clocks have in common; a clock of your own defines ``events``.

    Args:
        start_date: The first possible time; without a timezone it is in UTC.
        end_date: The last possible time; without a timezone it is in UTC.
        parameter_defaults: Parameter values of the clock's runs.
        labels: Labels of the clock's runs.

    Raises:
        TypeError: ``parameter_defaults`` is no dict, or ``labels`` is one text.
        ValueError: A date is no datetime.

    Source:
        core.md §13.2.
    """

    def __init__(
        self,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        self.start_date = None if start_date is None else _as_moment(start_date, "start_date")
        self.end_date = None if end_date is None else _as_moment(end_date, "end_date")
        if parameter_defaults and not isinstance(parameter_defaults, Mapping):
            raise TypeError(f"parameter_defaults must be a dict, not {parameter_defaults!r}. Write {{'name': value}}.")
        if isinstance(labels, str):
            raise TypeError(f"labels must be a list, not the text {labels!r}. Write [{labels!r}].")
        self.parameter_defaults = parameter_defaults or {}
        self.labels = labels

    def events(self, after: datetime | None = None) -> Iterator[ClockEvent]:
        """Yield the clock's events in the order of time.

        Args:
            after: Events are later than this, or not before the clock's start if that is later; without a timezone it is
                in UTC. By default events are those from the present moment on.

        Raises:
            ValueError: ``after`` is no datetime.
            TypeError: The times of a ``DatesClock`` have no timezone, or those of an ``RRuleClock`` with an ``end_date``.
        """
        floor = in_utc(pendulum.now("UTC") if after is None else _as_moment(after, "after"))
        includes_floor = after is None
        start = self._first_possible()
        if start is not None and floor < in_utc(start):
            floor, includes_floor = in_utc(start), True
        end = END_OF_TIME if self.end_date is None else in_utc(self.end_date)
        for moment in self._moments(floor):
            instant = in_utc(moment)
            if instant > end:
                return
            if instant > floor or (includes_floor and instant == floor):
                yield ClockEvent(DateTime.instance(moment), self.parameter_defaults, self.labels)

    def _first_possible(self) -> DateTime | None:
        return self.start_date

    def _moments(self, floor: datetime) -> Iterator[datetime]:
        """Yield moments in the order of time, none missing from ``floor`` (in UTC) on; some before it do no harm."""
        raise NotImplementedError(f"{type(self).__name__} has no events. Define its method `events`.")


class IntervalClock(Clock):
    """A clock that ticks in equal steps.

    Steps are counted on the local calendar and clock of ``start_date``: a daily run at nine stays at nine. An interval
    that fits into the hour repeated in autumn ticks through it, so an hourly clock ticks every elapsed hour.

    Args:
        interval: From one event to the next.
        start_date: The first event, from which steps are counted; by default 2019-01-01 in UTC.
        end_date: The last possible time.
        parameter_defaults: Parameter values of the clock's runs.
        labels: Labels of the clock's runs.

    Raises:
        TypeError: ``interval`` is no timedelta.
        ValueError: ``interval`` is not positive, or a date is no datetime.

    Source:
        core.md §13.2, §13.3 and §23, 26.
    """

    def __init__(
        self,
        interval: timedelta,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        if not isinstance(interval, timedelta):
            raise TypeError(f"Interval must be a timedelta, not {interval!r}. Write for example timedelta(minutes=10).")
        if interval.total_seconds() <= 0:
            raise ValueError(
                f"Interval must be greater than 0, not {interval}. Write for example timedelta(minutes=10)."
            )
        self.interval = interval
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def _first_possible(self) -> DateTime:
        return self.start_date or DateTime(2019, 1, 1, tzinfo=timezone.utc)

    def _moments(self, floor: datetime) -> Iterator[datetime]:
        anchor = self._first_possible()
        zone = anchor.tzinfo or timezone.utc
        interval = length_of(self.interval)
        first = local_time(in_utc(anchor), zone)
        start = max(0, (earliest_local_time(floor, zone) - first) // interval)

        def readings() -> Iterator[tuple[datetime, Sequence[datetime]]]:
            for step in count(start):
                try:
                    bound, instants = read(first + step * interval, zone)
                except OverflowError:  # the calendar ends with the year 9999
                    return
                if len(instants) > 1 and (instants[-1] - instants[0]) % interval:
                    # The second time, but the start is what it is.
                    instants = instants[1:] if step else (in_utc(anchor),)
                yield bound, instants

        return (instant.astimezone(zone) for instant in in_order(readings()))


class CronClock(Clock):
    """A clock that follows a cron string.

    Each local time that matches gives one event, also when the clocks change: see the head of this module. An iterator of
    ``events`` ends after 1,000 of them.

    Args:
        cron: Five fields (minute, hour, day of the month, month, day of the week), a sixth for seconds if need be, or an
            alias such as ``@daily``.
        start_date: The first possible time; its timezone is the one that ``cron`` speaks of, else that is UTC.
        end_date: The last possible time.
        parameter_defaults: Parameter values of the clock's runs.
        labels: Labels of the clock's runs.
        day_or: When both the day of the month and the day of the week are given: True (default) if either may match,
            False if both must.

    Raises:
        ValueError: ``cron`` is no cron string, or a date is no datetime.

    Source:
        core.md §13.2 and §13.3.
    """

    def __init__(
        self,
        cron: str,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
        day_or: bool | None = None,
    ) -> None:
        # Later releases of croniter take a seventh field, for years; 1.x did not, nor would its servers.
        if len(str(cron).split()) > _MAX_CRON_FIELDS or not croniter.is_valid(str(cron)):
            raise ValueError(
                f"Invalid cron string: {cron}. It needs five fields, as in '0 9 * * mon-fri': minute (0-59), hour (0-23),"
                " day (1-31), month (1-12), day of the week (0-7), and maybe a sixth for seconds (0-59)."
            )
        self.cron = cron
        self.day_or = True if day_or is None else day_or
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def events(self, after: datetime | None = None) -> Iterator[ClockEvent]:
        """Yield the clock's next events, 1,000 at most; see ``Clock.events``.

        Raises:
            ValueError: ``after`` is no datetime, or the cron string names a date that never comes, such as 30 February.
        """
        return islice(super().events(after), MAX_CRON_EVENTS)

    def _moments(self, floor: datetime) -> Iterator[datetime]:
        zone = (None if self.start_date is None else self.start_date.tzinfo) or timezone.utc
        readings = (read(time, zone) for time in self._local_times(earliest_local_time(floor, zone)))
        # `[-1:]`: of a local time that occurs twice, the second.
        return (instant.astimezone(zone) for instant in in_order((bound, found[-1:]) for bound, found in readings))

    def _local_times(self, start: datetime) -> Iterator[datetime]:
        # croniter gets to see no timezone: releases differ in what they do where the clocks change.
        times = croniter(self.cron, start.replace(microsecond=0) - timedelta(seconds=1), day_or=self.day_or)
        while True:
            try:
                yield times.get_next(datetime)
            except CroniterBadDateError as error:
                raise ValueError(
                    f"The cron string {self.cron!r} names no date within the next 50 years. Check its day and month."
                ) from error


class DatesClock(Clock):
    """A clock of given times.

    Args:
        dates: The times, in any order, each with a timezone.
        parameter_defaults: Parameter values of the clock's runs.
        labels: Labels of the clock's runs.

    Raises:
        TypeError: ``dates`` is no list, or some of them have a timezone and others have none.
        ValueError: There are no dates, or one is no datetime.

    Source:
        core.md §13.2.
    """

    def __init__(
        self,
        dates: Iterable[datetime],
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        if not isinstance(dates, Iterable):
            raise TypeError(f"The dates of a DatesClock must be a list, not {dates!r}. Put a single date into a list.")
        self.dates = list(dates)
        if not self.dates:
            raise ValueError("A DatesClock needs at least one date, and its list is empty.")
        for date in self.dates:
            _as_moment(date, "A date of a DatesClock")
        # Dates that all have no timezone are taken for now; they fail when they are compared (core.md §13.2).
        are_naive = all(date.tzinfo is None for date in self.dates)
        ordered = sorted(map(existing, self.dates), key=comparable if are_naive else in_utc)
        super().__init__(ordered[0], ordered[-1], parameter_defaults, labels)

    def _moments(self, floor: datetime) -> Iterator[datetime]:
        return iter(sorted(map(existing, self.dates), key=in_utc))


class RRuleClock(Clock):
    """A clock that follows a recurrence rule of ``dateutil``.

    Each local time of the rule gives one event, also when the clocks change: see the head of this module.

    Args:
        rrule_obj: An ``rrule`` or ``rruleset``. Times without a timezone are in UTC, and go with no ``end_date``.
        start_date: The first possible time.
        end_date: The last possible time.
        parameter_defaults: Parameter values of the clock's runs.
        labels: Labels of the clock's runs.

    Raises:
        TypeError: ``rrule_obj`` is of another type.
        ValueError: A date is no datetime.

    Source:
        core.md §13.2 and §13.3.
    """

    def __init__(
        self,
        rrule_obj: rrulebase,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        parameter_defaults: dict[str, Any] | None = None,
        labels: list[str] | None = None,
    ) -> None:
        if not isinstance(rrule_obj, rrulebase):
            raise TypeError(
                f"rrule_obj must be an rrule or rruleset, not {rrule_obj!r}. dateutil.rrule.rrulestr makes one of text."
            )
        self.rrule_obj = rrule_obj
        super().__init__(start_date, end_date, parameter_defaults, labels)

    def _moments(self, floor: datetime) -> Iterator[datetime]:
        first = next(iter(self.rrule_obj), None)
        if first is None:
            return
        if first.tzinfo is None and self.end_date is not None:
            raise TypeError(
                "The rule's times have no timezone, so they can't be compared with end_date."
                " Give the rule a dtstart with a timezone, or end the rule itself with `until`."
            )
        zone = in_whole_zone(first).tzinfo or timezone.utc

        def reading(time: datetime) -> tuple[datetime, Sequence[datetime]]:
            # Times of the rule itself have the timezone it began in; those of a set may have others.
            is_own = time.tzinfo is first.tzinfo
            return read(time.replace(tzinfo=None, fold=0) if is_own else local_time(time, zone), zone)

        # A day earlier: clocks are never set on or back by more.
        start = (floor - DAY).astimezone(zone).replace(tzinfo=first.tzinfo)
        readings = map(reading, times_from(self.rrule_obj, start))
        yield from (instant.astimezone(zone) for instant in in_order((bound, found[-1:]) for bound, found in readings))


def length_of(interval: timedelta) -> timedelta:
    """Return how long an interval is; of pendulum's own durations, which know months, only that counts."""
    return interval if type(interval) is timedelta else timedelta(seconds=interval.total_seconds())


def _as_moment(value: datetime, name: str) -> DateTime:
    if not isinstance(value, datetime):
        raise ValueError(f"{name} must be a datetime, not {value!r}. Text becomes one with pendulum.parse.")
    return DateTime.instance(existing(value))


def _start_time(value: ClockEvent | datetime) -> datetime:
    return value.start_time if isinstance(value, ClockEvent) else value
