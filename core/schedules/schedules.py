"""``Schedule``, and functions that make one of a single clock.

Source: core.md §13.1 and §13.2.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, overload

import pendulum

from prefect.schedules.clocks import ClockEvent, CronClock, IntervalClock, RRuleClock
from prefect.schedules.local_time import in_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta

    from dateutil.rrule import rrulebase

    from prefect.schedules.clocks import Clock

    Filter = Callable[[datetime], bool]
    Adjustment = Callable[[datetime], datetime]

#: Part of a schedule that is a list of functions → the module of ``prefect.schedules`` that has such.
_HOMES = {"filters": "filters", "or_filters": "filters", "not_filters": "filters", "adjustments": "adjustments"}

#: Events that `Schedule.next` looks at before it gives up; filters that nothing passes would keep it for ever.
MAX_EVENTS = 10_000


class Schedule:
    """The times at which a flow runs.

    Args:
        clocks: Where times come from.
        filters: A time stays if all of these say so.
        or_filters: A time stays if, besides, at least one of these says so.
        not_filters: A time stays if, besides, none of these says so.
        adjustments: Functions that move the times that stay, one after the other. What they return is neither sorted
            again nor made unique.

    Raises:
        TypeError: ``clocks`` or one of the others is no list, or holds something else.

    Source:
        core.md §13.1.
    """

    def __init__(
        self,
        clocks: Iterable[Clock],
        filters: Iterable[Filter] | None = None,
        or_filters: Iterable[Filter] | None = None,
        not_filters: Iterable[Filter] | None = None,
        adjustments: Iterable[Adjustment] | None = None,
    ) -> None:
        if not isinstance(clocks, Iterable):
            raise TypeError(
                f"clocks should be a list of clocks, not {type(clocks).__name__}."
                " Put a single clock into a list: Schedule(clocks=[clock])."
            )
        self.clocks = list(clocks)
        for clock in self.clocks:
            if not hasattr(clock, "events"):
                raise TypeError(f"clocks holds {clock!r}, which is no clock. Use one of prefect.schedules.clocks.")
        self.filters = _functions("filters", filters)
        self.or_filters = _functions("or_filters", or_filters)
        self.not_filters = _functions("not_filters", not_filters)
        self.adjustments = _functions("adjustments", adjustments)

    @property
    def start_date(self) -> datetime | None:
        """The earliest start of a clock, or None when none has one."""
        return min(
            (clock.start_date for clock in self.clocks if clock.start_date is not None), key=in_utc, default=None
        )

    @property
    def end_date(self) -> datetime | None:
        """The latest end of a clock, or None when none has one."""
        return max((clock.end_date for clock in self.clocks if clock.end_date is not None), key=in_utc, default=None)

    @overload
    def next(self, n: int, after: datetime | None = ..., return_events: Literal[False] = ...) -> list[datetime]: ...

    @overload
    def next(self, n: int, after: datetime | None = ..., *, return_events: Literal[True]) -> list[ClockEvent]: ...

    @overload
    def next(
        self, n: int, after: datetime | None = ..., return_events: bool = ...
    ) -> list[datetime] | list[ClockEvent]: ...

    def next(
        self, n: int, after: datetime | None = None, return_events: bool = False
    ) -> list[datetime] | list[ClockEvent]:
        """Return the next times.

        Args:
            n: How many, at most. There are fewer when the clocks end, or when 10,000 of their events were looked at.
            after: Times are later than this; without a timezone it is in UTC. By default the present moment.
            return_events: Return the events, which hold parameter defaults and labels besides the time.

        Raises:
            ValueError: ``after`` is no datetime, or a cron string names a date that never comes.
            TypeError: A clock's dates have no timezone (core.md §13.2), or an adjustment returned no datetime.

        Source:
            core.md §13.1.
        """
        events = list(islice(self._events(pendulum.now("UTC") if after is None else after), max(n, 0)))
        return events if return_events else [event.start_time for event in events]

    def _events(self, after: datetime) -> Iterator[ClockEvent]:
        merged = _without_repeats(heapq.merge(*(clock.events(after) for clock in self.clocks)))
        for event in islice(merged, MAX_EVENTS):
            if self._keeps(event.start_time):
                yield self._adjusted(event)

    def _keeps(self, moment: datetime) -> bool:
        return (
            all(accepts(moment) for accepts in self.filters)
            and (not self.or_filters or any(accepts(moment) for accepts in self.or_filters))
            and not any(refuses(moment) for refuses in self.not_filters)
        )

    def _adjusted(self, event: ClockEvent) -> ClockEvent:
        moment = event.start_time
        for adjust in self.adjustments:
            moment = adjust(moment)
            if not isinstance(moment, datetime):
                raise TypeError(f"The adjustment {adjust!r} returned {moment!r}. Let it return a datetime.")
        return ClockEvent(moment, event.parameter_defaults, event.labels)


def IntervalSchedule(  # noqa: N802 - 1.x names it as a class
    start_date: datetime | None = None, interval: timedelta | None = None, end_date: datetime | None = None
) -> Schedule:
    """Return a schedule of one ``IntervalClock``.

    Args:
        start_date: Time of the first run; by default 2019-01-01 in UTC. Note that it comes before ``interval``.
        interval: Time from one run to the next.
        end_date: The last possible time.

    Raises:
        TypeError: ``interval`` is missing or no timedelta.
        ValueError: ``interval`` is not positive, or a date is no datetime.

    Source:
        core.md §13.2 and §23, 13.
    """
    if interval is None:
        raise TypeError(
            "Interval must be a timedelta, and none was given."
            " Name it, as in IntervalSchedule(interval=timedelta(hours=1)): the first positional argument is start_date."
        )
    return Schedule(clocks=[IntervalClock(interval, start_date=start_date, end_date=end_date)])


def CronSchedule(  # noqa: N802 - 1.x names it as a class
    cron: str, start_date: datetime | None = None, end_date: datetime | None = None, day_or: bool | None = None
) -> Schedule:
    """Return a schedule of one ``CronClock``.

    Args:
        cron: The cron string.
        start_date: The first possible time; its timezone is the one that ``cron`` speaks of, else that is UTC.
        end_date: The last possible time.
        day_or: False when the day of the month and the day of the week must both match, instead of either.

    Raises:
        ValueError: ``cron`` is no cron string, or a date is no datetime.

    Source:
        core.md §13.2.
    """
    return Schedule(clocks=[CronClock(cron, start_date=start_date, end_date=end_date, day_or=day_or)])


def RRuleSchedule(  # noqa: N802 - 1.x names it as a class
    rrule_obj: rrulebase, start_date: datetime | None = None, end_date: datetime | None = None
) -> Schedule:
    """Return a schedule of one ``RRuleClock``.

    Args:
        rrule_obj: A ``dateutil`` ``rrule`` or ``rruleset``.
        start_date: The first possible time.
        end_date: The last possible time.

    Raises:
        TypeError: ``rrule_obj`` is of another type.
        ValueError: A date is no datetime.

    Source:
        core.md §13.2.
    """
    return Schedule(clocks=[RRuleClock(rrule_obj, start_date=start_date, end_date=end_date)])


def _functions(name: str, functions: Any) -> list[Any]:
    if functions is not None and not isinstance(functions, Iterable):
        raise TypeError(f"{name} should be a list of functions, not {functions!r}. Put a single function into a list.")
    found = list(functions or ())
    for function in found:
        if not callable(function):
            raise TypeError(
                f"{name} holds {function!r}, which is no function. Use one of prefect.schedules.{_HOMES[name]}."
            )
    return found


def _without_repeats(events: Iterable[ClockEvent]) -> Iterator[ClockEvent]:
    last = None
    for event in events:
        if event != last:
            yield event
        last = event
