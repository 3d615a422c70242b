"""``FlowView``: a registered flow.

Source: backend.md §20.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from prefect.backend.errors import require_text, value_errors
from prefect.client.transport import connected_store

if TYPE_CHECKING:
    from prefect.flow import Flow
    from prefect.run_configs import RunConfig
    from prefect.storage import Storage
    from prefect.storage.state.journal import Record


@dataclass(frozen=True, repr=False)
class FlowView:
    """A version of a flow as it was when it was looked at.

    Attributes:
        flow_id: Its id.
        settings: Those of its flow group.
        run_config: How and where an agent runs it; None if nothing is said.
        serialized_flow: Its 1.x JSON form.
        archived: Whether it gets no more runs.
        project_name: Its project.
        core_version: Version of the package that registered it.
        storage: Where its code is; None if that is not known.
        name: Its name.
        flow_group_labels: Labels that its flow group gives to runs; None if it gives none.
    """

    flow_id: str
    settings: dict[str, Any]
    run_config: RunConfig | None
    serialized_flow: dict[str, Any]
    archived: bool
    project_name: str
    core_version: str
    storage: Storage | None
    name: str
    flow_group_labels: list[str] | None

    @cached_property
    def flow(self) -> Flow:
        """The flow for inspection: parameters, tasks and edges, without code."""
        from prefect.serialization import deserialize_flow

        return deserialize_flow(self.serialized_flow)

    @classmethod
    def from_id(cls, flow_id: str) -> FlowView:
        """Return the flow of an id, or the newest version of the flow group of that id.

        Raises:
            TypeError: The id is no text.
            ValueError: There is neither.
        """
        require_text(flow_id, "flow_id")
        try:
            return cls._found(flow_id=flow_id, flow_group_id=flow_id)
        except ValueError as error:
            raise ValueError(
                f"Given id {flow_id!r} is not an existing flow or flow group id. List the flows with `prefect get flows`."
            ) from error

    @classmethod
    def from_flow_id(cls, flow_id: str) -> FlowView:
        """Return the flow of an id.

        Raises:
            TypeError: The id is no text.
            ValueError: There is no such flow.
        """
        require_text(flow_id, "flow_id")
        return cls._found(flow_id=flow_id)

    @classmethod
    def from_flow_group_id(cls, flow_group_id: str) -> FlowView:
        """Return the version of a flow group that runs are made of; the highest one if all are archived.

        Raises:
            TypeError: The id is no text.
            ValueError: There is no such group.
        """
        require_text(flow_group_id, "flow_group_id")
        return cls._found(flow_group_id=flow_group_id)

    @classmethod
    def from_flow_name(cls, flow_name: str, project_name: str | None = "", last_updated: bool = False) -> FlowView:
        """Return the flow of a name, unless it is archived.

        Args:
            flow_name: Its name.
            project_name: Its project; empty for any.
            last_updated: Of several flows take the one that was registered last.

        Raises:
            ValueError: There is no such flow, or there are several.
        """
        if project_name is None:
            raise ValueError(
                f"No results found while querying for flows named {flow_name!r} without a project:"
                " every flow is registered in one. Leave `project_name` out to look in all."
            )
        return cls._found(name=flow_name, project=project_name or None, newest=last_updated)

    @classmethod
    def _found(cls, **wanted: Any) -> FlowView:
        from prefect.orchestration.flows import find_flow

        store = connected_store()
        with value_errors():
            return cls._from_record(find_flow(store, **wanted))

    @classmethod
    def _from_record(cls, flow: Record) -> FlowView:
        from prefect.orchestration import flow_groups, projects
        from prefect.serialization.run_configs import deserialize_run_config
        from prefect.serialization.storages import deserialize_storage

        store = connected_store()
        group = flow_groups.get_group(store, flow["flow_group_id"])
        return cls(
            flow_id=flow["id"],
            settings=group["settings"],
            run_config=None if flow["run_config"] is None else deserialize_run_config(flow["run_config"]),
            serialized_flow=flow["serialized_flow"],
            archived=flow["archived"],
            project_name=projects.get_project(store, flow["project_id"])["name"],
            core_version=flow["core_version"],
            storage=None if flow["storage"] is None else deserialize_storage(flow["storage"]),
            name=flow["name"],
            flow_group_labels=group["labels"],
        )

    def __repr__(self) -> str:
        kind = type(self.storage).__name__
        return (
            f"{type(self).__name__}(flow_id={self.flow_id!r}, name={self.name!r},"
            f" project_name={self.project_name!r}, storage_type={kind})"
        )
