"""Logs of flow runs.

Source: backend.md §16.2, §20.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError
from prefect.orchestration.times import utc_text
from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import is_run_id, run_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from prefect.storage.state.store import Store

LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


def write_logs(store: Store, entries: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> None:
    """Append lines to the logs of flow runs, with one write for each run.

    Args:
        store: Where they are kept.
        entries: One or several objects with ``message`` and ``flow_run_id``, and perhaps ``task_run_id``, ``timestamp``
            (by default now), ``level`` (by default INFO), ``name`` of the logger, and ``info``. Those that make no
            sense, or are of a flow run that does not exist, are left out.
    """
    lines: dict[str, list[dict[str, Any]]] = {}
    given = entries if isinstance(entries, list) else [entries] if isinstance(entries, Mapping) else entries
    for entry in given:
        line = _line(store, entry)
        if line is not None:
            lines.setdefault(entry["flow_run_id"], []).append(line)
    for run_id, batch in lines.items():
        append_lines(store, run_id, batch)


def append_lines(store: Store, run_id: str, lines: Iterable[Mapping[str, Any]]) -> None:
    """Append lines to the log of a flow run, with one write; nothing happens if there is no such run.

    Args:
        store: Where it is kept.
        run_id: Of the flow run.
        lines: Each as it is kept: ``timestamp`` (UTC text), ``level``, ``name``, ``task_run_id``, ``message``.
    """
    try:
        store.logs.append(run_id, lines, create=False)
    except NotFound:
        if store.system.exists(store.layout.run(run_id)):
            store.logs.append(run_id, lines)


def _line(store: Store, entry: Mapping[str, Any]) -> dict[str, Any] | None:
    message, level = entry.get("message"), entry.get("level") or "INFO"
    flow_run_id, task_run_id = entry.get("flow_run_id"), entry.get("task_run_id")
    if not (isinstance(message, str) and level in LEVELS and is_run_id(flow_run_id)):
        return None
    try:
        if task_run_id is not None and run_of(task_run_id) != flow_run_id:
            return None
        timestamp = utc_text(entry.get("timestamp") or store.system.now())
    except (AttributeError, ClientError, ValueError):
        return None
    line = {
        "timestamp": timestamp,
        "level": level,
        "name": entry.get("name"),
        "task_run_id": task_run_id,
        "message": message,
    }
    if entry.get("info") is not None:
        line["info"] = entry["info"]
    return line


def get_logs(
    store: Store, flow_run_id: str, start: datetime | str | None = None, end: datetime | str | None = None
) -> list[dict[str, Any]]:
    """Return the lines of a flow run's log in the order of their times.

    Args:
        store: Where they are kept.
        flow_run_id: Of the flow run.
        start: Only those after this time.
        end: Only those up to this time.
    """
    after = "" if start is None else utc_text(start)
    until = "~" if end is None else utc_text(end)
    found = [line for line in store.logs.read(flow_run_id) if after < line["timestamp"] <= until]
    return sorted(found, key=_timestamp)


def _timestamp(line: dict[str, Any]) -> str:
    return str(line["timestamp"])
