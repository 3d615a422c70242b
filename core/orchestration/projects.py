"""Projects: what flows are registered in.

Source: backend.md §2.3 and §3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.naming import checked_name
from prefect.orchestration.tenants import default_tenant
from prefect.storage.state.errors import Conflict, NotFound

if TYPE_CHECKING:
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store


def create_project(store: Store, name: str, description: str | None = None, *, tenant_id: str | None = None) -> str:
    """Create a project and return its id.

    Args:
        store: The store.
        name: Its name, which no other project has.
        description: What it is for.
        tenant_id: Its tenant; by default the first one.

    Raises:
        ClientError: The name is empty, or taken ("Uniqueness violation").
    """
    checked_name(name, "A project")
    tenant = tenant_id or default_tenant(store)["id"]
    try:
        created = store.documents("projects").create(name, {"description": description, "tenant_id": tenant})
    except Conflict:
        raise _taken(name) from None
    return str(created["id"])


def project_named(store: Store, name: str) -> Record | None:
    """Return the project of a name; None if there is none."""
    return store.documents("projects").named(name)


def get_project(store: Store, id: str) -> Record:
    """Return a project.

    Raises:
        ObjectNotFoundError: There is none of that id.
    """
    try:
        return store.documents("projects").get(id)
    except NotFound:
        raise ObjectNotFoundError(
            f"There is no project with the id {id!r}. List the projects with 'prefect get projects'."
        ) from None


def projects(store: Store) -> list[Record]:
    """Return all projects by name."""
    return store.documents("projects").all()


def rename_project(store: Store, id: str, name: str) -> str:
    """Give a project another name and return its id; its flows stay in it.

    Raises:
        ClientError: The name is empty, or taken ("Uniqueness violation").
        ObjectNotFoundError: There is no such project ("Update failed").
    """
    checked_name(name, "A project")
    try:
        store.documents("projects").update(id, {}, name=name)
    except Conflict:
        raise _taken(name) from None
    except NotFound:
        raise _update_failed(id) from None
    return id


def describe_project(store: Store, id: str, description: str | None) -> str:
    """Set what a project is for, and return its id.

    Raises:
        ObjectNotFoundError: There is no such project ("Update failed").
    """
    try:
        store.documents("projects").update(id, {"description": description})
    except NotFound:
        raise _update_failed(id) from None
    return id


def delete_project(store: Store, id: str) -> bool:
    """Delete a project with its flows and their runs; what was set for their groups stays.

    Returns:
        Whether there was one.
    """
    from prefect.orchestration.registration import delete_flow

    def delete_flows() -> None:
        for flow_id in store.flows.ids_in_project(id):
            delete_flow(store, flow_id)

    delete_flows()
    # Under the lock nobody registers a flow, so none is left without a project.
    with store.documents("groups").locked():
        delete_flows()
        return store.documents("projects").delete(id)


def _taken(name: str) -> ClientError:
    return ClientError(
        f"Uniqueness violation: a project named {name!r} exists already. Use that one, or choose another name."
    )


def _update_failed(id: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(
        f"Update failed: there is no project with the id {id!r}. List the projects with 'prefect get projects'."
    )
