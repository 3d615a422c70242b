"""``CancelFlowRun``.

Source: core.md §21.6.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of a flow's JSON form (core.md §20.2).
from typing import Any

from prefect.context import context
from prefect.task import Task


class CancelFlowRun(Task):
    """Cancels a flow run.

    Args:
        flow_run_id: Id of the flow run; by default this one.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, flow_run_id: str | None = None, **kwargs: Any) -> None:
        self.flow_run_id = flow_run_id
        super().__init__(**kwargs)

    def run(self, flow_run_id: str = None) -> bool:  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        """Ask for the end of the flow run and return True.

        Args:
            flow_run_id: In place of that of the task.

        Raises:
            ClientError: There is no such flow run.
            ValueError: There is no id.
        """
        from prefect.client import Client

        flow_run_id = flow_run_id or self.flow_run_id or context.get("flow_run_id")
        if not flow_run_id:
            raise ValueError(
                "Can't cancel a flow run without flow run ID. Give `flow_run_id` to CancelFlowRun(…) or to its run(…)."
            )
        return bool(Client().cancel_flow_run(flow_run_id))
