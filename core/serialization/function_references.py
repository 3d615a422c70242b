"""Functions by name: ``{"fn": "<qualified name>", "kwargs": {...}}``.

A function made by a factory is written as that factory and its arguments, so that it can be made again. Only the
functions listed here are ever looked up for a document; nothing is imported because a document says so.

Source: core.md §20.2 and §20.3.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from prefect.serialization.values import Document, ValidationError, as_document, field
from prefect.utilities.serialization import to_qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Name → whether the name is that of a factory, which is called with the arguments of the reference.
TRIGGERS = {
    "prefect.triggers.all_failed": False,
    "prefect.triggers.all_finished": False,
    "prefect.triggers.all_successful": False,
    "prefect.triggers.always_run": False,
    "prefect.triggers.any_failed": False,
    "prefect.triggers.any_successful": False,
    "prefect.triggers.manual_only": False,
    "prefect.triggers.not_all_skipped": False,
    "prefect.triggers.some_failed": True,
    "prefect.triggers.some_successful": True,
}
#: Likewise.
CACHE_VALIDATORS = {
    "prefect.engine.cache_validators.all_inputs": False,
    "prefect.engine.cache_validators.all_parameters": False,
    "prefect.engine.cache_validators.duration_only": False,
    "prefect.engine.cache_validators.never_use": False,
    "prefect.engine.cache_validators.partial_inputs_only": True,
    "prefect.engine.cache_validators.partial_parameters_only": True,
}
#: Likewise.
FILTERS = {
    "prefect.schedules.filters.at_time": True,
    "prefect.schedules.filters.between_dates": True,
    "prefect.schedules.filters.between_datetimes": True,
    "prefect.schedules.filters.between_times": True,
    "prefect.schedules.filters.is_day_of_week": True,
    "prefect.schedules.filters.is_month_end": False,
    "prefect.schedules.filters.is_month_start": False,
    "prefect.schedules.filters.is_weekday": False,
    "prefect.schedules.filters.is_weekend": False,
    "prefect.schedules.filters.on_date": True,
    "prefect.schedules.filters.on_datetime": True,
}
#: Likewise.
ADJUSTMENTS = {
    "prefect.schedules.adjustments.add": True,
    "prefect.schedules.adjustments.next_weekday": False,
}


def reference(function: Callable[..., Any], describe: Callable[[Any], Any] | None = None) -> Document:
    """Return the reference to a function.

    A function with an attribute ``factory``, a pair of qualified name and arguments, is referred to by those.

    Args:
        function: The function.
        describe: Returns an argument as JSON; by default one that JSON cannot hold is described by its type, since the
            function is not made again from it.
    """
    describe = describe or _describe
    made_by = getattr(function, "factory", None)
    if made_by is not None:
        name, values = made_by
    elif isinstance(function, partial):
        name, values = reference(function.func)["fn"], function.keywords
    else:
        name, values = _qualified_name(function), _closure(function)
    return {"fn": name, "kwargs": {key: describe(value) for key, value in values.items()}}


def resolve(
    document: Any, known: Mapping[str, bool], what: str, read: Callable[[Any], Any] = lambda value: value
) -> Any:
    """Return the function that a reference names, or None if it is none of the known ones.

    Args:
        document: The reference, or None.
        known: One of the tables above.
        what: Names the reference in the error.
        read: Returns an argument that JSON describes.

    Raises:
        ValidationError: It is no reference, or a factory does not take its arguments.
    """
    if document is None:
        return None
    name: str = field(as_document(document, what), "fn", str, "", what)
    if name not in known:
        return None
    from importlib import import_module

    module, _, attribute = name.rpartition(".")
    function = getattr(import_module(module), attribute)
    if not known[name]:
        return function
    try:
        return function(**{key: read(value) for key, value in (document.get("kwargs") or {}).items()})
    except (AttributeError, TypeError, ValueError) as error:
        raise ValidationError(f"{what} cannot be made again: {error}.") from error


def _qualified_name(function: Callable[..., Any]) -> str:
    if not hasattr(function, "__qualname__"):  # an instance with __call__
        return to_qualified_name(type(function))
    return f"{function.__module__}.{function.__qualname__}"


def _closure(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the values a nested function sees of the functions around it."""
    function = getattr(function, "__func__", function)
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = getattr(function, "__closure__", None) or ()
    # A cell is empty while the function around has not yet assigned the name.
    return {name: cell.cell_contents for name, cell in zip(names, cells) if _is_filled(cell)}


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - reading it is the test
    except ValueError:
        return False
    return True


def _describe(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        value = sorted(value, key=repr)
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return f"<{to_qualified_name(type(value))}>"
