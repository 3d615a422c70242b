"""Artifacts: links and Markdown that a task run leaves for people to see.

Source: backend.md §17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.task_runs import facts_of_run, get_task_run
from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import run_of

if TYPE_CHECKING:
    from prefect.storage.state.store import Store

#: Characters that the JSON of an artifact's data may have.
LONGEST_DATA = 1_000_000


def create_artifact(store: Store, task_run_id: str, kind: str, data: Any) -> str:
    """Keep an artifact of a task run and return its id.

    Args:
        store: Where it is kept.
        task_run_id: The task run that leaves it.
        kind: ``link`` (``{"link": url}``), ``markdown`` (``{"markdown": text}``), or any other word.
        data: Any JSON value.

    Raises:
        ClientError: The data is too large.
        ObjectNotFoundError: There is no such task run.
    """
    _check_size(data)
    try:
        get_task_run(store, task_run_id)
    except ObjectNotFoundError:
        raise ObjectNotFoundError(
            f"Task run {task_run_id} not found, so it can have no artifact. Create it from within a task."
        ) from None
    run_id = run_of(task_run_id)
    fields = {"kind": "artifact", "task_run_id": task_run_id, "artifact_kind": kind, "data": data}
    fields["created"] = store.system.now()
    return str(store.members.create(run_id, fields, after=len(facts_of_run(store, run_id).tasks))["id"])


def update_artifact(store: Store, id: str, data: Any) -> None:
    """Replace the data of an artifact.

    Raises:
        ClientError: The data is too large.
        ObjectNotFoundError: There is no such artifact.
    """
    _check_size(data)
    get_artifact(store, id)
    store.members.update(id, {"data": data})


def delete_artifact(store: Store, id: str) -> bool:
    """Delete an artifact; return whether there was one of that id."""
    try:
        get_artifact(store, id)
    except ObjectNotFoundError:
        return False
    return store.members.delete(id)


def get_artifact(store: Store, id: str) -> dict[str, Any]:
    """Return an artifact, with its kind in ``artifact_kind``.

    Raises:
        ObjectNotFoundError: There is none.
    """
    try:
        found = store.members.get(id)
    except NotFound:
        found = {}
    if found.get("kind") != "artifact":
        raise ObjectNotFoundError(f"Artifact {id} not found. Look up the artifacts of its flow run.")
    return found


def artifacts(store: Store, flow_run_id: str) -> list[dict[str, Any]]:
    """Return the artifacts of a flow run in the order of their creation."""
    found = [record for record in store.members.all(flow_run_id).values() if record.get("kind") == "artifact"]
    return sorted(found, key=lambda record: str(record["id"]))


def _check_size(data: Any) -> None:
    import json

    if len(json.dumps(data, ensure_ascii=False)) > LONGEST_DATA:
        raise ClientError(
            f"The data of the artifact is too large. It may have {LONGEST_DATA} characters of JSON;"
            " keep more in a file and leave a link."
        )
