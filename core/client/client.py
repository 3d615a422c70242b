"""``Client``: everything that flows, commands and people ask of a backend.

It holds no rules: each method hands its request to one function of :mod:`prefect.orchestration`, with states and times
in the form that the other side works with.

Source: backend.md §19.4; core.md §22.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.client.run_process import RunProcess
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from prefect.flow import Flow
    from prefect.run_configs import RunConfig


class Client(RunProcess):
    """The way to the configured backend; see :class:`~prefect.client.connection.Connection` for the arguments.

    The backend ``local`` is the store of this user, worked on in this process. Every method raises ``ClientError`` for
    what the backend refuses.
    """

    # ---- tenants and projects ------------------------------------------------------------------------------------

    def create_tenant(self, name: str, slug: str | None = None) -> str:
        """Create a tenant and return its id.

        Args:
            name: Its name.
            slug: What stands for it in addresses; by default made of the name.
        """
        from prefect.orchestration import tenants

        return tenants.create_tenant(self.store, name, slug)

    def create_project(self, project_name: str, project_description: str | None = None) -> str:
        """Create a project, unless there is one of that name, and return its id."""
        from prefect.orchestration import projects

        try:
            return projects.create_project(self.store, project_name, project_description, tenant_id=self.tenant_id)
        except ClientError as error:
            known = projects.project_named(self.store, project_name) if "Uniqueness violation" in str(error) else None
            if known is None:
                raise
            return str(known["id"])

    def delete_project(self, project_name: str) -> bool:
        """Delete a project with its flows and their runs.

        Raises:
            TypeError: The name is None.
            ValueError: There is no such project.
        """
        from prefect.orchestration import projects

        if project_name is None:
            raise TypeError("'project_name' is a required field for deleting a project.")
        project = projects.project_named(self.store, project_name)
        if project is None:
            raise ValueError(f"Project {project_name} not found. List the projects with `prefect get projects`.")
        return projects.delete_project(self.store, project["id"])

    # ---- flows ---------------------------------------------------------------------------------------------------

    def register(
        self,
        flow: Flow,
        project_name: str | None = None,
        build: bool = True,
        set_schedule_active: bool = True,
        version_group_id: str | None = None,
        compressed: bool = True,
        no_url: bool = False,
        idempotency_key: str | None = None,
    ) -> str:
        """Register a flow and return the id of the new version; print where it can be seen.

        Args:
            flow: The flow.
            project_name: Project to register it in.
            build: Store the code of the flow first.
            set_schedule_active: Let the schedule make runs.
            version_group_id: Id shared by all versions of the flow; by default that of the flow of its name in the project.
            compressed: Kept for 1.x; it only matters on the way to a server.
            no_url: Print nothing.
            idempotency_key: Register no new version if the latest one has the same key.

        Raises:
            ClientError: Its schedule cannot give all required parameters.
            TypeError: The project's name is None.
            ValueError: There is no such project, or the flow cannot be written as JSON and read again.

        Source:
            backend.md §19.5.
        """
        from prefect.client.register import register_flow

        return register_flow(
            self,
            flow,
            project_name,
            build=build,
            set_schedule_active=set_schedule_active,
            version_group_id=version_group_id,
            no_url=no_url,
            idempotency_key=idempotency_key,
        )

    # ---- flow runs -----------------------------------------------------------------------------------------------

    def create_flow_run(
        self,
        flow_id: str | None = None,
        context: dict[str, Any] | None = None,
        parameters: dict[str, Any] | None = None,
        run_config: RunConfig | dict[str, Any] | None = None,
        labels: Iterable[str] | None = None,
        scheduled_start_time: datetime | str | None = None,
        idempotency_key: str | None = None,
        run_name: str | None = None,
        version_group_id: str | None = None,
        *,
        flow_run_name: str | None = None,
        flow_group_id: str | None = None,
    ) -> str:
        """Create a flow run and return its id; an agent starts it when it is due.

        Args:
            flow_id: Id of the registered flow.
            context: Values for ``prefect.context``.
            parameters: Parameter name → value; others have what their flow group or flow says.
            run_config: In place of that of the flow.
            labels: In place of those of the flow.
            scheduled_start_time: When the run is to begin, by default now; without a zone it is UTC.
            idempotency_key: Of all calls with the same key for one flow, the first creates the run and the others return
                its id; by default a random one.
            run_name: Name of the run; by default a random one.
            version_group_id: Runs the newest version of that group that is not archived, if no ``flow_id`` is given.
            flow_run_name: The same as ``run_name``.
            flow_group_id: Like ``version_group_id``.

        Raises:
            ClientError: There is no such flow, it is archived, or parameters are unknown or missing.
            TypeError: Both ``run_name`` and ``flow_run_name`` are given.
            ValueError: No id is given.
        """
        from prefect.orchestration import flow_runs

        if run_name is not None and flow_run_name is not None:
            raise TypeError("`run_name` and `flow_run_name` are the same. Give one of them.")
        if not (flow_id or flow_group_id or version_group_id):
            raise ValueError("One of flow_id, flow_group_id or version_group_id must be provided.")
        run, _ = flow_runs.create_flow_run(
            self.store,
            flow_id=flow_id,
            flow_group_id=flow_group_id,
            version_group_id=version_group_id,
            parameters=parameters,
            context=context,
            labels=None if labels is None else list(labels),
            run_config=_run_config_document(run_config),
            scheduled_start_time=_utc_text(scheduled_start_time),
            idempotency_key=idempotency_key or _random_key(),
            name=run_name if flow_run_name is None else flow_run_name,
        )
        return str(run["id"])

    def cancel_flow_run(self, flow_run_id: str) -> str:
        """Ask for the end of a flow run and return the name of the state that gives it.

        A running one becomes ``Cancelling`` until its process has seen that, any other one that is not finished
        ``Cancelled``.
        """
        from prefect.orchestration import states

        return str(states.cancel_flow_run(self.store, flow_run_id)["type"])

    def set_flow_run_name(self, flow_run_id: str, name: str) -> bool:
        """Give a flow run another name."""
        from prefect.orchestration import flow_runs

        flow_runs.rename(self.store, flow_run_id, name)
        return True

    # ---- limits, secrets -----------------------------------------------------------------------------------------

    def get_task_tag_limit(self, tag: str) -> int | None:
        """Return how many task runs with a tag may run at once; None if any number may."""
        from prefect.orchestration import limits

        return next((limit["limit"] for limit in limits.task_tag_limits(self.store) if limit["tag"] == tag), None)

    def update_task_tag_limit(self, tag: str, limit: int) -> None:
        """Set how many task runs with a tag may run at once; 0 lets none run.

        Raises:
            ValueError: The limit is negative.
        """
        from prefect.orchestration import limits

        if limit < 0:
            raise ValueError("Concurrency limits must be >= 0")
        limits.update_task_tag_limit(self.store, tag, limit)

    def delete_task_tag_limit(self, limit_id: str) -> None:
        """Let any number of task runs with a tag run at once.

        Raises:
            ValueError: There is no limit of that id.
        """
        from prefect.orchestration import limits

        if not limits.delete_task_tag_limit(self.store, limit_id):
            raise ValueError(f"There is no limit with the id {limit_id!r}; it may have been deleted already.")

    def set_secret(self, name: str, value: Any) -> None:
        """Keep a secret in the backend.

        Raises:
            ClientError: Always: no backend of this version keeps secrets.
        """
        raise ClientError(
            f"The secret {name!r} cannot be kept, since the backend keeps no secrets."
            f" Set the environment variable PREFECT__CONTEXT__SECRETS__{name} where flows run."
        )


def _run_config_document(run_config: RunConfig | dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a run config in its JSON form.

    Raises:
        ClientError: It is none.
    """
    if run_config is None:
        return None
    from prefect.serialization import ValidationError, deserialize_run_config, serialize_run_config

    try:
        if isinstance(run_config, dict):
            deserialize_run_config(run_config)
            return run_config
        return serialize_run_config(run_config)
    except ValidationError as error:
        raise ClientError(str(error)) from error


def _utc_text(moment: datetime | str | None) -> str | None:
    from prefect.orchestration.times import utc_text

    return None if moment is None else utc_text(moment)


def _random_key() -> str:
    from uuid import uuid4

    return str(uuid4())
