"""Agents, which take runs from the queue: who they are and when they last asked.

Source: backend.md §2.1, §9.1 and §9.4.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.naming import checked_labels, checked_name
from prefect.storage.state.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store


def register_agent(
    store: Store,
    type: str,
    name: str | None = None,
    labels: Iterable[str] = (),
    *,
    core_version: str | None = None,
    agent_config_id: str | None = None,
) -> str:
    """Return the id of an agent, which keeps it as long as its type, name, version and labels are the same.

    Args:
        store: The store.
        type: Name of its class, such as ``LocalAgent``.
        name: What the user calls it.
        labels: Its labels, in any order.
        core_version: Version of the library that it runs.
        agent_config_id: Settings that it uses.

    Raises:
        ClientError: The labels are no list of texts.
    """
    own = checked_labels(labels)
    identity = json.dumps([type, name, core_version, own], ensure_ascii=False)
    fields = {
        "agent": {"type": type, "name": name, "labels": own, "core_version": core_version},
        "agent_config_id": agent_config_id,
        "last_queried": store.system.now(),
    }
    return str(store.documents("agents").put(identity, fields)["id"])


def agents(store: Store) -> list[Record]:
    """Return all agents, those first that asked for runs last."""
    found = [_shown(agent) for agent in store.documents("agents").all()]
    return sorted(found, key=lambda agent: str(agent["last_queried"]), reverse=True)


def get_agent(store: Store, id: str) -> Record:
    """Return an agent.

    Raises:
        ObjectNotFoundError: There is none of that id.
    """
    try:
        return _shown(store.documents("agents").get(id))
    except NotFound:
        raise _not_found("agent", id) from None


def agent_queried(store: Store, id: str) -> None:
    """Note that an agent asked for runs just now; nothing happens if it is not known."""
    _update(store, id, {"last_queried": store.system.now()})


def delete_agent(store: Store, id: str) -> bool:
    """Delete an agent; return whether there was one. Runs keep the id of the agent that took them."""
    return store.documents("agents").delete(id)


def create_agent_config(store: Store, name: str, settings: dict[str, Any]) -> str:
    """Keep settings for agents under a name, and return their id; the settings that the name had are replaced.

    Raises:
        ClientError: The name is empty.
    """
    fields = {"settings": settings}
    return str(store.documents("agent-configs").put(checked_name(name, "An agent configuration"), fields)["id"])


def update_agent_config(store: Store, id: str, name: str, settings: dict[str, Any]) -> str:
    """Change name and settings of an agent configuration, and return its id.

    Raises:
        ClientError: The name is empty, or taken ("Uniqueness violation").
        ObjectNotFoundError: There is none of that id.
    """
    checked_name(name, "An agent configuration")
    try:
        store.documents("agent-configs").update(id, {"settings": settings}, name=name)
    except Conflict:
        raise ClientError(
            f"Uniqueness violation: an agent configuration named {name!r} exists already. Choose another name."
        ) from None
    except NotFound:
        raise _not_found("agent configuration", id) from None
    return id


def get_agent_config(store: Store, id: str) -> Record:
    """Return an agent configuration: ``id``, ``name`` and ``settings``.

    Raises:
        ObjectNotFoundError: There is none of that id.
    """
    try:
        return store.documents("agent-configs").get(id)
    except NotFound:
        raise _not_found("agent configuration", id) from None


def delete_agent_config(store: Store, id: str) -> bool:
    """Delete an agent configuration, also from the agents that use it; return whether there was one."""
    if not store.documents("agent-configs").delete(id):
        return False
    for agent in agents(store):
        if agent["agent_config_id"] == id:
            _update(store, agent["id"], {"agent_config_id": None})
    return True


def _update(store: Store, id: str, change: dict[str, Any]) -> None:
    try:
        store.documents("agents").update(id, change)
    except NotFound:
        return  # deleted meanwhile


def _shown(document: Record) -> Record:
    """Return an agent as the API knows it: its document is named by all that makes it the same agent."""
    agent = {key: value for key, value in document.items() if key != "agent"}
    return {**agent, **document["agent"]}


def _not_found(kind: str, id: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(f"There is no {kind} with the id {id!r}. Check the id; it may have been deleted.")
