"""The work queue: what an agent may take, and taking it.

Source: backend.md §9.2, §11; cli.md §8.5; store.md §6.3, §6.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.orchestration import concurrency, state_rules
from prefect.orchestration.states import after_flow_run_change, submit_task_runs
from prefect.orchestration.times import later, utc_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from prefect.storage.state.store import Store

    Record = dict[str, Any]

#: Runs that one look at the queue returns.
PAGE = 25


def runs_in_queue(store: Store, labels: Collection[str], before: datetime | str | None = None) -> list[str]:
    """Return the ids of up to 25 runs that an agent with these labels may take, those first that were due first.

    Looking takes nothing out. Runs whose labels have no room under their limits are left out.

    Args:
        store: Where they are kept.
        labels: The agent's. A run fits if they include all of its own, and it has some unless the agent has none.
        before: The time up to which runs are due; by default now.
    """
    until = store.system.now() if before is None else utc_text(before)
    found: dict[str, None] = {}
    for run in store.runs.each(entry.run_id for entry in store.runs.due(labels, until)):
        if _is_due(run, labels, until) and _has_room(store, run):
            found[run["id"]] = None
        if len(found) == PAGE:
            break
    return list(found)


def _is_due(run: Record, labels: Collection[str], until: str) -> bool:
    # A marker in the queue is a hint, and where a run's labels are too long it does not even tell those.
    wanted, own = set(run["labels"]), set(labels)
    return run["due"] is not None and run["due"] <= until and wanted <= own and bool(wanted or not own)


def _has_room(store: Store, run: Record) -> bool:
    return run["state"]["type"] == "Running" or concurrency.full_label(store, run) is None


def claim(
    store: Store,
    agent_id: str | None,
    labels: Collection[str] | None,
    limit: int = 1,
    *,
    prefetch: float = 0,
    process: Mapping[str, Any] | None = None,
) -> list[Record]:
    """Take runs out of the queue for an agent and return them; of any number of agents exactly one gets a run.

    A run becomes ``Submitted``, in a state that wraps the one it had. One that is ``Running`` already, because its
    process went away to wait for a retry, stays that; the task runs whose time has come become ``Submitted``.
    Runs whose labels have no room under their limits stay in the queue.

    Args:
        store: Where they are kept.
        agent_id: Of the agent.
        labels: The agent's; None takes runs with any labels.
        limit: How many at most.
        prefetch: Take runs so many seconds before they are due; the agent then waits for their time.
        process: Identity of the agent's process if it runs on this machine: until the process that executes a run is
            known (:func:`prefect.orchestration.liveness.hand_over`), the end of this one tells that the run is lost.
    """
    now = store.system.now()
    until = later(now, prefetch) if prefetch else now

    def change(run: Record) -> Record:
        taken = {"agent_id": agent_id, "process": None if process is None else dict(process)}
        if run["state"]["type"] == "Running":
            # First the task runs: should this process die now, the run is still due, and taking it again does no harm.
            submit_task_runs(store, run["id"], until)
            return taken
        changes = state_rules.next_flow_run(run, state_rules.submitted(run["state"]), store.system.now())
        return {**changes, **taken}

    def check(run: Record) -> bool:
        return run["state"]["type"] == "Running" or concurrency.take_labels(store, run) is None

    taken = store.runs.claim(labels, change, limit=limit, at=until, check=check)
    for run in taken:
        after_flow_run_change(store, run)
    return taken
