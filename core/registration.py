"""``Flow.register``: hand a flow to the backend.

Source: core.md §2.9; cli.md §5.4; DESIGN decisions 11 and 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from prefect.context import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from prefect.flow import Flow


def register_flow(
    flow: Flow,
    project_name: str | None,
    *,
    build: bool,
    labels: Iterable[str] | None,
    set_schedule_active: bool,
    version_group_id: str | None,
    no_url: bool,
    idempotency_key: str | None,
    storage_options: Mapping[str, Any],
) -> str | None:
    """Register a flow and return the id of the new version.

    Args:
        flow: The flow.
        project_name: Project to register it in.
        build: Store the code of the flow first.
        labels: Added to those of the run config.
        set_schedule_active: Let the schedule make runs.
        version_group_id: Id shared by all versions of the flow.
        no_url: Do not print where the flow can be seen.
        idempotency_key: Register no new version if the latest one has the same key.
        storage_options: Arguments of the default storage, for a flow without one.

    Returns:
        The id; None while the file of the flow is only being loaded, since registering is then up to whoever loads it.

    Raises:
        ClientError: Its schedule cannot give all required parameters.
        FlowStorageError: The flow cannot be stored.
        TypeError: No project is named.
        ValueError: The flow is still being built, or there is no such project.
    """
    if context.get("flow") is flow:
        raise ValueError(
            f"The flow {flow.name!r} cannot be registered inside its own `with` block, where it is not complete yet."
            " Call `flow.register` after the block."
        )
    if context.get("loading_flow"):
        import warnings

        warnings.warn(
            f"`flow.register` of the flow {flow.name!r} does nothing while its file is being loaded."
            ' Put it behind `if __name__ == "__main__":`.',
            UserWarning,
            stacklevel=3,  # the caller of Flow.register
        )
        return None
    from prefect.client import Client

    # Building adds the flow to its storage.
    prepare(flow, labels or (), storage_options=storage_options, add_to_storage=False)
    return Client().register(
        flow,
        project_name,
        build=build,
        set_schedule_active=set_schedule_active,
        version_group_id=version_group_id,
        no_url=no_url,
        idempotency_key=idempotency_key,
    )


class Source(TypedDict):
    """The file that defines a flow.

    Attributes:
        path: Its absolute path, or None if it is not known.
        sha256: SHA-256 of its content as hex digits, or None if it cannot be read.
    """

    path: str | None
    sha256: str | None


def prepare(
    flow: Flow,
    labels: Iterable[str] = (),
    *,
    storage_options: Mapping[str, Any] | None = None,
    add_to_storage: bool = True,
) -> None:
    """Give a flow what registering it needs and it does not have yet: storage, run config, labels and result.

    Doing so again changes nothing more, so the flow's document is settled before anything is built.

    Args:
        flow: The flow.
        labels: Added to those of the run config, as those of the storage are.
        storage_options: Arguments of the default storage, for a flow without one.
        add_to_storage: Add the flow to its storage, unless one of its name is there. ``Flow.serialize(build=True)`` does
            that by itself.

    Raises:
        FlowStorageError: The flow cannot be stored.
        TypeError: The default storage does not take its options.

    Source:
        core.md §2.9, steps 2 to 5; cli.md §5.4.
    """
    if flow.storage is None:
        from prefect.storage import get_default_storage_class

        flow.storage = get_default_storage_class()(**(storage_options or {}))
    storage = flow.storage
    assert storage is not None
    if flow.run_config is None:
        from prefect.run_configs import UniversalRun

        flow.run_config = UniversalRun()
    flow.run_config.labels.update(storage.labels, labels)
    if flow.result is None:
        flow.result = storage.result
    if add_to_storage and flow.name not in storage:
        storage.add_flow(flow)


def source_of(flow: Flow) -> Source:
    """Return the file that defines a flow: the one its storage tells, else the one that is being loaded.

    Source:
        DESIGN decision 11.
    """
    import hashlib
    import os

    path = flow.storage.source_file if flow.storage is not None else None
    if path is None:
        path = context.get("local_script_path")
    if path is None:
        return {"path": None, "sha256": None}
    path = os.path.abspath(path)
    try:
        with open(path, "rb") as file:
            return {"path": path, "sha256": hashlib.sha256(file.read()).hexdigest()}
    except OSError:
        return {"path": path, "sha256": None}


def idempotency_hash(serialized: dict[str, Any], source: Source) -> str:
    """Return the hash that tells whether a flow is the one that was registered last.

    Args:
        serialized: The flow as a document.
        source: What defines it; without a known content the hash is that of 1.x, :meth:`Flow.serialized_hash`.

    Returns:
        SHA-256 as hex digits.

    Source:
        DESIGN decision 11.
    """
    import hashlib
    import json

    digest = hashlib.sha256(json.dumps(serialized, sort_keys=True).encode())
    digest.update((source["sha256"] or "").encode())
    return digest.hexdigest()


def run_agent_of_flow(
    flow: Flow, token: str | None, show_flow_logs: bool, log_to_cloud: bool | None, api_key: str | None
) -> None:
    """Run a local agent with the labels of a flow in this process, until Ctrl-C; see ``Flow.run_agent``.

    Raises:
        ClientError: The backend is not the local one.

    Source:
        core.md §2.10.
    """
    import warnings

    if context.get("loading_flow"):
        warnings.warn(
            f"`flow.run_agent` of the flow {flow.name!r} does nothing while its file is being loaded."
            ' Put it behind `if __name__ == "__main__":`.',
            UserWarning,
            stacklevel=3,  # the caller of Flow.run_agent
        )
        return
    if token is not None:
        warnings.warn("The argument `token` is deprecated. Use `api_key` instead.", UserWarning, stacklevel=3)
    from prefect.agent.local import LocalAgent
    from prefect.utilities.configuration import set_temporary_config

    given = {
        "cloud.agent.auth_token": token,
        "cloud.api_key": api_key,
        "cloud.send_flow_run_logs": log_to_cloud,
    }
    with set_temporary_config({name: value for name, value in given.items() if value is not None}):
        labels = flow.run_config.labels if flow.run_config is not None else ()
        LocalAgent(labels=labels, show_flow_logs=show_flow_logs).start()
