"""``Flow.register``: hand a flow to the backend.

Source: core.md §2.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.exceptions import ClientError

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
        ValueError: The flow is still being built.
        ClientError: There is no backend to register with.
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
    raise ClientError(
        f"The flow {flow.name!r} cannot be registered, since this version has no backend;"
        " run it with `flow.run()` or `prefect run -p FILE`."
    )


def run_agent_of_flow(flow: Flow) -> None:
    """Run a local agent with the labels of a flow.

    Raises:
        ClientError: There is no backend whose runs an agent could take.
    """
    raise ClientError(
        f"No agent can be run for the flow {flow.name!r}, since this version has no backend;"
        " run it with `flow.run()` or `prefect run -p FILE`."
    )
