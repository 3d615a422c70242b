"""``CloudFlowRunner``: executes a flow run that a backend keeps.

Source: backend.md §10, §11; core.md §22.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.backend.recorder import CANCELLED, RunRecorder
from prefect.backend.task_states import parts, restored_states, unqueued, waiting_states
from prefect.backend.waiting import Waiting
from prefect.backend.watcher import Watcher
from prefect.client import Client
from prefect.client.run_process import ExecutedElsewhere
from prefect.configuration import config
from prefect.context import Lazy
from prefect.context import context as prefect_context
from prefect.engine.flow_runner import FlowRunner
from prefect.engine.observer import Observers
from prefect.engine.runner import ENDRUN
from prefect.engine.state import Cancelled, Cancelling, Failed, Queued, initial
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

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

    ``flow.run()`` gives each of its runs an id of its own: such a run, inside a task for instance, is a local one, also
    where the configuration names this class.

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

        Raises:
            KeyError: The flow has not the tasks that were registered.
        """
        options: dict[str, Any] = {
            "parameters": parameters,
            "task_runner_state_handlers": task_runner_state_handlers,
            "executor": executor,
            "context": context,
            "task_contexts": task_contexts,
            "observer": observer,
        }
        flow_run_id = prefect_context.get("flow_run_id")
        if (context or {}).get("flow_run_id", flow_run_id) != flow_run_id:
            return super().run(state, task_states, return_tasks, **options)
        self.valued_tasks = return_tasks or ()
        try:
            with self.client.executing(flow_run_id):
                final = self._execute(flow_run_id, state, task_states or {}, options)
        except ExecutedElsewhere as exc:
            self.logger.info("%s This process ends.", exc)
            return self.client.get_flow_run_state(flow_run_id)
        return _with_states_of(final, return_tasks or ())

    def _execute(
        self, flow_run_id: str, state: State | None, task_states: Mapping[Task, State], options: dict[str, Any]
    ) -> State:
        try:
            info = self.client.get_flow_run_info(flow_run_id, with_task_runs=False)
            task_runs = self.client.get_task_runs(flow_run_id)
        except Exception as exc:  # noqa: BLE001 - a run that cannot be read fails, whatever kept it from being read
            self.logger.error("Could not retrieve state from the backend: %s", exc)
            return Failed(message=f"Could not retrieve state from the backend: {exc}", result=exc)
        start = initial(info.state if state is None else state)
        given = {**restored_states(self.flow, task_runs), **task_states}
        recorder = RunRecorder(self.client, info, self.flow.slugs, task_runs, start)
        options["parameters"] = {**(info.parameters or {}), **(options["parameters"] or {})}
        options["context"] = {**(options["context"] or {}), **_run_context(info)}
        observer = options["observer"]
        options["observer"] = recorder if observer is None else Observers(recorder, observer)
        if info.state.is_running():
            self.client.take_over(flow_run_id)
        watcher = Watcher(self.client, flow_run_id, self._beats(info), on_cancel=recorder.end)
        try:
            with watcher:
                recorder.report_constants()
                waiting = Waiting(watcher, recorder, self.longest_wait)
                final = self._run_passes(start, given, options, waiting)
        except KeyboardInterrupt:
            recorder.end()
            if not watcher.cancelled.is_set():
                raise
            final = Cancelled(message=CANCELLED)
        if isinstance(final, Cancelling):
            final = Cancelled(message=CANCELLED)
        return self._reported(final, recorder, options)

    def _beats(self, info: FlowRunInfoResult) -> bool:
        return config.cloud.heartbeat_mode != "off" and self.client.heartbeat_is_enabled(info.flow_id)

    def _run_passes(self, state: State, states: dict[Task, State], options: dict[str, Any], waiting: Waiting) -> State:
        """Run passes over the flow until it is finished, or nothing begins soon enough."""
        while True:
            state = super().run(state=state, task_states=states, return_tasks=self.flow.tasks, **options)
            if isinstance(state, Queued) and waiting.until(state._start_time):
                state = initial(state)
            elif not state.is_running() or not isinstance(state.result, dict):
                return state
            elif waiting.for_task_runs(state.result):
                states = unqueued(state.result)
            elif any(waiting_states(state.result)):
                self.client.leave_flow_run(options["context"]["flow_run_id"])
                return state
            else:
                return _stuck(state.result)

    def _reported(self, state: State, recorder: RunRecorder, options: dict[str, Any]) -> State:
        """Tell handlers and backend of the final state if it came about outside a step: by a cancellation, or an error."""
        known = recorder.flow_state
        if known.is_finished() or not state.is_finished():
            return known if known.is_finished() else state
        self.observer = options["observer"]
        with prefect_context(options["context"]):
            try:
                state = self.handle_state_change(known, state)
            except ENDRUN as end:
                state = end.state
        if recorder.flow_state is known:  # a handler raised, so that its turn never came
            try:
                recorder.flow_state_changed(self.flow, known, state)
            except ENDRUN as end:
                state = end.state
        return state


def _run_context(info: FlowRunInfoResult) -> dict[str, Any]:
    """Return what ``prefect.context`` says of a run that a backend keeps."""
    return {
        **(info.context or {}),
        "flow_id": info.flow_id,
        "flow_run_id": info.id,
        "flow_run_version": info.version,
        "flow_run_name": info.name,
        "scheduled_start_time": Lazy(lambda: info.scheduled_start_time),
        "project_name": info.project.name,
        "project_id": info.project.id,
        "running_with_backend": True,
        "checkpointing": True,
    }


def _stuck(states: Mapping[Task, State]) -> State:
    """Return the state of a run of which no unfinished task can ever begin; 1.x left it running."""
    unfinished = [(task.name, state) for task, _, state in parts(states) if not state.is_finished()]
    first = ", ".join(f"{name!r} is {type(state).__name__} ({state.message})" for name, state in unfinished[:3])
    return Failed(message=f"None of the unfinished tasks can begin: {first}.", result=dict(states))


def _with_states_of(state: State, tasks: Collection[Task]) -> State:
    if isinstance(state.result, dict):
        state.result = {task: state.result[task] for task in tasks if task in state.result}
    return state
