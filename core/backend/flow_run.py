"""``FlowRunView``: a flow run with its task runs and logs; and watching one.

Source: backend.md §20.2, §20.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.backend.compatible_agents import check_for_compatible_agents as check_for_compatible_agents
from prefect.backend.errors import require_text, value_errors
from prefect.backend.flow import FlowView as FlowView
from prefect.backend.task_run import TaskRunView
from prefect.backend.watching import FlowRunLog as FlowRunLog
from prefect.backend.watching import stream_flow_run_logs as stream_flow_run_logs
from prefect.backend.watching import watch_flow_run as watch_flow_run
from prefect.client.moments import as_moment
from prefect.client.transport import connected_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from prefect.engine.state import State
    from prefect.run_configs import RunConfig


class TimestampedState:
    """A state that a run once had: it can be asked what a state can be asked, and for its ``timestamp``.

    Args:
        state: The state.
        timestamp: When the run got it, a ``pendulum.DateTime``.
    """

    __slots__ = ("state", "timestamp")

    def __init__(self, state: State, timestamp: Any) -> None:
        self.state = state
        self.timestamp = timestamp

    def __getattr__(self, name: str) -> Any:
        return getattr(self.state, name)

    def __repr__(self) -> str:
        return repr(self.state)


class FlowRunView:
    """A flow run as it was when it was looked at; what it is asked for later is read when it is asked for.

    Args:
        flow_run_id: Its id.
        name: Its name.
        flow_id: Id of its flow.
        labels: Its labels.
        parameters: Values of all parameters.
        context: What it adds to ``prefect.context``.
        state: Its state.
        states: All states it has had, the oldest first, each with a ``timestamp``.
        updated_at: When it last changed, a ``pendulum.DateTime``.
        run_config: How and where an agent runs it; None if nothing is said.
        task_runs: Task runs that are known already; finished ones are not read again.
    """

    def __init__(
        self,
        flow_run_id: str,
        name: str,
        flow_id: str,
        labels: list[str],
        parameters: dict[str, Any],
        context: dict[str, Any],
        state: State,
        states: list[TimestampedState],
        updated_at: Any,
        run_config: RunConfig | None,
        task_runs: Iterable[TaskRunView] = (),
    ) -> None:
        self.flow_run_id = flow_run_id
        self.name = name
        self.flow_id = flow_id
        self.labels = labels
        self.parameters = parameters
        self.context = context
        self.state = state
        self.states = states
        self.updated_at = updated_at
        self.run_config = run_config
        self._flow: FlowView | None = None
        self._task_run_ids: list[str] | None = None
        self._cached_task_runs: dict[str, TaskRunView] = {}
        for task_run in task_runs or ():
            self._keep(task_run)

    @classmethod
    def from_flow_run_id(
        cls, flow_run_id: str, load_static_tasks: bool = False, _cached_task_runs: Iterable[TaskRunView] = ()
    ) -> FlowRunView:
        """Return the flow run of an id.

        Args:
            flow_run_id: The id.
            load_static_tasks: Read the task runs of unmapped tasks at once.

        Raises:
            TypeError: The id is no text.
            ValueError: There is no such flow run.
        """
        from prefect.orchestration.flow_runs import get_flow_run
        from prefect.orchestration.task_runs import task_runs
        from prefect.serialization.run_configs import deserialize_run_config
        from prefect.serialization.states import deserialize_state

        require_text(flow_run_id, "flow_run_id")
        store = connected_store()
        with value_errors():
            run = get_flow_run(store, flow_run_id)
        known = list(_cached_task_runs)
        if load_static_tasks:
            known += map(TaskRunView._from_record, task_runs(store, flow_run_id, children=False))
        return cls(
            flow_run_id=run["id"],
            name=run["name"],
            flow_id=run["flow_id"],
            labels=run["labels"],
            parameters=run["parameters"],
            context=run["context"],
            state=deserialize_state(run["state"]),
            states=_states(store.runs.history(flow_run_id)),
            updated_at=as_moment(run["at"]),
            run_config=None if run["run_config"] is None else deserialize_run_config(run["run_config"]),
            task_runs=known,
        )

    def get_latest(self, load_static_tasks: bool = False) -> FlowRunView:
        """Return the flow run as it is now; task runs that are known to have finished are kept.

        Args:
            load_static_tasks: Read the task runs of unmapped tasks at once.
        """
        return self.from_flow_run_id(self.flow_run_id, load_static_tasks, self._cached_task_runs.values())

    def get_logs(self, start_time: datetime | None = None, end_time: datetime | None = None) -> list[FlowRunLog]:
        """Return what the flow run has logged, the oldest line first.

        Args:
            start_time: Only lines after this time.
            end_time: Only lines up to this time; by default all there are.
        """
        from prefect.orchestration.logs import get_logs

        return list(map(FlowRunLog.from_dict, get_logs(connected_store(), self.flow_run_id, start_time, end_time)))

    def get_flow_metadata(self, no_cache: bool = False) -> FlowView:
        """Return the flow of the flow run.

        Args:
            no_cache: Read it again.
        """
        if self._flow is None or no_cache:
            self._flow = FlowView.from_flow_id(self.flow_id)
        return self._flow

    # ---- task runs -----------------------------------------------------------------------------------------------

    def get_task_run(
        self, task_slug: str | None = None, task_run_id: str | None = None, map_index: int | None = None
    ) -> TaskRunView:
        """Return a task run by its id or by the slug of its task.

        Args:
            task_slug: Slug of the task.
            task_run_id: Id of the task run.
            map_index: Number of the mapped child, from 0.

        Raises:
            TypeError: An id or slug is no text.
            ValueError: Neither is given, there is no such task run, or the id is that of another one.
        """
        if task_run_id is not None:
            return self._task_run_of_id(task_run_id, task_slug, map_index)
        if task_slug is None:
            raise ValueError("One of `task_run_id` or `task_slug` must be provided!")
        index = -1 if map_index is None else map_index
        for known in self._cached_task_runs.values():
            if (known.task_slug, known.map_index) == (task_slug, index):
                return known
        return self._keep(TaskRunView.from_task_slug(task_slug, self.flow_run_id, index))

    def _task_run_of_id(self, id: str, task_slug: str | None, map_index: int | None) -> TaskRunView:
        require_text(id, "task_run_id")
        found = self._cached_task_runs.get(id) or TaskRunView.from_task_run_id(id)
        if found.flow_run_id != self.flow_run_id:
            raise ValueError(f"The task run {id!r} belongs to another flow run, {found.flow_run_id!r}.")
        if task_slug is not None and found.task_slug != task_slug:
            raise ValueError(f"The task run {id!r} is one of the task {found.task_slug!r}, not of {task_slug!r}.")
        if map_index is not None and found.map_index != map_index:
            raise ValueError(f"The task run {id!r} has the map index {found.map_index}, not {map_index}.")
        return self._keep(found)

    def get_all_task_runs(self) -> list[TaskRunView]:
        """Return all task runs, those of unmapped tasks first."""
        from prefect.orchestration.task_runs import task_runs

        found = [
            self._cached_task_runs.get(record["id"]) or TaskRunView._from_record(record)
            for record in task_runs(connected_store(), self.flow_run_id)
        ]
        return list(map(self._keep, found))

    def get_task_run_ids(self) -> list[str]:
        """Return the ids of all task runs; those of a finished flow run are read once."""
        from prefect.orchestration.task_runs import task_runs

        if self._task_run_ids is not None:
            return self._task_run_ids
        ids = [record["id"] for record in task_runs(connected_store(), self.flow_run_id)]
        if self.state.is_finished():
            self._task_run_ids = ids
        return ids

    @property
    def task_run_ids(self) -> list[str]:
        """The ids of all task runs."""
        return self.get_task_run_ids()

    def _keep(self, task_run: TaskRunView) -> TaskRunView:
        if task_run.state.is_finished():
            self._cached_task_runs[task_run.task_run_id] = task_run
        return task_run

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(flow_run_id={self.flow_run_id!r}, name={self.name!r}, state={self.state!r},"
            f" labels={self.labels!r}, cached_task_runs={len(self._cached_task_runs)})"
        )


def _states(history: list[dict[str, Any]]) -> list[TimestampedState]:
    """Return the states in the lines of a record, each once."""
    from prefect.serialization.states import deserialize_state

    lines = {line["version"]: line for line in reversed(history)}
    return [
        TimestampedState(deserialize_state(line["state"]), as_moment(line["state_timestamp"]))
        for _, line in sorted(lines.items())
    ]
