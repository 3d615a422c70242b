"""Finding registered flows.

Source: backend.md §2.1, §2.4, §4.2, §6.2 and §20.1; cli.md §3.4, §11.1 and §11.4.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from prefect.exceptions import AmbiguousNameError, ObjectNotFoundError
from prefect.orchestration.known_flows import known_flow
from prefect.orchestration.projects import project_named, projects
from prefect.storage.state.errors import NotFound, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store


def get_flow(store: Store, id: str) -> Record:
    """Return a registered version of a flow; values inside of it are shared and not to be changed.

    Raises:
        ObjectNotFoundError: There is none of that id ("Flow … not found").
    """
    try:
        return {**known_flow(store, id)}
    except NotFound:
        raise ObjectNotFoundError(f"Flow {id} not found. List the flows with 'prefect get flows'.") from None


def unarchived(store: Store, flow_group_id: str) -> Record | None:
    """Return the version of a group that runs are made of: the highest that is not archived; None if all are."""
    flows = store.flows.each(store.flows.unarchived_ids(flow_group_id))
    return max(flows, key=lambda flow: int(flow["version"]), default=None)


def newest_of_group(store: Store, flow_group_id: str) -> Record | None:
    """Return the unarchived version of a group, else its highest; None if it has no versions."""
    return unarchived(store, flow_group_id) or next(store.flows.of_group(flow_group_id), None)


def newest_versions(store: Store, project_id: str, name: str, *, archived: bool = True) -> Iterator[Record]:
    """Yield the highest version of each version group that has flows of a name in a project.

    There is one group unless somebody chose version group ids; the other versions of a group are not read.

    Args:
        store: The store.
        project_id: The project.
        name: Name of the flows.
        archived: Take archived versions too; otherwise a group's highest version that is not archived.
    """
    ids = [id for _, id in store.flows.versions_named(project_id, name)]
    while ids:
        newest = next(store.flows.each(ids), None)
        if newest is None:
            return
        if archived or not newest["archived"]:
            yield newest
        else:
            current = set(store.flows.unarchived_ids(newest["flow_group_id"]))
            yield from islice(store.flows.each(id for id in ids if id in current), 1)
        of_group = {id for _, id in store.flows.versions_of_group(newest["flow_group_id"])} | {newest["id"]}
        ids = [id for id in ids if id not in of_group]


def find_flow(
    store: Store,
    *,
    flow_id: str | None = None,
    flow_group_id: str | None = None,
    version_group_id: str | None = None,
    name: str | None = None,
    project: str | None = None,
    archived: bool = False,
    newest: bool = False,
) -> Record:
    """Return the one flow that a user means, by id or by name.

    Args:
        store: The store.
        flow_id: Id of a version, archived or not. With ``flow_group_id`` besides, whichever of the two exists is meant.
        flow_group_id: Id of a group; its unarchived version is meant, or the highest if all are archived.
        version_group_id: The text that names the group, likewise.
        name: Name of the flow.
        project: Name of its project; None for any.
        archived: Also look for archived versions by name.
        newest: Of several flows of the name take the one that was registered last.

    Raises:
        AmbiguousNameError: Several flows have the name ("Found multiple flows matching").
        ObjectNotFoundError: There is no such flow ("No results found", or "Failed to find flow id or flow group id").
        StoreError: A damaged file keeps it from being read.
    """
    ids = {"flow_id": flow_id, "flow_group_id": flow_group_id, "version_group_id": version_group_id}
    if any(id is not None for id in ids.values()):
        found = _by_id(store, flow_id, flow_group_id, version_group_id)
        if found is None:
            raise _id_not_found(store, {key: id for key, id in ids.items() if id is not None})
        return found
    wanted = {"name": name, **({} if project is None else {"project": project}), "archived": archived}
    matches = _by_name(store, name or "", project, archived)
    if not matches:
        _check_for_damage(store, name or "", project)
        raise _name_not_found(store, wanted)
    if len(matches) > 1 and not newest:
        raise _ambiguous(store, wanted, matches)
    return max(matches, key=lambda flow: str(flow["created"]))


def _by_id(store: Store, flow_id: str | None, flow_group_id: str | None, version_group_id: str | None) -> Record | None:
    if flow_id is not None:
        try:
            return store.flows.get(flow_id.lower())
        except NotFound:
            pass
    if flow_group_id is not None:
        return newest_of_group(store, flow_group_id.lower())
    group = None if version_group_id is None else store.documents("groups").named(version_group_id)
    return None if group is None else newest_of_group(store, group["id"])


def _by_name(store: Store, name: str, project: str | None, archived: bool) -> list[Record]:
    chosen = projects(store) if project is None else filter(None, [project_named(store, project)])
    return [flow for one in chosen for flow in newest_versions(store, one["id"], name, archived=archived)]


# ---- lists -----------------------------------------------------------------------------------------------------------


def list_flows(
    store: Store,
    *,
    name: str | None = None,
    version: int | None = None,
    project: str | None = None,
    limit: int | None = 10,
    all_versions: bool = False,
) -> list[Record]:
    """Return flows by name, the highest version of a name first, each with the ``project_name`` besides its fields.

    Args:
        store: The store.
        name: Only flows of this name.
        version: Only this version.
        project: Only flows of the project of this name.
        limit: How many at most; None for all.
        all_versions: All versions of a flow; otherwise one for each name in a project.
    """
    chosen = projects(store) if project is None else filter(None, [project_named(store, project)])
    places = [
        (known, one["name"], one["id"])
        for one in chosen
        for known in (store.flows.names(one["id"]) if name is None else [name])
    ]
    rows: list[Record] = []
    for known, project_name, project_id in sorted(places):
        ids = [id for number, id in store.flows.versions_named(project_id, known) if version in (None, number)]
        for flow in store.flows.each(ids):
            if limit is not None and len(rows) >= limit:
                return rows
            rows.append({**flow, "project_name": project_name})
            if not all_versions:
                break
    return rows


def tasks_of(flow: Record) -> list[dict[str, Any]]:
    """Return the tasks of a flow with the fields of the API, in the order that numbers them.

    Args:
        flow: A record of a flow.
    """
    from prefect.storage.state.layout import member

    serialized = flow["serialized_flow"]
    edges = serialized.get("edges") or []
    upstream = {edge["upstream_task"]["slug"] for edge in edges}
    downstream = {edge["downstream_task"]["slug"] for edge in edges}
    mapped = {edge["downstream_task"]["slug"] for edge in edges if edge.get("mapped")}
    references = {task["slug"] for task in serialized.get("reference_tasks") or []}
    tasks = []
    for number, task in enumerate(serialized.get("tasks") or [], 1):
        slug = task["slug"]
        is_terminal = slug not in upstream
        kept = {key: task.get(key) for key in ("name", "type", "retry_delay", "trigger", "cache_key")}
        tasks.append(
            {
                **kept,
                "id": member(flow["id"], number),
                "flow_id": flow["id"],
                "created": flow["created"],
                "slug": slug,
                "description": task.get("description"),
                "tags": task.get("tags") or [],
                "max_retries": task.get("max_retries") or 0,
                "auto_generated": bool(task.get("auto_generated")),
                "mapped": slug in mapped,
                "is_reference_task": slug in references if references else is_terminal,
                "is_root_task": slug not in downstream,
                "is_terminal_task": is_terminal,
            }
        )
    return tasks


# ---- errors ----------------------------------------------------------------------------------------------------------


def _check_for_damage(store: Store, name: str, project: str | None) -> None:
    """Raise an error if what was looked for by name may be there, in a file that cannot be read."""
    chosen = projects(store) if project is None else filter(None, [project_named(store, project)])
    ids = {id for one in chosen for _, id in store.flows.versions_named(one["id"], name)}
    if ids & store.flows.skipped or store.documents("projects").skipped:
        raise StoreError(
            f"The flow {name!r} cannot be read because a file of the store is damaged. Look at it with"
            " 'prefect store check', mend it with 'prefect store check --repair', then register the flow again if need be."
        )


def _id_not_found(store: Store, wanted: dict[str, str]) -> ObjectNotFoundError:
    hint = _nothing_there_is(store) or (
        "Ids of flow runs, version groups and projects are not taken here. 'prefect get flows' lists the flows."
    )
    if wanted.keys() >= {"flow_id", "flow_group_id"}:
        return ObjectNotFoundError(f"Failed to find flow id or flow group id matching {wanted['flow_id']!r}", hint=hint)
    return ObjectNotFoundError(f"No results found while querying for flows where {wanted}", hint=hint)


def _name_not_found(store: Store, wanted: dict[str, Any]) -> ObjectNotFoundError:
    message = f"No results found while querying for flows where {wanted}"
    hint = _nothing_there_is(store) or _what_there_is(store, wanted["name"] or "", wanted.get("project"))
    return ObjectNotFoundError(message, hint=hint)


def _nothing_there_is(store: Store) -> str:
    if next(store.flows.all(), None) is not None:
        return ""
    return "No flow is registered yet. Register one with 'prefect register --project NAME -p FILE'."


def _what_there_is(store: Store, name: str, project: str | None) -> str:
    from prefect.utilities._suggestions import did_you_mean

    known = {one["name"]: one["id"] for one in projects(store)}
    if project is not None and project not in known:
        listed = did_you_mean(project, known) or "List the projects with 'prefect get projects'."
        return f"There is no project named {project!r}. {listed}"
    having = [one for one, id in known.items() if next(newest_versions(store, id, name), None)]
    if having and project in (None, *having):
        return "The flow of that name is archived. Register it again, or give the id of a version."
    if having:
        return f"There is a flow of that name in {', '.join(map(repr, having))}."
    names = {flow_name for id in known.values() for flow_name in store.flows.names(id)}
    return did_you_mean(name, sorted(names)) or "List the flows with 'prefect get flows'."


def _ambiguous(store: Store, wanted: dict[str, Any], matches: list[Record]) -> AmbiguousNameError:
    names = {project["id"]: project["name"] for project in projects(store)}
    places = sorted({str(names.get(flow["project_id"])) for flow in matches})
    if len(places) > 1:
        hint = f"Name its project as well, one of {', '.join(map(repr, places))}."
    else:
        hint = f"Name it by its id, one of {', '.join(flow['id'] for flow in matches)}."
    return AmbiguousNameError(f"Found multiple flows matching {wanted}", hint=hint)
