"""One flow registered: whether it is new, and what changed since the version before.

Source: cli.md §5.4; DESIGN decision 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.flow import Flow
    from prefect.registration import Source
    from prefect.storage.state.store import Store

    Document = dict[str, Any]

#: What may change → the entries of a flow's document that tell.
_PARTS = {
    "parameters": ("parameters",),
    "tasks": ("tasks", "edges", "reference_tasks"),
    "schedule": ("schedule",),
    "run config": ("run_config",),
    "storage": ("storage",),
    "class": ("type",),
    "version of prefect": ("__version__",),
}


class Registration(NamedTuple):
    """What became of a flow.

    Attributes:
        flow_id: Id of the version that is registered now.
        version: Its number, from 1.
        is_new: It was registered just now; otherwise nothing has changed since it was.
        changes: What differs from the version before, such as ``source`` or ``parameters``; empty for a first version.
    """

    flow_id: str
    version: int
    is_new: bool
    changes: tuple[str, ...]


def name_of(flow: Flow | Document) -> str:
    """Return the name of a flow, or of one in its JSON form."""
    return str(flow["name"] if isinstance(flow, dict) else flow.name)


def document_of(flow: Flow | Document) -> Document:
    """Return a flow in its JSON form, checked to describe a flow again.

    Raises:
        ValueError: It does not.
    """
    from prefect.client.register import checked_document

    return checked_document(flow if isinstance(flow, dict) else flow.serialize())


def register(
    store: Store, project_id: str, flow: Flow | Document, *, set_schedule_active: bool = True, force: bool = False
) -> Registration:
    """Register a flow whose code is stored, unless it is the one that was registered last.

    Args:
        store: The store.
        project_id: Project to register it in.
        flow: The flow, or its JSON form.
        set_schedule_active: Let the schedule make runs.
        force: Register it though nothing has changed.

    Raises:
        ClientError: It is refused.
        ValueError: It cannot be written as JSON and read again.
    """
    from prefect.client.register import provenance
    from prefect.orchestration.flows import get_flow
    from prefect.orchestration.registration import register_flow
    from prefect.registration import idempotency_hash
    from prefect.serialization import deserialize_flow

    document = document_of(flow)
    source = provenance(deserialize_flow(flow) if isinstance(flow, dict) else flow)
    content: Source = {"path": source["path"], "sha256": source["sha256"]}
    flow_id, is_new = register_flow(
        store,
        document,
        project_id,
        set_schedule_active=set_schedule_active,
        idempotency_key=idempotency_hash(document, content),
        force=force,
        source=source,
    )
    registered = get_flow(store, flow_id)
    changes = _changes_since_before(store, registered) if is_new else ()
    return Registration(flow_id, registered["version"], is_new, changes)


def _changes_since_before(store: Store, registered: Document) -> tuple[str, ...]:
    versions = store.flows.of_group(registered["flow_group_id"])
    before = next((flow for flow in versions if flow["version"] < registered["version"]), None)
    return () if before is None else changes(before, registered)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what differs between the records of two versions of a flow.

    Args:
        before: The earlier one.
        after: The later one.
    """
    old, new = before["serialized_flow"], after["serialized_flow"]
    found = ["source"] if _content(before) != _content(after) else []
    found += [
        part
        for part, entries in _PARTS.items()
        if any(_comparable(old, entry) != _comparable(new, entry) for entry in entries)
    ]
    return tuple(found)


def _content(record: Mapping[str, Any]) -> str | None:
    return (record.get("source") or {}).get("sha256")


def _comparable(document: Document, entry: str) -> Any:
    """Return an entry without what is told by another one: versions of the package, and parameters among the tasks."""
    value = document.get(entry)
    if entry == "tasks":
        parameters = {parameter["slug"] for parameter in document.get("parameters") or ()}
        value = [task for task in value or () if task["slug"] not in parameters]
    return _without_versions(value)


def _without_versions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_versions(inner) for key, inner in value.items() if key != "__version__"}
    return [_without_versions(inner) for inner in value] if isinstance(value, list) else value
