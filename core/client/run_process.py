"""What the process that executes a flow run says of itself.

Source: DESIGN §3 steps 4 and 6; backend.md §10, §11, §12.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from prefect.client.run_reports import RunReports
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


#: Seconds between two looks whether the process before has ended.
_LOOK_SECONDS = 0.02
#: The process before has no task left to wait for, but may close a cluster of its own; after as many seconds without a
#: heartbeat it would count as dead, too.
_LONGEST_WAIT_SECONDS = 600.0

#: Ids of the flow runs that this process executes: who asks for one in its midst would wait for itself.
_executing: set[str] = set()


class ExecutedElsewhere(ClientError):
    """Another process executes the flow run."""


class HandOverTimedOut(ClientError):
    """The process that has left the flow run does not end."""


class RunProcess(RunReports):
    """The methods of the client for being, or having started, the process of a flow run."""

    @contextmanager
    def executing(self, flow_run_id: str) -> Iterator[None]:
        """Show that this process executes a flow run for the length of a block; its end shows others that it is over.

        Inside such a block, another one of the same client for the same flow run changes nothing. If the flow run was
        left to this process, the block begins when the process before, which is leaving, has ended its own.

        Raises:
            ExecutedElsewhere: Another process executes it.
            HandOverTimedOut: The process before has not ended for ten minutes.
        """
        if self._executed == flow_run_id:
            yield
            return
        with ExitStack() as held:
            self._hold(flow_run_id, held)
            before = self._executed, self._held_store
            self._executed, self._held_store = flow_run_id, self.store
            try:
                yield
            finally:
                self._executed, self._held_store = before

    def _hold(self, flow_run_id: str, held: ExitStack) -> None:
        from prefect.storage.state.locks import Busy

        store = self.store
        began = store.system.monotonic()
        while True:
            try:
                held.enter_context(store.runs.hold(flow_run_id))
            except Busy:
                if flow_run_id in _executing or not self._is_left_to_this_process(flow_run_id):
                    raise ExecutedElsewhere(
                        f"Another process on this machine executes the flow run {flow_run_id}."
                        " Watch it, or wait for its end."
                    ) from None
                if store.system.monotonic() - began >= _LONGEST_WAIT_SECONDS:
                    raise HandOverTimedOut(
                        f"The process that has left the flow run {flow_run_id} has not ended for"
                        f" {_LONGEST_WAIT_SECONDS:.0f} s, so no other can go on with it."
                        f" Find it with 'fuser {store.layout.active(flow_run_id)}', end it, and run the flow again."
                    ) from None
                store.system.sleep(_LOOK_SECONDS)
            else:
                _executing.add(flow_run_id)
                held.callback(_executing.discard, flow_run_id)
                return

    def _is_left_to_this_process(self, flow_run_id: str) -> bool:
        from prefect.orchestration import liveness

        return liveness.is_left_to_this_process(self.store, flow_run_id)

    def take_over(self, flow_run_id: str) -> None:
        """Make this process answerable for a flow run that is running already; no agent takes it any more."""
        from prefect.orchestration.processes import process_identity
        from prefect.storage.state.errors import Conflict

        change = {"process": process_identity(), "due": None}
        try:
            self.store.runs.update(flow_run_id, change, check=lambda run: run["live"] and change != _part(run, change))
        except Conflict:
            return

    def leave_flow_run(self, flow_run_id: str) -> None:
        """Hand a running flow run back to the agents, since its tasks wait for longer than this process does."""
        from prefect.orchestration import states

        states.leave_flow_run(self.store, flow_run_id)

    def record_failure(self, flow_run_id: str, reason: str, logger: str, traceback: str = "") -> None:
        """Record that a flow run cannot go on, with the task runs that were running, unless it has finished.

        Args:
            flow_run_id: Id of the flow run.
            reason: A sentence for its state and its log.
            logger: Name under which its log has that.
            traceback: What its log says besides.
        """
        from prefect.orchestration import liveness

        liveness.record_failure(self.store, flow_run_id, reason, logger, traceback)

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

        due: str | None = self.store.runs.get(flow_run_id)["due"]
        return None if due is None else datetime.fromisoformat(due)

    def heartbeat_is_enabled(self, flow_id: str) -> bool:
        """Return whether runs of a flow are to send heartbeats."""
        from prefect.orchestration import flow_groups, flows

        group = flow_groups.get_group(self.store, flows.get_flow(self.store, flow_id)["flow_group_id"])
        return flow_groups.is_enabled(group, "heartbeat_enabled")


def _part(run: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {name: run[name] for name in like}
