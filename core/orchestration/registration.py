"""Registering flows, archiving and deleting them.

Source: backend.md §4; store.md §6.7; DESIGN decisions 11 and 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration import scheduler
from prefect.orchestration.flow_groups import DEFAULT_SETTINGS, group_named
from prefect.orchestration.flows import newest_versions, unarchived
from prefect.orchestration.naming import checked_name
from prefect.orchestration.waiting import delete_run, delete_waiting_run, is_waiting, waiting_runs
from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.layout import new_flow_id, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store


def register_flow(
    store: Store,
    serialized_flow: dict[str, Any],
    project_id: str,
    *,
    version_group_id: str | None = None,
    set_schedule_active: bool = True,
    description: str | None = None,
    idempotency_key: str | None = None,
    force: bool = False,
    source: Mapping[str, Any] | None = None,
) -> tuple[str, bool]:
    """Register the next version of a flow and archive the ones before.

    Args:
        store: The store.
        serialized_flow: The flow in its JSON form (core.md §20.1).
        project_id: Project to register it in.
        version_group_id: Text that names the series of versions; by default that of the flow of the same name in the
            project that was registered last, else a new one.
        set_schedule_active: Let the schedule, if there is one, make runs.
        description: What the flow is for.
        idempotency_key: Register nothing if the version that is not archived was registered with the same key.
        force: Register a version all the same; the key is kept for the next time.
        source: Where the code came from, such as path and hash. It is kept as it is.

    Returns:
        Id of the version, and whether it is new.

    Raises:
        ClientError: The project does not exist ("Invalid project"), or the flow has no name.
        StoreError: The store refused. What is missing is made up for by registering again.

    Source:
        backend.md §4.2.
    """
    name = checked_name(serialized_flow.get("name"), "A flow")
    with store.documents("groups").locked():
        tenant_id = _project(store, project_id)["tenant_id"]
        group_name = version_group_id or _version_group_of(store, project_id, name) or new_id()
        group = group_named(store, group_name) or _new_group(store, group_name, tenant_id)
        unarchived_ids = store.flows.unarchived_ids(group["id"])
        flow = unarchived(store, group["id"])
        is_new = force or not (idempotency_key and flow and flow["idempotency_key"] == idempotency_key)
        if flow is None or is_new:
            flow = store.flows.create(
                {
                    "id": new_flow_id(),
                    "project_id": project_id,
                    "flow_group_id": group["id"],
                    "version_group_id": group_name,
                    "version": _next_version(store, group["id"]),
                    "description": description,
                    "idempotency_key": idempotency_key,
                    "source": None if source is None else dict(source),
                    "archived": False,
                    "is_schedule_active": set_schedule_active and scheduler.is_schedulable(serialized_flow, group),
                    **_described(serialized_flow),
                }
            )
        # Also those that a registration left which died here.
        for id in unarchived_ids:
            if id != flow["id"]:
                archive_flow(store, id)
    if is_new:
        scheduler.try_to_schedule(store, flow)
    return flow["id"], is_new


def _project(store: Store, id: str | None) -> Record:
    if not id:
        raise ClientError("Invalid project ID: a flow is registered in a project, and none was given. Name one.")
    try:
        return store.documents("projects").get(id)
    except NotFound:
        raise ObjectNotFoundError(
            f"Invalid project. There is none with the id {id!r}; 'prefect get projects' lists what there is."
        ) from None


def _version_group_of(store: Store, project_id: str, name: str) -> str | None:
    known = newest_versions(store, project_id, name)
    newest = max(known, key=lambda flow: str(flow["created"]), default=None)
    return None if newest is None else newest["version_group_id"]


def _new_group(store: Store, name: str, tenant_id: str) -> Record:
    fields = {
        "tenant_id": tenant_id,
        "description": None,
        "labels": None,
        "run_config": None,
        "schedule": None,
        "default_parameters": {},
        "settings": dict(DEFAULT_SETTINGS),
    }
    return store.documents("groups").create(name, fields)


def _next_version(store: Store, group_id: str) -> int:
    for number, id in store.flows.versions_of_group(group_id):
        # A registration that died may have left a marker without its version.
        if any(store.flows.each([id])):
            return number + 1
    return 1


def _described(serialized_flow: dict[str, Any]) -> Record:
    copied = ("name", "run_config", "storage", "schedule")
    return {
        "serialized_flow": serialized_flow,
        "core_version": serialized_flow.get("__version__"),
        "parameters": serialized_flow.get("parameters") or [],
        **{key: serialized_flow.get(key) for key in copied},
    }


# ---- archiving, moving, deleting -------------------------------------------------------------------------------------


def archive_flow(store: Store, flow_id: str) -> bool:
    """Archive a version: it gets no more runs, those that wait are taken back, and those that run go on.

    Runs that the schedule made are deleted, the others cancelled.

    Returns:
        Whether there is such a flow.

    Source:
        backend.md §4.4.
    """
    with store.documents("groups").locked():
        try:
            flow = store.flows.update(flow_id, {"archived": True})
        except NotFound:
            return False
        for run in waiting_runs(store, flow["flow_group_id"]):
            if run["flow_id"] == flow_id:
                _take_back(store, run)
    return True


def _take_back(store: Store, run: Record) -> None:
    from prefect.orchestration.states import set_flow_run_state

    if run["auto_scheduled"]:
        delete_waiting_run(store, run["id"])
        return
    message = f"Flow {run['flow_id']} was archived."
    try:
        set_flow_run_state(store, run["id"], {"type": "Cancelled", "message": message}, check=is_waiting)
    except (ClientError, Conflict):
        return  # picked up or deleted meanwhile


def update_flow_project(store: Store, flow_id: str, project_id: str) -> str:
    """Move one version of a flow to another project and return the flow's id.

    Raises:
        ObjectNotFoundError: Flow or project do not exist ("Invalid flow or project ID").
    """
    # Under the lock nobody deletes the project meanwhile.
    with store.documents("groups").locked():
        try:
            store.documents("projects").get(project_id)
            return str(store.flows.update(flow_id, {"project_id": project_id})["id"])
        except NotFound as error:
            raise ObjectNotFoundError(f"Invalid flow or project ID. {error}") from None


def delete_flow(store: Store, flow_id: str) -> bool:
    """Delete a version of a flow with its runs; the group stays.

    Returns:
        Whether there was one.
    """
    try:
        # Archived first, so that it gets no new runs.
        flow = store.flows.update(flow_id, {"archived": True})
    except NotFound:
        return False
    for run in store.runs.of_group(flow["flow_group_id"]):
        if run["flow_id"] == flow_id:
            delete_run(store, run["id"])
    return store.flows.delete(flow_id)


def delete_flow_group(store: Store, flow_group_id: str) -> bool:
    """Delete a flow group with all its versions and their runs.

    Returns:
        Whether there was one.
    """

    def delete_flows() -> None:
        for _, flow_id in store.flows.versions_of_group(flow_group_id):
            delete_flow(store, flow_id)

    delete_flows()
    # Under the lock nobody registers a version, so none is left without a group.
    with store.documents("groups").locked():
        delete_flows()
        return store.documents("groups").delete(flow_group_id)
