"""Times as the store keeps them: UTC text with microseconds, of fixed width, so that text order is time order.

Source: store.md §4; backend.md §2 and §6.6 (text without a zone is UTC).
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from prefect.exceptions import ClientError

_WIDTH = len("2024-05-17T13:45:00.041200+00:00")


def utc_text(time: datetime | str) -> str:
    """Return a time as the store keeps it.

    Args:
        time: A datetime or ISO 8601 text; without a zone it is UTC.

    Raises:
        ClientError: The text is no time.
    """
    if isinstance(time, str):
        text, time = time, _parsed(time)
        if len(text) == _WIDTH and text[10] == "T" and text.endswith("+00:00"):
            return text
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return time.astimezone(timezone.utc).isoformat(timespec="microseconds")


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        import pendulum

        try:
            found = pendulum.parse(text)
        except ValueError:
            found = None
    if not isinstance(found, datetime):
        raise ClientError(f"{text!r} is no time. Give one such as 2024-05-17T13:45:00+00:00.")
    return found


def later(time: str, seconds: float) -> str:
    """Return the time so many seconds after another."""
    return utc_text(datetime.fromisoformat(time) + timedelta(seconds=seconds))


def seconds_between(earlier: str, later: str) -> float:
    """Return how many seconds lie between two times."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
