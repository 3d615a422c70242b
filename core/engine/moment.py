"""Moments as flow files know them.

Source: core.md §1.1.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pendulum
from dateutil.tz import tzlocal

if TYPE_CHECKING:
    from typing_extensions import Self


class DateTime(pendulum.DateTime):
    """A ``pendulum.DateTime`` that reads ``2026-01-01T00:00:00+00:00``, as those of pendulum 2 did.

    Templates such as ``{date}`` in targets and names of runs depend on that; since pendulum 3 there is a space in it.
    """

    @classmethod
    def instance(cls, dt: datetime, tz: Any = "UTC") -> Self:
        """Return a datetime as one of this class, at the same moment; without a timezone it is in ``tz``."""
        return super().instance(in_whole_zone(dt), tz)

    def __str__(self) -> str:
        return self.isoformat()

    def __reduce_ex__(self, protocol: Any) -> Any:
        # pendulum forgets the fold, and with it which of the two hours of an autumn night this is.
        fields = (self.year, self.month, self.day, self.hour, self.minute, self.second, self.microsecond)
        return _restored, (fields, self.tzinfo, self.fold)


def _restored(fields: tuple[int, ...], zone: Any, fold: int) -> DateTime:
    return DateTime(*fields, tzinfo=zone, fold=fold)  # type: ignore[misc, arg-type]


def in_whole_zone(moment: datetime) -> datetime:
    """Return a moment in a timezone that knows its changes, and of which pendulum knows what to make.

    pytz has an object for each offset that a zone ever had, and pendulum fails on dateutil's timezone of the machine.
    """
    zone = moment.tzinfo
    if isinstance(zone, tzlocal):
        return moment.astimezone(pendulum.now().tzinfo)
    if not hasattr(zone, "normalize"):
        return moment
    name = getattr(zone, "zone", None)
    return moment.astimezone(pendulum.timezone(name) if name else timezone(moment.utcoffset() or timedelta(0)))
