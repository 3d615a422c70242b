"""Times as users get them."""

from __future__ import annotations

from typing import Any


def as_moment(text: str) -> Any:
    """Return the ``pendulum.DateTime``, in UTC, that a backend spells as ISO 8601 text."""
    from prefect.engine.state_base import as_pendulum
    from prefect.serialization.values import moment

    return as_pendulum(moment(text, "A time in a record of the backend"))
