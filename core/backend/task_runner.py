"""``CloudTaskRunner``: runs one task of a flow run that a backend keeps.

Source: backend.md §10.1, §10.3; core.md §1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.backend.recorder import NOT_MAPPED, RunRecorder
from prefect.backend.task_states import begun_from
from prefect.client import Client
from prefect.context import context as prefect_context
from prefect.engine.restored import with_value
from prefect.engine.task_runner import TaskRunner

if TYPE_CHECKING:
    from prefect.edge import Edge
    from prefect.engine.state import State


class CloudTaskRunner(TaskRunner):
    """Runs one task of the flow run whose id is ``prefect.context.flow_run_id``, which is running; the name is that of 1.x.

    It goes on from the state that the backend has, reads values of upstream tasks from where they were stored, and reports
    every change of state. Runs of whole flows do not need it: there the engine does the same.
    """

    def run(
        self,
        state: State | None = None,
        upstream_states: dict[Edge, State] | None = None,
        context: dict[str, Any] | None = None,
        is_mapped_parent: bool = False,
    ) -> State:
        """Run the task once and return its final state; see :class:`~prefect.engine.task_runner.TaskRunner`.

        Raises:
            ClientError: There is no such flow run, or the backend cannot be reached.
        """
        if self.observer is not None:  # the flow run that this task is part of reports by itself
            return super().run(state, upstream_states, context, is_mapped_parent)
        values = dict(context or {})
        state = self._connected(values, state)
        upstream = {
            edge: with_value(given, edge.upstream_task.result or self.flow_result)
            for edge, given in (upstream_states or {}).items()
        }
        return super().run(state, upstream, values, is_mapped_parent)

    def _connected(self, values: dict[str, Any], state: State | None) -> State:
        """Find the task run in the backend, put what tells of it into the context, and return where it goes on from."""
        client = Client()
        flow_run_id = values.get("flow_run_id") or prefect_context.get("flow_run_id")
        info = client.get_flow_run_info(flow_run_id, with_task_runs=False)
        slug = values.get("task_slug") or self.task.slug or self.task.name
        map_index = values.get("map_index")
        task_runs = client.get_task_runs(flow_run_id)
        self.observer = RunRecorder(client, info, {self.task: slug}, task_runs, info.state)
        for name, value in self.observer.task_run_begins(self.task, map_index).items():
            values.setdefault(name, value)
        values.setdefault("checkpointing", True)
        values.setdefault("running_with_backend", True)
        if state is not None:
            return state
        number = NOT_MAPPED if map_index is None else map_index
        known = (run.state for run in task_runs if (run.task_slug, run.map_index) == (slug, number))
        return begun_from(next(known, None))
