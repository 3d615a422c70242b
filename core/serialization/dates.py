"""Local times with their timezones: ``{"dt": "<naive ISO>", "tz": "<zone name>"}``.

Source: core.md §20.5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prefect.engine.moment import DateTime
from prefect.serialization.values import Document, ValidationError, as_document, field, naive_or_moment

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


_OFFSET = re.compile(r"[+-]\d\d:\d\d")


def serialize_date(date: datetime) -> Document:
    """Return a moment as a document; one without a timezone is in UTC, one that is skipped in spring is moved on."""
    from prefect.schedules.local_time import existing

    local = DateTime.instance(existing(date))
    return {"dt": local.replace(tzinfo=None).isoformat(), "tz": local.timezone_name}


def deserialize_date(document: Any, what: str) -> DateTime:
    """Return the described moment; without a timezone it is in UTC.

    Of a local time that occurs twice it is the second one, as for those that pendulum makes.

    Args:
        document: The document.
        what: Names what the moment belongs to in the error.

    Raises:
        ValidationError: The document does not describe a moment, or nobody knows its timezone.
    """
    what = f"A date of {what}"
    found = naive_or_moment(as_document(document, what).get("dt"), what)
    if found.tzinfo is None:
        found = found.replace(tzinfo=deserialize_zone(field(document, "tz", str, None, what), what), fold=1)
    return DateTime.instance(found)


def zone_name(date: datetime) -> str | None:
    """Return the name of a date's timezone, or None when its offset says all there is to say."""
    if date.tzinfo is None:
        return None
    name = DateTime.instance(date).timezone_name
    return None if name in (None, "UTC") or _OFFSET.fullmatch(name) else name


def deserialize_zone(name: str | None, what: str) -> tzinfo:
    """Return the timezone of a name or offset, by default UTC.

    Raises:
        ValidationError: Nobody knows it.
    """
    from datetime import datetime
    from zoneinfo import ZoneInfoNotFoundError

    import pendulum

    try:
        if name and _OFFSET.fullmatch(name):
            offset = datetime.strptime(name, "%z").tzinfo
            assert offset is not None
            return offset
        return pendulum.timezone(name or "UTC")
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ValidationError(f"{what} has the timezone {name!r}, which is unknown on this machine.") from error
