"""Schedules as documents, and back.

Source: core.md §20.3 and §20.5.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from prefect._version import __version__
from prefect.serialization.dates import deserialize_date, serialize_date
from prefect.serialization.function_references import ADJUSTMENTS, FILTERS, reference, resolve
from prefect.serialization.values import (
    Document,
    ValidationError,
    as_document,
    field,
    json_value,
    moment,
    moment_text,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prefect.schedules import Schedule
    from prefect.schedules.clocks import Clock

#: Part of a schedule that is a list of functions → the functions it may hold.
_FUNCTIONS = {"filters": FILTERS, "or_filters": FILTERS, "not_filters": FILTERS, "adjustments": ADJUSTMENTS}

_MICROSECOND = timedelta(microseconds=1)


def serialize_schedule(schedule: Schedule) -> Document:
    """Return a schedule as a document.

    Raises:
        ValidationError: It is no schedule, or uses a clock, filter or adjustment that is not of ``prefect.schedules``; an
            interval is less than a minute; or JSON cannot hold a parameter default.

    Source:
        core.md §20.5.
    """
    from prefect.schedules import Schedule

    if not isinstance(schedule, Schedule):
        raise ValidationError(f"{schedule!r} is no schedule. Use CronSchedule, IntervalSchedule or Schedule.")
    functions = {
        part: [_reference(function, known, part) for function in getattr(schedule, part)]
        for part, known in _FUNCTIONS.items()
    }
    return {"clocks": [_serialize_clock(clock) for clock in schedule.clocks], **functions, "__version__": __version__}


def deserialize_schedule(document: Any) -> Schedule:
    """Return the described schedule.

    Raises:
        ValidationError: The document does not describe a schedule.

    Source:
        core.md §20.5.
    """
    from prefect.schedules import Schedule

    what = "The schedule"
    clocks = field(as_document(document, what), "clocks", list, [], what)
    functions = {
        part: [_function(entry, known, part) for entry in field(document, part, list, None, what) or ()]
        for part, known in _FUNCTIONS.items()
    }
    return Schedule(clocks=[_deserialize_clock(clock) for clock in clocks], **functions)


def _serialize_clock(clock: Clock) -> Document:
    kind = type(clock).__name__
    if kind not in _CLOCKS or type(clock).__module__ != "prefect.schedules.clocks":
        raise ValidationError(
            f"{kind!r} is no clock that can be written as a document. Use one of {', '.join(_CLOCKS)}."
        )
    dates = {name: getattr(clock, name) for name in ("start_date", "end_date")} if kind != "DatesClock" else {}
    return {
        "type": kind,
        **_CLOCKS[kind][0](clock),
        **{name: None if date is None else serialize_date(date) for name, date in dates.items()},
        "parameter_defaults": json_value(clock.parameter_defaults, f"`parameter_defaults` of {kind}"),
        "labels": None if clock.labels is None else list(clock.labels),
        "__version__": __version__,
    }


def _deserialize_clock(document: Any) -> Clock:
    from prefect.schedules import clocks

    kind: str = field(as_document(document, "A clock"), "type", str, "", "A clock")
    what = f"The clock {kind!r}"
    if kind not in _CLOCKS:
        raise ValidationError(f"{what} is of an unknown type. The known ones are {', '.join(_CLOCKS)}.")
    dates = {name: document.get(name) for name in ("start_date", "end_date")} if kind != "DatesClock" else {}
    make: Callable[..., Clock] = getattr(clocks, kind)
    try:
        return make(
            **_CLOCKS[kind][1](document, what),
            **{name: None if date is None else deserialize_date(date, what) for name, date in dates.items()},
            parameter_defaults=field(document, "parameter_defaults", dict, None, what),
            labels=texts(document, "labels", what),
        )
    except ValidationError:
        raise
    except (OverflowError, TypeError, ValueError) as error:
        raise ValidationError(f"{what} cannot be made from its document: {error}") from error


def _interval(clock: Any) -> Document:
    if clock.interval < timedelta(minutes=1):
        raise ValidationError(
            f"The interval {clock.interval} of an IntervalClock is less than a minute, which no backend accepts."
            " Make it a minute or more, or run the flow with `flow.run()`."
        )
    from prefect.schedules.clocks import length_of

    return {"interval": length_of(clock.interval) // _MICROSECOND}


def _read_interval(document: Document, what: str) -> dict[str, Any]:
    return {"interval": field(document, "interval", int, 0, what) * _MICROSECOND}


def _cron(clock: Any) -> Document:
    return {"cron": str(clock.cron), "day_or": bool(clock.day_or)}


def _read_cron(document: Document, what: str) -> dict[str, Any]:
    return {"cron": field(document, "cron", str, "", what), "day_or": field(document, "day_or", bool, None, what)}


def _dates(clock: Any) -> Document:
    return {"dates": [serialize_date(date) for date in clock.dates]}


def _read_dates(document: Document, what: str) -> dict[str, Any]:
    return {"dates": [deserialize_date(date, what) for date in field(document, "dates", list, [], what)]}


def _rule(clock: Any) -> Document:
    from prefect.serialization.rules import serialize_rule

    return {"rrule_obj": serialize_rule(clock.rrule_obj)}


def _read_rule(document: Document, what: str) -> dict[str, Any]:
    from prefect.serialization.rules import deserialize_rule

    return {"rrule_obj": deserialize_rule(document.get("rrule_obj"))}


#: Type of a clock → how its own entries are written, and how its own arguments are read from them.
_CLOCKS: dict[str, tuple[Callable[[Any], Document], Callable[[Document, str], dict[str, Any]]]] = {
    "CronClock": (_cron, _read_cron),
    "DatesClock": (_dates, _read_dates),
    "IntervalClock": (_interval, _read_interval),
    "RRuleClock": (_rule, _read_rule),
}


def _reference(function: Any, known: Mapping[str, bool], part: str) -> Document:
    name = reference(function)["fn"]
    if name not in known:
        raise ValidationError(
            f"The function {name} in `{part}` of a schedule cannot be written as a document: a backend knows those of"
            " prefect.schedules.filters and prefect.schedules.adjustments only. Use these."
        )
    return reference(function, lambda value: _argument(value, f"An argument of {name}"))


def _function(document: Any, known: Mapping[str, bool], part: str) -> Any:
    what = f"A function in {part!r} of the schedule"
    function = resolve(document, known, what, _read_argument)
    if function is None:
        raise ValidationError(f"{what} is {document!r}, which is none of prefect.schedules.")
    return function


def _argument(value: Any, what: str) -> Any:
    if isinstance(value, datetime):
        return f"//datetime:{moment_text(value)}"
    if isinstance(value, time):
        return f"//time:{value.isoformat()}"
    if isinstance(value, timedelta):
        return f"//timedelta:{value.total_seconds()}"
    return json_value(value, what)


def _read_argument(value: Any) -> Any:
    kind, colon, text = value.partition(":") if isinstance(value, str) else ("", "", "")
    if colon and kind == "//datetime":
        return moment(text, "A date")
    if colon and kind == "//time":
        return time.fromisoformat(text)
    if colon and kind == "//timedelta":
        return timedelta(seconds=float(text))
    return value
