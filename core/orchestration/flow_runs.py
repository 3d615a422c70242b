"""Flow runs: created, found, listed, changed in what is not their state, deleted.

Source: backend.md §6; cli.md §3.8, §11.3.
"""

from __future__ import annotations

from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration import state_rules
from prefect.orchestration.flow_groups import get_group, group_named
from prefect.orchestration.flows import newest_versions, unarchived
from prefect.orchestration.known_flows import known_flow
from prefect.orchestration.naming import checked_labels, checked_name
from prefect.orchestration.projects import project_named, projects
from prefect.orchestration.run_names import random_name
from prefect.orchestration.run_settings import (
    checked_values,
    effective_parameters,
    effective_run_config,
    run_labels,
)
from prefect.orchestration.times import utc_text
from prefect.orchestration.waiting import delete_waiting_run
from prefect.storage.state.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from prefect.storage.state.store import Store

    Record = dict[str, Any]

#: Of so many of the newest runs that have begun, those that began last are found; a scan of all would take for ever.
STARTED_WINDOW = 1000


def create_flow_run(
    store: Store,
    *,
    flow_id: str | None = None,
    flow_group_id: str | None = None,
    version_group_id: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    labels: Iterable[str] | None = None,
    run_config: Mapping[str, Any] | None = None,
    scheduled_start_time: datetime | str | None = None,
    idempotency_key: str | None = None,
    name: str | None = None,
    auto_scheduled: bool = False,
    allow_unknown_parameters: bool = False,
    process: Mapping[str, Any] | None = None,
) -> tuple[Record, bool]:
    """Create a flow run in a ``Scheduled`` state, with all its task runs, in one atomic step.

    Args:
        store: Where it is kept.
        flow_id: The version to run; it wins over the groups.
        flow_group_id: Run the highest version of this group that is not archived; wins over the version group.
        version_group_id: The same, by the name of the group.
        parameters: Values of parameters.
        context: For the context of the run.
        labels: None for those of the run config or the flow; an empty list is a value.
        run_config: Instead of that of the flow or its group.
        scheduled_start_time: When to run it; by default now. A past time means now, a time without a zone is UTC.
        idempotency_key: A second call with the same key and version finds the first one's run and changes nothing.
        name: By default two random words.
        auto_scheduled: The scheduler creates it.
        allow_unknown_parameters: Keep values of parameters that the flow does not have, as 1.x does.
        process: Identity of the process that is going to execute the run itself: the run has failed if that process ends
            before it has begun. The labels are to keep agents away.

    Returns:
        The run, and whether it is new.

    Raises:
        ClientError: No flow is given, it is archived, a parameter is missing or unknown, a value holds NaN or Infinity, or
            name, labels or parameters are of the wrong kind.
        ObjectNotFoundError: There is no such flow.
        StoreIO: The system refused; no run was created.
    """
    flow = _flow_to_run(store, flow_id, flow_group_id, version_group_id)
    group = get_group(store, flow["flow_group_id"])
    now = store.system.now()
    start = now if scheduled_start_time is None else utc_text(scheduled_start_time)
    state = {"type": "Scheduled", "message": "Flow run scheduled.", "start_time": start}
    run, is_new = store.runs.create(
        {
            "name": random_name() if name in (None, "") else checked_name(name, "A flow run"),
            "flow_id": flow["id"],
            "flow_group_id": flow["flow_group_id"],
            "parameters": effective_parameters(flow, group, parameters or {}, allow_unknown_parameters),
            "context": checked_values("context value", context or {}),
            "run_config": effective_run_config(flow, group, run_config),
            "idempotency_key": idempotency_key,
            "scheduled_start_time": start,
            "auto_scheduled": auto_scheduled,
            "labels": run_labels(flow, group, labels, run_config),
            "due": start,
            "live": process is not None,
            "version": 1,
            "agent_id": None,
            "state": state,
            "state_timestamp": now,
            "start_time": None,
            "end_time": None,
            "times_resurrected": 0,
            "process": None if process is None else dict(process),
        }
    )
    if is_new:
        _check_that_the_flow_stayed(store, run)
        store.feed.append(state_rules.feed_line(run))
    return run, is_new


def _check_that_the_flow_stayed(store: Store, run: Record) -> None:
    """Delete a run that was just created if its flow was archived or deleted meanwhile, unless somebody picked it up.

    Who archives a flow takes back the runs that are there; this one may have come a moment later.

    Raises:
        ClientError: The flow was archived.
        ObjectNotFoundError: It was deleted.
    """
    try:
        _flow_to_run(store, run["flow_id"], None, None)
    except ClientError:
        delete_waiting_run(store, run["id"])
        if not store.system.exists(store.layout.run(run["id"])):
            raise


def _flow_to_run(store: Store, flow_id: str | None, flow_group_id: str | None, version_group_id: str | None) -> Record:
    if flow_id is not None:
        try:
            flow = known_flow(store, flow_id)
        except NotFound as error:
            raise ObjectNotFoundError(f"Flow {flow_id} not found. List the flows with 'prefect get flows'.") from error
        if flow["archived"]:
            raise ClientError(f"Flow {flow_id} is archived. Register it again, or name another version.")
        return flow
    if flow_group_id is not None:
        found = unarchived(store, get_group(store, flow_group_id)["id"])
        what = f"Flow group {flow_group_id}"
    elif version_group_id is not None:
        group = group_named(store, version_group_id)
        found = None if group is None else unarchived(store, group["id"])
        what = f"Version group {version_group_id}"
    else:
        raise ClientError("A flow id or version group ID must be provided. Name the flow to run.")
    if found is None:
        raise ObjectNotFoundError(f"{what} has no unarchived flows. Register the flow again.")
    return found


def get_flow_run(store: Store, id: str) -> Record:
    """Return a flow run.

    Raises:
        ObjectNotFoundError: There is none.
    """
    try:
        return store.runs.get(id)
    except NotFound as error:
        raise _not_found(id) from error


def rename(store: Store, id: str, name: str) -> None:
    """Give a flow run another name.

    Raises:
        ClientError: The name is empty.
        ObjectNotFoundError: There is no such run.
    """
    if name == "" or not isinstance(name, str):
        raise ClientError("Invalid name: a flow run's name is a text that is not empty. Choose one.")
    _update(store, id, {"name": name})


def set_labels(store: Store, id: str, labels: Collection[str]) -> None:
    """Set the labels of a flow run; they count for a run that no agent has taken yet.

    Raises:
        ClientError: They are no list of texts.
        ObjectNotFoundError: There is no such run.
    """
    _update(store, id, {"labels": checked_labels(labels)})


def delete(store: Store, id: str) -> bool:
    """Delete a flow run with its task runs and log, in whatever state; return whether there was one of that id.

    A process that executes it is not told.
    """
    try:
        store.runs.delete(id)
    except NotFound:
        return False
    return True


def list_flow_runs(
    store: Store,
    *,
    flow_name: str | None = None,
    project: str | None = None,
    started: bool = False,
    state: str | None = None,
    limit: int | None = None,
) -> Iterator[Record]:
    """Yield flow runs, those first that were created last; nothing is read that is not taken.

    Args:
        store: Where they are kept.
        flow_name: Only of flows of this name.
        project: Only of flows in the project of this name.
        started: Only those that have begun, those first that began last.
        state: Only those in a state of this type, such as ``Failed``.
        limit: How many at most.
    """
    found = _runs_of(store, flow_name, project)
    if state is not None:
        found = (run for run in found if run["state"]["type"] == state)
    if started:
        begun = islice((run for run in found if run["start_time"] is not None), STARTED_WINDOW)
        found = iter(sorted(begun, key=lambda run: str(run["start_time"]), reverse=True))
    return islice(found, limit)


def _runs_of(store: Store, flow_name: str | None, project: str | None) -> Iterator[Record]:
    if flow_name is None and project is None:
        return store.runs.newest()
    chosen = projects(store) if project is None else filter(None, [project_named(store, project)])
    wanted: set[str] = set()
    groups: dict[str, None] = {}
    for one in chosen:
        for name in store.flows.names(one["id"]) if flow_name is None else [flow_name]:
            # A group may hold versions of several projects and names.
            wanted.update(id for _, id in store.flows.versions_named(one["id"], name))
            groups.update((flow["flow_group_id"], None) for flow in newest_versions(store, one["id"], name))
    runs = merge(*map(store.runs.of_group, groups), key=_id, reverse=True)
    return (run for run in runs if run["flow_id"] in wanted)


def _id(run: Record) -> str:
    return str(run["id"])


def _update(store: Store, id: str, change: Record) -> None:
    try:
        store.runs.update(id, change)
    except NotFound as error:
        raise _not_found(id) from error


def _not_found(id: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(f"Flow run {id} not found. List the runs with 'prefect get flow-runs'.")
