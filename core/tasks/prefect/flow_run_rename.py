"""``RenameFlowRun``.

Source: core.md §21.6.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of a flow's JSON form (core.md §20.2).
from typing import Any

from prefect.context import context
from prefect.task import Task


class RenameFlowRun(Task):
    """Gives a flow run another name.

    Args:
        flow_run_id: Id of the flow run; by default this one.
        flow_run_name: The name.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, flow_run_id: str | None = None, flow_run_name: str | None = None, **kwargs: Any) -> None:
        self.flow_run_id = flow_run_id
        self.flow_run_name = flow_run_name
        super().__init__(**kwargs)

    def run(self, flow_run_id: str = None, flow_run_name: str = None) -> bool:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Rename the flow run and return True.

        Args:
            flow_run_id: In place of that of the task.
            flow_run_name: In place of that of the task.

        Raises:
            ClientError: There is no such flow run.
            ValueError: There is no id, or no name.
        """
        from prefect.client import Client

        flow_run_id = flow_run_id or self.flow_run_id or context.get("flow_run_id")
        flow_run_name = flow_run_name or self.flow_run_name  # type: ignore[assignment]
        if not flow_run_id:
            raise ValueError("`flow_run_id` must be explicitly provided or available in the context.")
        if not flow_run_name:
            raise ValueError("Must provide a flow run name. Give `flow_run_name` to RenameFlowRun(…) or to its run(…).")
        return Client().set_flow_run_name(flow_run_id, flow_run_name)
