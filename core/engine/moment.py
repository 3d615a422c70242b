"""Moments as flow files know them.

Source: core.md §1.1.
"""

from __future__ import annotations

import pendulum


class Moment(pendulum.DateTime):
    """A ``pendulum.DateTime`` that reads ``2026-01-01T00:00:00+00:00``, as those of pendulum 2 did.

    Templates such as ``{date}`` in targets and names of runs depend on that; since pendulum 3 there is a space in it.
    """

    def __str__(self) -> str:
        return self.isoformat()
