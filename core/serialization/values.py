"""What all documents are made of: JSON values and moments."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from prefect.exceptions import PrefectException

#: A JSON object.
Document = dict[str, Any]


class ValidationError(PrefectException, ValueError):
    """An object cannot be written as a document, or a document does not describe an object."""


def json_value(value: Any, what: str) -> Any:
    """Return ``value`` as JSON gives it back: tuples as lists, keys as text.

    Args:
        value: The value.
        what: Names the value in the error.

    Raises:
        ValidationError: JSON cannot hold the value.
    """
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValidationError(
            f"{what} cannot be written as JSON: {value!r} ({error})."
            " Use text, numbers, true, false, None, lists and dictionaries of these only."
        ) from error


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment as ISO-8601 text with its offset."""
    return None if moment is None else moment.isoformat()


def moment(text: Any, what: str) -> datetime:
    """Return the moment that ISO-8601 text spells, in UTC unless it says otherwise.

    Raises:
        ValidationError: The text is not a moment.
    """
    found = naive_or_moment(text, what)
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)


def naive_or_moment(text: Any, what: str) -> datetime:
    """Return the moment that ISO-8601 text spells, without a timezone if the text has none.

    Raises:
        ValidationError: The text is not a moment.
    """
    try:
        return _parsed(text)
    except (TypeError, ValueError) as error:
        raise ValidationError(
            f"{what} is {text!r}, which is no moment. Write it like 2024-05-17T13:45:00+00:00."
        ) from error


def _parsed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        # Python 3.10 reads neither a "Z" nor five digits of a second, both of which servers write.
        import pendulum

        found = pendulum.parse(text)
        if not isinstance(found, datetime):
            raise
        return found


def field(document: Document, name: str, kind: type | tuple[type, ...], default: Any, what: str) -> Any:
    """Return an entry of a document, or ``default`` if it is missing.

    Args:
        document: The document.
        name: Name of the entry.
        kind: Type or types it may have.
        default: Value of a missing entry; an entry that is null counts as missing if this is None.
        what: Names the document in the error.

    Raises:
        ValidationError: The entry has another type.
    """
    value = document.get(name, default)
    if value is default:
        return value
    # True is an int to Python, and not to JSON.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise ValidationError(f"{what} has {value!r} as its {name!r}, which has another type in the 1.x JSON form.")
    return value


def texts(document: Document, name: str, what: str) -> list[str] | None:
    """Return an entry of a document that is a list of text, or None if it is missing.

    Raises:
        ValidationError: The entry has another type.
    """
    found: list[str] | None = field(document, name, list, None, what)
    if not all(isinstance(text, str) for text in found or ()):
        raise ValidationError(f"{what} has {found!r} as its {name!r}, which has to be a list of text.")
    return found


def as_document(value: Any, what: str) -> Document:
    """Return ``value`` if it is a JSON object.

    Raises:
        ValidationError: It is something else.
    """
    if not isinstance(value, dict):
        raise ValidationError(f"{what} is {value!r}, not a JSON object.")
    return value
