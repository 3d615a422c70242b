"""Moments as flow files know them.

Source: core.md §1.1.
"""

from __future__ import annotations

from typing import Any

import pendulum


class DateTime(pendulum.DateTime):
    """A ``pendulum.DateTime`` that reads ``2026-01-01T00:00:00+00:00``, as those of pendulum 2 did.

    Templates such as ``{date}`` in targets and names of runs depend on that; since pendulum 3 there is a space in it.
    """

    def __str__(self) -> str:
        return self.isoformat()

    def __reduce_ex__(self, protocol: Any) -> Any:
        # pendulum forgets the fold, and with it which of the two hours of an autumn night this is.
        fields = (self.year, self.month, self.day, self.hour, self.minute, self.second, self.microsecond)
        return _restored, (fields, self.tzinfo, self.fold)


def _restored(fields: tuple[int, ...], zone: Any, fold: int) -> DateTime:
    return DateTime(*fields, tzinfo=zone, fold=fold)  # type: ignore[misc, arg-type]
