"""What local times mean in a timezone, and how to compare moments.

The clocks of a timezone are set on in spring, which skips local times, and back in autumn, when local times occur twice.
Datetimes of one timezone compare by their local time, so where order matters moments are kept in UTC.

Source: core.md §13.3 and §23, 26.
"""

from __future__ import annotations

import heapq
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import TYPE_CHECKING

from dateutil.tz import resolve_imaginary

from prefect.engine.moment import in_whole_zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

#: No clocks were ever set on or back by more (Samoa left out a whole day).
DAY = timedelta(days=1)

#: The last moment that a datetime can hold.
END_OF_TIME = datetime.max.replace(tzinfo=timezone.utc)


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, in which two moments can be compared.

    Raises:
        TypeError: It has no timezone.
    """
    if moment.tzinfo is None:
        raise TypeError(
            f"The time {moment.isoformat()} has no timezone, so it can't be compared with moments."
            " Give it one, as in pendulum.datetime(2021, 1, 1, tz='Europe/Berlin')."
        )
    utc = moment.astimezone(timezone.utc)
    # pendulum's datetimes calculate with durations of their own, and slowly.
    return utc if type(utc) is datetime else datetime.combine(utc.date(), utc.time(), timezone.utc)


def comparable(moment: datetime) -> datetime:
    """Return a moment in UTC, or as it is when it has no timezone: Python refuses to order the two kinds."""
    return moment if moment.tzinfo is None else in_utc(moment)


def local_time(moment: datetime, zone: tzinfo) -> datetime:
    """Return the local time of a moment in a timezone, as a datetime without one."""
    if moment.tzinfo is not None and moment.tzinfo is not zone:
        moment = moment.astimezone(zone)
    return moment.replace(tzinfo=None, fold=0)


def existing(moment: datetime) -> datetime:
    """Return a moment that can be: one whose local time is skipped in spring is moved on by as much as the clocks are.

    Python and pendulum make something else of such a datetime, depending on its fold and on the kind of its timezone.
    """
    moment = in_whole_zone(moment)
    zone = moment.tzinfo
    if zone is None or local_time(in_utc(moment), zone) == local_time(moment, zone):
        return moment
    moved: datetime = resolve_imaginary(datetime.combine(moment.date(), moment.time(), zone))
    return moved


def earliest_local_time(instant: datetime, zone: tzinfo) -> datetime:
    """Return a local time such that all local times of later moments are later, also if the clocks are set meanwhile."""
    return min(local_time(moment, zone) - (moment - instant) for moment in (instant - DAY, instant, instant + DAY))


def read(time: datetime, zone: tzinfo) -> tuple[datetime, Sequence[datetime]]:
    """Return what a local time means in a timezone.

    Returns:
        An instant that no later local time can precede, and the instants of this one (two where the clocks are set
        back), all in UTC.
    """
    earlier, later = (in_utc(time.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if local_time(earlier, zone) != time:  # the clocks are set on past it
        moved = in_utc(resolve_imaginary(time.replace(tzinfo=zone)))
        return min(earlier, later), (moved,)
    return earlier, (earlier,) if earlier == later else (earlier, later)


def in_order(readings: Iterable[tuple[datetime, Sequence[datetime]]]) -> Iterator[datetime]:
    """Yield the instants of the readings of ever later local times in the order of time, each once."""
    waiting: list[datetime] = []
    last = None
    for bound, instants in chain(readings, [(END_OF_TIME, ())]):
        for instant in instants:
            heapq.heappush(waiting, instant)
        while waiting and waiting[0] <= bound:
            instant = heapq.heappop(waiting)
            if instant != last:
                yield instant
            last = instant
