"""``CloudFlowRunner``: executes a flow run that a backend keeps.

Source: backend.md §10, §11; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.backend.recorder import RunRecorder, plain
from prefect.backend.task_states import KnownTaskRun, restored_states
from prefect.backend.watcher import Watcher
from prefect.client import Client
from prefect.context import context as prefect_context
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.state import Cancelled, Failed, Mapped, Queued, Scheduled, now_utc
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from prefect.client.results import FlowRunInfoResult
    from prefect.engine.observer import Observer
    from prefect.engine.state import State
    from prefect.executors import Executor
    from prefect.flow import Flow
    from prefect.task import Task

#: Seconds that a process waits for a retry or a free slot; for later ones an agent starts another process.
LONGEST_WAIT_SECONDS = 600.0


class CloudFlowRunner(FlowRunner):
    """Executes the flow run whose id is ``prefect.context.flow_run_id``; the name is that of 1.x.

    Args:
        flow: The flow.
        state_handlers: Called as ``handler(flow_runner, old_state, new_state)``, after those of the flow.

    Attributes:
        client: The way to the backend.
        longest_wait: Seconds this process waits for the next task; None waits as long as it takes.
    """

    def __init__(self, flow: Flow, state_handlers: Iterable[Callable[..., Any]] | None = None) -> None:
        super().__init__(flow, state_handlers=state_handlers)
        self.logger = get_logger("CloudFlowRunner")
        self.client = Client()
        self.longest_wait: float | None = LONGEST_WAIT_SECONDS

    def run(
        self,
        state: State | None = None,
        task_states: Mapping[Task, State] | None = None,
        return_tasks: Collection[Task] | None = None,
        parameters: dict[str, Any] | None = None,
        task_runner_state_handlers: Iterable[Callable[..., Any]] | None = None,
        executor: Executor | None = None,
        context: dict[str, Any] | None = None,
        task_contexts: Mapping[Task, dict[str, Any]] | None = None,
        observer: Observer | None = None,
    ) -> State:
        """Run the flow until it is finished or only waits for what is too far away, and return its state.

        Arguments are those of :class:`~prefect.engine.flow_runner.FlowRunner`; what the backend knows comes first, what is
        given here wins over it. A flow that still has to wait stays ``Running``.
        """
        flow_run_id = prefect_context.get("flow_run_id")
        try:
            info = self.client.get_flow_run_info(flow_run_id)
            known = self._known_task_runs(info)
        except Exception as exc:  # noqa: BLE001 - a run that cannot be read fails, whatever kept it from being read
            self.logger.error("Could not retrieve state from the backend: %s", exc)
            return Failed(message=f"Could not retrieve state from the backend: {exc}", result=exc)
        given = {**restored_states(self.flow, known.values()), **(task_states or {})}
        recorder = RunRecorder(self.client, info.id, info.version, known, {run.task_slug: run.task_id for run in info.task_runs})
        recorder.begin(self.flow)
        options = {
            "parameters": {**(info.parameters or {}), **(parameters or {})},
            "task_runner_state_handlers": task_runner_state_handlers,
            "executor": executor,
            "context": {**(context or {}), **_run_context(info)},
            "task_contexts": task_contexts,
            "observer": recorder,
        }
        with self.client.executing(info.id), Watcher(self.client, info.id, self._beats(info)) as watcher:
            try:
                final = self._run_passes(plain(state or info.state), given, options, watcher)
            except KeyboardInterrupt:
                if not watcher.cancelled.is_set():
                    raise
                final = self._cancel(info.id)
        return _with_states_of(final, return_tasks or ())

    def _known_task_runs(self, info: FlowRunInfoResult) -> dict[tuple[str, int], KnownTaskRun]:
        runs = [
            KnownTaskRun(run.id, run.task_slug, run.map_index, run.state)
            for run in self.client.get_task_runs(info.id)
        ]
        return {(run.task_slug, run.map_index): run for run in runs}

    def _beats(self, info: FlowRunInfoResult) -> bool:
        from prefect.configuration import config

        return config.cloud.heartbeat_mode != "off" and self.client.heartbeat_is_enabled(info.flow_id)

    # ---- passes --------------------------------------------------------------------------------------------------

    def _run_passes(
        self, state: State, states: dict[Task, State], options: dict[str, Any], watcher: Watcher
    ) -> State:
        """Run passes over the flow until it is finished, or nothing begins soon enough."""
        while True:
            state = super().run(state=state, task_states=states, return_tasks=self.flow.tasks, **options)
            if state.is_finished():
                return state
            if isinstance(state.result, dict):
                states = {task: plain(found) for task, found in state.result.items()}
                moment = min(_start_times(state.result), default=None)
            else:
                moment = state._start_time if isinstance(state, (Scheduled, Queued)) else None
            if isinstance(state, Scheduled) or not self._wait_until(moment, watcher):
                self._leave(state)
                return state
            state = plain(state)

    def _wait_until(self, moment: datetime | None, watcher: Watcher) -> bool:
        """Wait for the next task; return False if that is too far away, or never."""
        if moment is None:
            return False
        seconds = (moment - now_utc()).total_seconds()
        if self.longest_wait is not None and seconds > self.longest_wait:
            return False
        if seconds > 0:
            self.logger.info("Waiting for next available Task run at %s", moment.isoformat())
            watcher.wait(seconds)
        return True

    def _leave(self, state: State) -> None:
        """Hand a run that still has to wait back to the agents."""
        if state.is_running():
            self.client.leave_flow_run(prefect_context.get("flow_run_id"))

    def _cancel(self, flow_run_id: str) -> State:
        state = Cancelled(message="Flow run is cancelled")
        self.client.set_flow_run_state(flow_run_id, state)
        return state


def _run_context(info: FlowRunInfoResult) -> dict[str, Any]:
    """Return what ``prefect.context`` says of a run that a backend keeps."""
    return {
        **(info.context or {}),
        "flow_id": info.flow_id,
        "flow_run_id": info.id,
        "flow_run_version": info.version,
        "flow_run_name": info.name,
        "scheduled_start_time": info.scheduled_start_time,
        "project_name": info.project.name,
        "project_id": info.project.id,
        "running_with_backend": True,
        "checkpointing": True,
    }


def _start_times(states: Mapping[Task, State]) -> Iterator[datetime]:
    for state in states.values():
        for one in state.map_states if isinstance(state, Mapped) else (state,):
            if isinstance(one, (Scheduled, Queued)) and one._start_time is not None:
                yield one._start_time


def _with_states_of(state: State, tasks: Collection[Task]) -> State:
    if isinstance(state.result, dict):
        state.result = {task: state.result[task] for task in tasks if task in state.result}
    return state
