"""What a process that executes runs asks the backend and tells it: states, task runs, logs, artifacts.

Source: backend.md §19.4.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from prefect.client.connection import Connection
from prefect.exceptions import ObjectNotFoundError, VersionLockMismatchSignal
from prefect.storage.state.layout import is_id, run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta
    from types import ModuleType

    from prefect.client.results import FlowRunInfoResult, NumberedTaskRun, TaskRunInfoResult
    from prefect.engine.state import State


class RunReports(Connection):
    """The methods of the client that the execution of runs needs."""

    #: Id of the flow run that this process executes; its states say which process that is.
    _executed: str | None = None

    # ---- flow runs -----------------------------------------------------------------------------------------------

    def get_flow_run_info(self, flow_run_id: str, with_task_runs: bool = True) -> FlowRunInfoResult:
        """Return a flow run with the task runs of its unmapped tasks.

        Args:
            flow_run_id: Id of the flow run.
            with_task_runs: Without them the answer costs the same however many tasks there are.

        Raises:
            ObjectNotFoundError: There is no such flow run.
        """
        from prefect.client.results import FlowRunInfoResult, ProjectInfo, TaskRunInfoResult
        from prefect.orchestration import flow_runs, flows, projects, task_runs

        try:
            run = flow_runs.get_flow_run(self.store, flow_run_id)
        except ObjectNotFoundError:
            raise ObjectNotFoundError(
                f"Flow run ID not found: \"{flow_run_id}\". List the runs with 'prefect get flow-runs'."
            ) from None
        project = projects.get_project(self.store, flows.get_flow(self.store, run["flow_id"])["project_id"])
        found = task_runs.task_runs(self.store, flow_run_id, children=False) if with_task_runs else []
        return FlowRunInfoResult(
            id=run["id"],
            name=run["name"],
            flow_id=run["flow_id"],
            project=ProjectInfo(project["id"], project["name"]),
            parameters=run["parameters"],
            context=run["context"],
            version=run["version"],
            start=run["scheduled_start_time"],
            state=_state(run["state"]),
            task_runs=[
                TaskRunInfoResult(one["id"], one["task_id"], one["task"], one["version"], _state(one["state"]))
                for one in found
            ],
        )

    def get_flow_run_state(self, flow_run_id: str) -> State:
        """Return the state of a flow run.

        Raises:
            ObjectNotFoundError: There is no such flow run.
        """
        from prefect.orchestration import flow_runs

        return _state(flow_runs.get_flow_run(self.store, flow_run_id)["state"])

    def set_flow_run_state(self, flow_run_id: str, state: State, version: int | None = None) -> State:
        """Set the state of a flow run and return it, or ``Queued`` if the run has to wait for a free slot.

        Args:
            flow_run_id: Id of the flow run.
            state: The new state.
            version: The version the run is expected to have, where the flow group wants that checked.

        Raises:
            VersionLockMismatchSignal: The run has another version.
        """
        from prefect.orchestration import states
        from prefect.orchestration.processes import process_identity
        from prefect.storage.state.errors import Conflict

        options: dict[str, Any] = {}
        if flow_run_id == self._executed and state.is_running():
            options = {"process": process_identity(), "check": _goes_on}
        try:
            status, run = states.set_flow_run_state(
                self.store, flow_run_id, state.serialize(), version=version, **options
            )
        except Conflict as error:
            raise VersionLockMismatchSignal(
                f"The flow run {flow_run_id} is being cancelled or has ended. Read its state again."
            ) from error
        return _state(run["state"]) if status == states.QUEUED else state

    def update_flow_run_heartbeat(self, flow_run_id: str) -> None:
        """Show that a flow run is being executed.

        Raises:
            ObjectNotFoundError: That is no id of a flow run.
        """
        if not is_id(flow_run_id):
            raise ObjectNotFoundError(f"Flow run {flow_run_id} not found. List the runs with 'prefect get flow-runs'.")
        self.store.runs.heartbeat(flow_run_id)

    # ---- task runs -----------------------------------------------------------------------------------------------

    def get_task_run_info(self, flow_run_id: str, task_id: str, map_index: int | None = None) -> TaskRunInfoResult:
        """Return a task run; that of a mapped child is created when it is first asked for.

        Args:
            flow_run_id: Id of the flow run.
            task_id: Id of the registered task.
            map_index: Number of the mapped child, from 0.
        """
        from prefect.client.results import TaskRunInfoResult
        from prefect.orchestration import task_runs

        run = task_runs.get_or_create_task_run(self.store, flow_run_id, task_id=task_id, map_index=map_index)
        return TaskRunInfoResult(run["id"], run["task_id"], run["task"], run["version"], _state(run["state"]))

    def get_task_runs(self, flow_run_id: str) -> list[NumberedTaskRun]:
        """Return all task runs of a flow run, those of mapped children included."""
        from prefect.client.results import NumberedTaskRun
        from prefect.orchestration import task_runs

        return [
            NumberedTaskRun(
                run["id"], run["task_id"], run["task"], run["map_index"], run["version"], _state(run["state"])
            )
            for run in task_runs.task_runs(self.store, flow_run_id)
        ]

    def get_task_run_state(self, task_run_id: str) -> State:
        """Return the state of a task run."""
        from prefect.orchestration import task_runs

        return _state(task_runs.get_task_run(self.store, task_run_id)["state"])

    def set_task_run_state(
        self, task_run_id: str, state: State, version: int | None = None, cache_for: timedelta | None = None
    ) -> State:
        """Set the state of a task run and return it, or ``Queued`` if the run has to wait for a free slot.

        Args:
            task_run_id: Id of the task run.
            state: The new state.
            version: See :meth:`set_flow_run_state`.
            cache_for: Kept for 1.x: a ``Cached`` state says itself how long it is valid.

        Raises:
            VersionLockMismatchSignal: The run has another version.
        """
        states = _states()
        executed = self._executed is not None and run_of(task_run_id) == self._executed
        status, run = states.set_task_run_state(
            self.store, task_run_id, _document()(state), version=version, run_is_running_known=executed
        )
        return _state(run["state"]) if status == states.QUEUED else state

    def set_task_run_name(self, task_run_id: str, name: str) -> bool:
        """Give a task run a name."""
        from prefect.orchestration import task_runs

        task_runs.rename(self.store, task_run_id, name)
        return True

    def get_latest_cached_states(self, task_id: str, cache_key: str | None, created_after: datetime) -> list[State]:
        """Return the states that earlier runs left in a cache, the newest first.

        Args:
            task_id: Id of the registered task.
            cache_key: Key that several tasks may share; None for the task's own states.
            created_after: Older ones are left out.
        """
        from prefect.orchestration import caching
        from prefect.orchestration.times import utc_text

        found = caching.cached_states(self.store, task_id, cache_key, utc_text(created_after))
        return [_state(document) for document in found]

    # ---- logs, agents --------------------------------------------------------------------------------------------

    def write_run_logs(self, logs: Iterable[dict[str, Any]]) -> None:
        """Append lines to the logs of flow runs.

        Args:
            logs: Each with ``flow_run_id`` and ``message``, and perhaps ``task_run_id``, ``timestamp`` (UTC text, by
                default now), ``name`` of the logger, and ``level`` (by default INFO).
        """
        _logs().write_logs(self.store, list(logs))

    def write_run_log(self, flow_run_id: str, line: dict[str, Any]) -> None:
        """Append a line to the log of a flow run that is there, as cheaply as can be: every task writes several.

        Args:
            flow_run_id: Of the flow run.
            line: With ``timestamp`` (UTC text), ``level``, ``name`` of the logger, ``task_run_id`` or None, ``message``.
        """
        _logs().append_lines(self.store, flow_run_id, [line])

    def register_agent(
        self,
        agent_type: str,
        name: str | None = None,
        labels: Iterable[str] | None = None,
        agent_config_id: str | None = None,
    ) -> str:
        """Make an agent known and return its id; one of the same type, name and labels has the same id."""
        from prefect._version import __version__
        from prefect.orchestration import agents

        return agents.register_agent(
            self.store, agent_type, name, labels or (), core_version=__version__, agent_config_id=agent_config_id
        )

    def get_agent_config(self, agent_config_id: str) -> dict[str, Any]:
        """Return the settings that agents were given under an id."""
        from prefect.orchestration import agents

        settings: dict[str, Any] = agents.get_agent_config(self.store, agent_config_id)["settings"]
        return settings

    # ---- artifacts -----------------------------------------------------------------------------------------------

    def create_task_run_artifact(
        self, task_run_id: str, kind: str, data: dict[str, Any], tenant_id: str | None = None
    ) -> str:
        """Attach something to be shown with a task run, and return its id.

        Args:
            task_run_id: Id of the task run.
            kind: ``link`` or ``markdown``.
            data: ``{"link": address}`` or ``{"markdown": text}``.
            tenant_id: Kept for 1.x; the task run has a tenant.
        """
        from prefect.orchestration import artifacts

        return artifacts.create_artifact(self.store, task_run_id, kind, data)

    def update_task_run_artifact(self, task_run_artifact_id: str, data: dict[str, Any]) -> None:
        """Replace what an artifact shows.

        Raises:
            ValueError: No id is given.
        """
        from prefect.orchestration import artifacts

        artifacts.update_artifact(self.store, _required_artifact(task_run_artifact_id), data)

    def delete_task_run_artifact(self, task_run_artifact_id: str) -> None:
        """Delete an artifact.

        Raises:
            ValueError: No id is given.
        """
        from prefect.orchestration import artifacts

        artifacts.delete_artifact(self.store, _required_artifact(task_run_artifact_id))


# Each state and each line needs one of these, where the import of what is loaded already would show.


@cache
def _states() -> ModuleType:
    from prefect.orchestration import states

    return states


@cache
def _document() -> Callable[[State], dict[str, Any]]:
    from prefect.client.state_documents import state_document

    return state_document


@cache
def _logs() -> ModuleType:
    from prefect.orchestration import logs

    return logs


def _state(document: dict[str, Any]) -> State:
    from prefect.serialization.states import deserialize_state

    return deserialize_state(document)


def _goes_on(run: dict[str, Any]) -> bool:
    """Return whether the process that executes a run may set it to running."""
    from prefect.orchestration.state_rules import FINISHED

    return run["state"]["type"] not in FINISHED | {"Cancelling"}


def _required_artifact(id: str | None) -> str:
    if id is None:
        raise ValueError("The ID of an existing task run artifact must be provided.")
    return id
