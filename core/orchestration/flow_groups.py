"""Flow groups: settings that all versions of a flow share, and that outlive registering it anew.

A setting of the group wins over that of the registered flow, until it is cleared. The schedule is in
:mod:`prefect.orchestration.scheduler`.

Source: backend.md §5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ObjectNotFoundError
from prefect.orchestration.naming import checked_labels
from prefect.storage.state.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Settings of a new group; what is missing means the same.
DEFAULT_SETTINGS = {"heartbeat_enabled": True, "lazarus_enabled": True, "version_locking_enabled": False}


def get_group(store: Store, id: str) -> Record:
    """Return a flow group; its ``name`` is the version group id.

    Raises:
        ObjectNotFoundError: There is none of that id.
    """
    try:
        return store.documents("groups").get(id)
    except NotFound:
        raise _not_found(id) from None


def group_named(store: Store, version_group_id: str) -> Record | None:
    """Return the flow group of a version group id; None if there is none."""
    return store.documents("groups").named(version_group_id)


def is_enabled(group: Record, setting: str) -> bool:
    """Return whether a setting of a group is on, as it is meant where it is missing.

    Args:
        group: The flow group.
        setting: ``heartbeat_enabled``, ``lazarus_enabled`` or ``version_locking_enabled``.
    """
    return bool(group["settings"].get(setting, DEFAULT_SETTINGS[setting]))


def set_default_parameters(store: Store, id: str, parameters: Mapping[str, Any]) -> None:
    """Replace all default parameters of a group; an empty object clears them.

    Raises:
        ObjectNotFoundError: There is no such group.
    """
    _update(store, id, {"default_parameters": dict(parameters)})


def set_labels(store: Store, id: str, labels: Iterable[str] | None) -> None:
    """Set the labels that runs of a group get.

    Args:
        store: The store.
        id: Id of the group.
        labels: The labels, each once; an empty list means that runs get none, None that nothing is set.

    Raises:
        ClientError: They are no list of texts.
        ObjectNotFoundError: There is no such group.
    """
    _update(store, id, {"labels": None if labels is None else checked_labels(labels)})


def set_run_config(store: Store, id: str, run_config: Mapping[str, Any] | None) -> None:
    """Set the run config that runs of a group get, in its JSON form; None clears it.

    Raises:
        ObjectNotFoundError: There is no such group.
    """
    _update(store, id, {"run_config": None if run_config is None else dict(run_config)})


def set_description(store: Store, id: str, description: str | None) -> None:
    """Set the text about a group, in Markdown; None clears it.

    Raises:
        ObjectNotFoundError: There is no such group.
    """
    _update(store, id, {"description": description})


def set_heartbeat_enabled(store: Store, flow_id: str, enabled: bool) -> None:
    """Say whether runs of a flow's group are taken for dead when they send no heartbeats.

    Raises:
        ObjectNotFoundError: There is no such flow ("Invalid flow ID").
    """
    _set(store, flow_id, {"heartbeat_enabled": enabled, "disable_heartbeat": not enabled})


def set_lazarus_enabled(store: Store, flow_id: str, enabled: bool) -> None:
    """Say whether runs of a flow's group that got lost are scheduled again.

    Raises:
        ObjectNotFoundError: There is no such flow ("Invalid flow ID").
    """
    _set(store, flow_id, {"lazarus_enabled": enabled})


def set_version_locking_enabled(store: Store, flow_id: str, enabled: bool) -> None:
    """Say whether states of a flow's group are only set by who knows the version of the run.

    Raises:
        ObjectNotFoundError: There is no such flow ("Invalid flow ID").
    """
    _set(store, flow_id, {"version_locking_enabled": enabled})


def _set(store: Store, flow_id: str, settings: dict[str, bool]) -> None:
    try:
        flow = store.flows.get(flow_id)
    except NotFound:
        raise ObjectNotFoundError(
            f"Invalid flow ID. There is no flow {flow_id!r}; 'prefect get flows' lists them."
        ) from None
    _update(store, flow["flow_group_id"], lambda group: {"settings": {**group["settings"], **settings}})


def _update(store: Store, id: str, change: Mapping[str, Any] | Callable[[Record], Mapping[str, Any]]) -> None:
    try:
        store.documents("groups").update(id, change)
    except NotFound:
        raise _not_found(id) from None


def _not_found(id: str) -> ObjectNotFoundError:
    return ObjectNotFoundError(f"There is no flow group with the id {id!r}. 'prefect get flows' lists what there is.")
