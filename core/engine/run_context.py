"""What ``prefect.context`` says during a flow run.

Source: core.md §8.2.2 and §12.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect.context import Lazy
from prefect.context import context as prefect_context
from prefect.engine.state import now_utc
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.flow import Flow

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def run_layer(flow: Flow, parameters: dict[str, Any] | None, given: dict[str, Any]) -> dict[str, Any]:
    """Return the layer of context values that a run of ``flow`` puts in front of the current context.

    Args:
        flow: The flow.
        parameters: Values passed explicitly; they win over ``given["parameters"]`` and over defaults.
        given: Values passed as ``context``.
    """
    layer = dict(given)
    values = dict(layer.get("parameters") or prefect_context.get("parameters") or {})
    for parameter in flow.parameters():
        if not parameter.required:
            values.setdefault(parameter.name, parameter.default)
    values.update(parameters or {})
    layer["parameters"] = values
    layer["flow_name"] = flow.name
    layer.setdefault("flow_id", flow.name)
    if layer.get("scheduled_start_time") is None:
        layer["scheduled_start_time"] = prefect_context.get("scheduled_start_time") or Lazy(_now)
    _add_dates(layer)
    return layer


def _now() -> Any:
    import pendulum

    return pendulum.now("UTC")


def _add_dates(layer: dict[str, Any]) -> None:
    """Add the date keys; each one is made only if a task asks for it, so that pendulum is loaded only then."""
    base = now_utc()
    if "date" in layer or "date" in prefect_context:
        given = layer["date"] if "date" in layer else prefect_context["date"]
        parsed = _as_datetime(given)
        if parsed is None and given is not None:
            get_logger("FlowRunner").warning(
                "`date` was set in the context manually but could not be parsed into a pendulum `DateTime` object."
                " Additional context variables that rely on the current date i.e `today` and `tomorrow` will be based"
                " on the current time instead of the `date` context variable."
            )
        layer["date"] = given if parsed is None else parsed
        base = parsed or base
    else:
        layer["date"] = Lazy(_now)
    for name, days in _DAYS.items():
        day = base + timedelta(days=days)
        for key, form in ((name, "%Y-%m-%d"), (f"{name}_nodash", "%Y%m%d")):
            if key not in layer and key not in prefect_context:
                layer[key] = day.strftime(form)


def _as_datetime(given: Any) -> Any:
    """Return a pendulum datetime for text or a pendulum datetime, None for anything else."""
    import pendulum

    if isinstance(given, str):
        try:
            given = pendulum.parse(given)
        except ValueError:
            return None
    return given if isinstance(given, pendulum.DateTime) else None
