"""How many task runs with a tag, or flow runs with a label, may run at once: the limits, not what counts them.

Source: backend.md §15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.exceptions import ClientError
from prefect.orchestration.naming import checked_name

if TYPE_CHECKING:
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

_TAGS, _LABELS = "tag-limits", "label-limits"


def update_task_tag_limit(store: Store, tag: str, limit: int) -> str:
    """Set how many task runs with a tag may run at once, 0 for none, and return the id of the limit.

    Raises:
        ClientError: The tag is empty, or the limit is no number from 0 on.
    """
    return _updated(store, _TAGS, checked_name(tag, "A tag"), limit)


def delete_task_tag_limit(store: Store, id: str) -> bool:
    """Delete the limit of a tag; return whether there was one of that id."""
    return store.documents(_TAGS).delete(id)


def task_tag_limits(store: Store) -> list[Record]:
    """Return the limits of all tags by tag, each with ``id``, ``tag`` and ``limit``."""
    return [{**limit, "tag": limit["name"]} for limit in store.documents(_TAGS).all()]


def update_flow_concurrency_limit(store: Store, label: str, limit: int) -> str:
    """Set how many flow runs with a label may run at once, 0 for none, and return the id of the limit.

    Raises:
        ClientError: The label is empty, or the limit is no number from 0 on.
    """
    return _updated(store, _LABELS, checked_name(label, "A label"), limit)


def delete_flow_concurrency_limit(store: Store, id: str) -> bool:
    """Delete the limit of a label; return whether there was one of that id."""
    return store.documents(_LABELS).delete(id)


def flow_concurrency_limits(store: Store) -> list[Record]:
    """Return the limits of all labels by label, each with ``id``, ``name`` (the label) and ``limit``."""
    return store.documents(_LABELS).all()


def _updated(store: Store, kind: str, name: str, limit: object) -> str:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise ClientError(f"The limit of {name!r} cannot be {limit!r}. Give a whole number from 0 on.")
    return str(store.documents(kind).put(name, {"limit": limit})["id"])
