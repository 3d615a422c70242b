"""Registering a flow: checked, written as JSON, handed to the backend, shown.

Source: backend.md §19.5; DESIGN decision 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from prefect.client.client import Client
    from prefect.flow import Flow


def register_flow(
    client: Client,
    flow: Flow,
    project_name: str | None,
    *,
    build: bool,
    set_schedule_active: bool,
    version_group_id: str | None,
    no_url: bool,
    idempotency_key: str | None,
) -> str:
    """Register a flow and return the id of the new version; see :meth:`prefect.client.Client.register`."""
    from prefect.orchestration import registration

    _check_schedule(flow)
    _check_result(flow)
    project_id = _project_id(client, project_name)
    flow_id, _ = registration.register_flow(
        client.store,
        checked_document(flow.serialize(build=build)),
        project_id,
        version_group_id=version_group_id,
        set_schedule_active=set_schedule_active,
        idempotency_key=idempotency_key,
        source=provenance(flow),
    )
    if not no_url:
        _show(client, flow, flow_id, project_name)
    return flow_id


def provenance(flow: Flow) -> dict[str, Any]:
    """Return where a flow comes from: ``path`` and ``sha256`` of its file, ``host``, ``python``, ``package``.

    Source:
        DESIGN decision 14.
    """
    import platform

    from prefect._version import __version__
    from prefect.registration import source_of

    return {
        **source_of(flow),
        "host": platform.node(),
        "python": platform.python_version(),
        "package": __version__,
    }


def _check_schedule(flow: Flow) -> None:
    if flow.schedule is None:
        return
    required = {parameter.name for parameter in flow.parameters() if parameter.required}
    for clock in flow.schedule.clocks:
        missing = required - set(clock.parameter_defaults or ())
        if missing:
            raise ClientError(
                "Flows with required parameters can not be scheduled automatically:"
                f" a clock of the flow {flow.name!r} gives no value to {', '.join(sorted(missing))}."
                " Give it one with `parameter_defaults`, or the parameter a default."
            )


def _check_result(flow: Flow) -> None:
    if flow.result is None and any(edge.key is not None for edge in flow.edges):
        import warnings

        warnings.warn(
            f"The flow {flow.name!r} hands values from task to task and has no result, so a run that is continued in"
            " another process cannot read them again. Give the flow a `result` or a storage.",
            UserWarning,
            stacklevel=4,  # the caller of Client.register
        )


def _project_id(client: Client, project_name: str | None) -> str:
    from prefect.orchestration.projects import project_named

    if project_name is None:
        raise TypeError("'project_name' is a required field when registering a flow.")
    project = project_named(client.store, project_name)
    if project is None:
        raise ValueError(
            f"Project {project_name} not found. Run `prefect create project '{project_name}'` to create it."
        )
    return str(project["id"])


def checked_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return a flow in its JSON form, which describes a flow again.

    Raises:
        ValueError: It does not.
    """
    from prefect.serialization import ValidationError, deserialize_flow

    try:
        deserialize_flow(document)
    except ValidationError as error:
        name = document.get("name")
        raise ValueError(f"The flow {name!r} could not be read again from its JSON form: {error}") from error
    return document


def _show(client: Client, flow: Flow, flow_id: str, project_name: str | None) -> None:
    from prefect.orchestration.flows import get_flow

    labels = sorted(flow.run_config.labels) if flow.run_config is not None else []
    url = client.get_cloud_url("flow", get_flow(client.store, flow_id)["flow_group_id"])
    block = [f"Flow URL: {url}", f" └── ID: {flow_id}", f" └── Project: {project_name}", f" └── Labels: {labels}"]
    print("\n".join(block))  # noqa: T201 - what 1.x shows whoever registers a flow
