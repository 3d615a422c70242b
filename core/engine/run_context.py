"""What ``prefect.context`` says during a flow run.

Source: core.md §8.2.2 and §12.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect.context import Lazy
from prefect.context import context as prefect_context
from prefect.engine.state import now_utc
from prefect.engine.state_base import as_pendulum
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from prefect.flow import Flow

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


def run_layer(flow: Flow, parameters: dict[str, Any] | None) -> dict[str, Any]:
    """Return the layer of context values that a run of ``flow`` puts in front of the current context.

    Args:
        flow: The flow.
        parameters: Values passed explicitly; they win over those in the context and over defaults.
    """
    values = dict(prefect_context.get("parameters") or {})
    for parameter in flow.parameters():
        if not parameter.required:
            values.setdefault(parameter.name, parameter.default)
    values.update(parameters or {})
    return {
        "parameters": values,
        "flow_name": flow.name,
        "checkpointing": is_checkpointing(),
        **({} if "scheduled_start_time" in prefect_context else {"scheduled_start_time": Lazy(_now)}),
        **_dates(),
    }


def is_checkpointing() -> bool:
    """Return whether values of tasks are stored: as the context says, else config ``flows.checkpointing``."""
    return bool(prefect_context.get("checkpointing", prefect_context.config.flows.checkpointing))


def _now() -> Any:
    return as_pendulum(now_utc())


def _dates() -> dict[str, Any]:
    """Return the date keys that nobody has set; ``date`` is made when a task asks for it, which loads pendulum."""
    dates: dict[str, Any] = {}
    base = now_utc()
    if "date" in prefect_context:
        given = prefect_context.get("date")
        parsed = _as_datetime(given)
        if parsed is None and given is not None:
            get_logger("FlowRunner").warning(
                "`date` was set in the context manually but could not be parsed into a pendulum `DateTime` object."
                " Additional context variables that rely on the current date i.e `today` and `tomorrow` will be based"
                " on the current time instead of the `date` context variable."
            )
        dates["date"] = given if parsed is None else parsed
        base = parsed or base
    else:
        dates["date"] = Lazy(_now)
    for name, days in _DAYS.items():
        day = base + timedelta(days=days)
        for key, form in ((name, "%Y-%m-%d"), (f"{name}_nodash", "%Y%m%d")):
            if key not in prefect_context:
                dates[key] = day.strftime(form)
    return dates


def _as_datetime(given: Any) -> Any:
    """Return a pendulum datetime for text or a pendulum datetime, None for anything else."""
    import pendulum

    if isinstance(given, str):
        try:
            given = pendulum.parse(given)
        except ValueError:
            return None
    return as_pendulum(given) if isinstance(given, pendulum.DateTime) else None
