"""States of task runs that later runs may take over instead of running.

Source: backend.md §14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.orchestration.times import utc_text
from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import member

if TYPE_CHECKING:
    from datetime import datetime

    from prefect.orchestration.task_runs import RunFacts
    from prefect.storage.state.store import Store

#: States that are offered at most.
_MOST = 100


def remember(store: Store, facts: RunFacts, task_run: dict[str, Any]) -> None:
    """Take note of a task run in a ``Cached`` state, under its cache key or else its task."""
    key = task_run["cache_key"] or member(facts.flow_id, facts.numbers[task_run["task"]])
    store.cached.append(key, {"at": task_run["state_timestamp"], "run": facts.id, "task_run": task_run["id"]})


def cached_states(
    store: Store, task_id: str, cache_key: str | None, created_after: datetime | str
) -> list[dict[str, Any]]:
    """Return the ``Cached`` states since a time, the newest first, at most 100.

    Args:
        store: Where they are kept.
        task_id: Of the task in this version of its flow; it counts where there is no cache key.
        cache_key: Shared by tasks of any flows.
        created_after: The oldest time of a state.
    """
    since = utc_text(created_after)
    found: dict[str, dict[str, Any]] = {}
    for entry in store.cached.newest(cache_key or task_id, _MOST):
        if entry["at"] < since:
            break
        task_run = _task_run(store, entry["task_run"])
        # A run that was set to another state since has nothing to offer.
        if task_run is not None and task_run["state"]["type"] == "Cached":
            found.setdefault(task_run["id"], task_run["state"])
    return list(found.values())


def _task_run(store: Store, id: str) -> dict[str, Any] | None:
    try:
        return store.members.get(id)
    except NotFound:
        return None
