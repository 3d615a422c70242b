"""Recurrence rules of ``dateutil`` as documents, and back.

Source: core.md §20.5.
"""

from __future__ import annotations

from typing import Any

from dateutil.rrule import rrule, rruleset, rrulestr

from prefect._version import __version__
from prefect.serialization.dates import deserialize_zone, zone_name
from prefect.serialization.values import Document, ValidationError, as_document, field, moment_text, naive_or_moment


def serialize_rule(rule: Any) -> Document:
    """Return a rule, or a set of rules, as a document.

    Each rule says the name of its timezone besides, if it has one; documents of 1.x do not.

    Raises:
        ValidationError: It is neither.
    """
    if isinstance(rule, rrule):
        return {"type": "rrule", **_serialize_single(rule)}
    if isinstance(rule, rruleset):
        return {
            "type": "rruleset",
            "_rrule": [_serialize_single(single) for single in rule._rrule],
            "_exrule": [_serialize_single(single) for single in rule._exrule],
            "_rdate": [moment_text(date) for date in rule._rdate],
            "_exdate": [moment_text(date) for date in rule._exdate],
            "__version__": __version__,
        }
    raise ValidationError(f"{type(rule).__name__!r} is neither an rrule nor an rruleset of dateutil. Use one of these.")


def deserialize_rule(document: Any) -> Any:
    """Return the described rule or set of rules.

    Raises:
        ValidationError: The document describes neither.
    """
    what = "The rule of a clock"
    kind = as_document(document, what).get("type")
    if kind == "rrule":
        return _single(document)
    if kind != "rruleset":
        raise ValidationError(f"{what} is of the unknown type {kind!r}. The known ones are rrule, rruleset.")
    found = rruleset()
    for add, name in ((found.rrule, "_rrule"), (found.exrule, "_exrule")):
        for entry in field(document, name, list, None, what) or ():
            add(_single(as_document(entry, what)))
    for add, name in ((found.rdate, "_rdate"), (found.exdate, "_exdate")):
        for text in field(document, name, list, None, what) or ():
            add(naive_or_moment(text, what))
    return found


def _serialize_single(rule: Any) -> Document:
    # The text has local times only, so their offset comes from the two moments.
    document = {
        "rr": str(rule),
        "_dtstart": moment_text(rule._dtstart),
        "_until": moment_text(rule._until),
        "__version__": __version__,
    }
    zone = zone_name(rule._dtstart)
    # The offset alone would move the times when clocks are set. 1.4.1 does not write the zone, and passes over it.
    return document if zone is None else {**document, "tz": zone}


def _single(document: Document) -> Any:
    what = "The rule of a clock"
    text: str = field(document, "rr", str, "", what)
    moments = {
        name.removeprefix("_"): naive_or_moment(document[name], what)
        for name in ("_dtstart", "_until")
        if document.get(name) is not None
    }
    zone = field(document, "tz", str, None, what)
    if zone is not None and "dtstart" in moments:
        moments["dtstart"] = moments["dtstart"].astimezone(deserialize_zone(zone, what))
    try:
        rule = rrulestr(text)
        return rule.replace(**moments)
    except (AttributeError, TypeError, ValueError) as error:
        raise ValidationError(f"{what} is {text!r}, which is no recurrence rule: {error}") from error
