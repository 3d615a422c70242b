"""What the process that executes a flow run says of itself.

Source: DESIGN §3 steps 4 and 6; backend.md §10, §11, §12.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.client.run_reports import RunReports
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class RunProcess(RunReports):
    """The methods of the client for being, or having started, the process of a flow run."""

    @contextmanager
    def executing(self, flow_run_id: str) -> Iterator[None]:
        """Show that this process executes a flow run for the length of a block; its end shows others that it is over.

        Raises:
            ClientError: Another process executes it.
        """
        from prefect.storage.state.files import Busy

        try:
            with self.store.runs.hold(flow_run_id):
                self._executed = flow_run_id
                try:
                    yield
                finally:
                    self._executed = None
        except Busy:
            raise ClientError(
                f"Another process on this machine executes the flow run {flow_run_id}. Watch it, or wait for its end."
            ) from None

    def leave_flow_run(self, flow_run_id: str) -> None:
        """Hand a running flow run back to the agents, since its tasks wait for longer than this process does."""
        from prefect.orchestration import states

        states.leave_flow_run(self.store, flow_run_id)

    def record_exit(self, flow_run_id: str, returncode: int) -> None:
        """Record how the process of a flow run ended, unless the flow run has finished.

        Args:
            flow_run_id: Id of the flow run.
            returncode: The exit code, or minus the number of the signal.
        """
        from prefect.orchestration import liveness

        liveness.record_exit(self.store, flow_run_id, returncode)

    def due_time(self, flow_run_id: str) -> datetime | None:
        """Return when a flow run is to be picked up; None if it is not."""
        from datetime import datetime

        due: Any = self.store.runs.get(flow_run_id)["due"]
        return None if due is None else datetime.fromisoformat(due)

    def heartbeat_is_enabled(self, flow_id: str) -> bool:
        """Return whether runs of a flow are to send heartbeats."""
        from prefect.orchestration import flow_groups, flows

        group = flow_groups.get_group(self.store, flows.get_flow(self.store, flow_id)["flow_group_id"])
        return flow_groups.is_enabled(group, "heartbeat_enabled")
