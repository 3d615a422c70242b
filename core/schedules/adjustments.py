"""Functions that move the times of a schedule.

Source: core.md §13.5.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect.engine.moment import DateTime

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_SATURDAY = 5


def add(interval: timedelta) -> Callable[[datetime], datetime]:
    """Return an adjustment that makes each time later by a fixed span.

    Args:
        interval: Elapsed time, also over a change of daylight saving; a negative one makes times earlier.

    Raises:
        TypeError: It is no timedelta.

    Source:
        core.md §13.5.
    """
    if not isinstance(interval, timedelta):
        raise TypeError(f"add needs a timedelta, not {interval!r}. Write for example timedelta(hours=1).")
    seconds = interval.total_seconds()

    def added(dt: datetime) -> datetime:
        return DateTime.instance(dt).add(seconds=seconds)

    adjustment: Any = added
    adjustment.factory = ("prefect.schedules.adjustments.add", {"interval": interval})  # how it is serialized
    return adjustment  # type: ignore[no-any-return]


def next_weekday(dt: datetime) -> datetime:
    """Return the time itself from Monday to Friday, else the same local time on the Monday after.

    Source:
        core.md §13.5.
    """
    moment = DateTime.instance(dt)
    return moment.add(days=7 - moment.weekday()) if moment.weekday() >= _SATURDAY else moment
