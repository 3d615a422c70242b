"""Runs that wait in the queue: finding those of a flow, and taking them back.

Source: backend.md §4.4, §13.2 and §13.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.storage.state.errors import Conflict, NotFound

if TYPE_CHECKING:
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Later than any time.
NEVER = "9999-12-31T23:59:59.999999+00:00"


def waiting_runs(store: Store, flow_group_id: str) -> list[Record]:
    """Return the runs of a flow group that are scheduled and that nobody has picked up.

    The cost depends on what waits and on the number of the group's runs, of which only those that wait are read.
    """
    queued = {entry.run_id for entry in store.runs.due(None, NEVER)}
    ids = (id for id in store.runs.ids_of_group(flow_group_id) if id in queued)
    return [run for run in store.runs.each(ids) if is_waiting(run)]


def is_waiting(run: Record) -> bool:
    """Return whether a run is scheduled and nobody has picked it up."""
    return run["due"] is not None and not run["live"] and run["state"]["type"] == "Scheduled"


def delete_waiting_run(store: Store, run_id: str) -> None:
    """Delete a run unless somebody has picked it up."""
    try:
        store.runs.delete(run_id, check=is_waiting)
    except (Conflict, NotFound):
        return


def delete_run(store: Store, run_id: str) -> None:
    """Delete a run in whatever state it is; nothing happens if it is gone."""
    try:
        store.runs.delete(run_id)
    except NotFound:
        return
