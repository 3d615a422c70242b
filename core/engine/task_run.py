"""One run of one task, or of one mapped child: the pipeline of core.md §8.3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context, pop, push_layers
from prefect.engine import signals
from prefect.engine.caching import cache_result, check_cache, check_target
from prefect.engine.mapping import awaited, check_ready_to_map, expanded, value_of
from prefect.engine.outcome import execute, state_of_exception, succeeded
from prefect.engine.restored import check_values
from prefect.engine.result.base import Result
from prefect.engine.retry import retried
from prefect.engine.runner import Runner, answered, call_state_handlers
from prefect.engine.state import (
    Failed,
    Looped,
    Paused,
    Pending,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    initial,
    now_utc,
)
from prefect.engine.trigger_check import check_trigger
from prefect.exceptions import PrefectSignal

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.mapping import Inputs
    from prefect.engine.plan import Step
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State

STARTING = "Task '%s': Starting task run..."
FINISHED = "Task '%s': Finished task run for task with final state: '%s'"
_SKIPPED = (
    "Upstream task was skipped; if this was not the intended behavior, consider changing"
    " `skip_on_upstream_skip=False` for this task."
)


#: Of tasks for which nobody has said where values are stored; it is never changed.
_IN_MEMORY = Result()


class TaskRun(Runner):
    """The full pipeline for one run of a task.

    Args:
        step: The task.
        settings: What the tasks of the pass have in common.
        upstream: (where the value comes from, state of the upstream task), bound constants aside.
        layer: See :meth:`Unit.layer`.
        is_mapped_parent: Only find out whether the task can be mapped over its inputs.
    """

    def __init__(
        self,
        step: Step,
        settings: RunSettings,
        upstream: Inputs,
        layer: dict[str, Any],
        is_mapped_parent: bool = False,
    ) -> None:
        self.step = step
        self.task = step.task
        self.settings = settings
        self.logger = settings.logger
        self.raises = settings.raises
        self.upstream = upstream
        self.layer = layer
        self.is_mapped_parent = is_mapped_parent
        self.name: str = layer["task_full_name"]
        self.title = f"Task '{self.name}'"
        self.inputs: dict[str, Any] = {}
        self.result: Any = None
        #: Nobody has said anything about where values are stored.
        self.keeps_values_plainly = False
        self.loop_result: Result | None = None
        #: The state that the observer knows.
        self.reported: State | None = None

    def run(self, state: State | None = None) -> State:
        """Go through the pipeline from ``state``, by default ``Pending``, and return the final state."""
        self.reported = state = initial(state)
        # The retry of a later iteration goes on with a run that has been announced already.
        begins = state.context.get("task_loop_count", 1) == 1
        return self._in_context(lambda: self._loop(self._once(state)), *([STARTING] if begins else []))

    def run_plain(self, state: State | None, inputs: dict[str, Any]) -> State:
        """Run a plain task whose upstream tasks all succeeded: only the steps in which something can happen.

        Args:
            state: ``Pending`` without anything to remember, which is the default.
            inputs: Argument → value.
        """
        self.reported = state = initial(state)
        return self._in_context(lambda: self._loop(self._plain(state, inputs)), STARTING)

    def continue_after(self, exc: BaseException, inputs: dict[str, Any]) -> State:
        """Finish a plain run whose function was called with ``inputs`` and raised ``exc``, in the context of the run."""

        def finish() -> State:
            self.inputs = inputs
            self._locate_result()
            state = self._take_outcome(Running(message="Starting task run."), exc)
            return self._loop(self._finish(state))

        return self._guarded(finish)

    def fail(self, given: State | None, reason: str, cause: BaseException | None) -> State:
        """Finish a run that was begun from ``given`` elsewhere and of which only is known why it came to no end."""
        message = f"{self.title} failed. {reason}"
        error = RuntimeError(reason)
        error.__cause__ = cause

        def finish() -> State:
            self.reported = initial(given)
            self._initialise(self.reported)
            self.logger.error(message)
            return self._finish(self._become(Running(message="Starting task run."), Failed(message, result=error)))

        return self._in_context(finish)

    # ---- the whole ---------------------------------------------------------------------------------------------

    def _in_context(self, pipeline: Callable[[], State], *beginning: str) -> State:
        """Run the pipeline in the context of the task, with the log lines around it."""
        token = push_layers((self.layer, *self.settings.layers))
        try:
            for line in beginning:
                self.logger.info(line, self.name)
            state = self._told(self._guarded(pipeline))
            self.logger.info(FINISHED, self.name, type(state).__name__)
            return state
        finally:
            pop(token)

    def _guarded(self, pipeline: Callable[[], State]) -> State:
        """Run the pipeline; whatever escapes from it becomes a state."""
        try:
            return pipeline()
        except signals.ENDRUN as end:
            return end.state
        except signals.PAUSE as pause:
            return pause.state
        except Exception as exc:
            message = f"{self.title}: Unexpected error while running task: {exc!r}"
            self.log_exception(exc, message)
            if self.raises:
                raise
            failed = Failed(message=message, result=exc)
            failed.context = {}
            return failed

    def _loop(self, state: State) -> State:
        """Go through the pipeline again for every iteration of a looping task (core.md §8.8)."""
        while isinstance(state, Looped):
            state = self._once(
                Pending(
                    message=f"Looping task (on loop index {state.loop_count})",
                    result=state._result,
                    context={"task_loop_count": state.loop_count + 1},
                )
            )
        return state

    def _once(self, state: State) -> State:
        """Go once through the pipeline; ``ENDRUN`` is raised where it ends early."""
        self._initialise(state)
        state = self._check_ready(state)
        state = self._check_start_time(state)
        state = self._check_upstream_finished(state)
        if self.settings.observer is not None:
            state = self._check_values(state)
        state = self._check_upstream_skipped(state)
        if self.is_mapped_parent:
            state = self._check_ready_to_map(state)
        # They stay the same from one iteration of a loop to the next.
        if not self.inputs:
            self.inputs = self._collected_inputs()
        self._name_run()
        state = self._check_target(state) if self.task.target else self._check_cache(state)
        state = self._check_trigger(state)
        state = self._set_running(state)
        return self._finish(self._execute(state))

    def _plain(self, state: State, inputs: dict[str, Any]) -> State:
        """Do what :meth:`_once` does, without the steps in which nothing can happen to a plain task."""
        self._locate_result()
        self.inputs = inputs
        state = self.handle_state_change(state, Running.without_value("Starting task run.", self.step.tags))
        if not state.is_running():
            raise signals.ENDRUN(state)
        try:
            value = self.step.run(**inputs)
        except (Exception, PrefectSignal) as exc:
            raised = exc
        else:
            if self.keeps_values_plainly and not isinstance(value, Result):
                return self.handle_state_change(state, succeeded(self, value))
            return self._succeed(state, value)
        # Here, and not in the handler, whose exception would stand in every traceback that follows.
        return self._take_outcome(state, raised)

    def _finish(self, state: State) -> State:
        return self._check_for_retry(self._cache_result(state))

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Tell the task's handlers, the runner's and then the observer (core.md §8.2.6)."""
        for handler in self.task.state_handlers:
            new_state = answered(handler(self.task, old_state, new_state), new_state)
        settings = self.settings
        if settings.handlers:
            runner = settings.runner or self._public_runner()
            for handler in settings.handlers:
                new_state = answered(handler(runner, old_state, new_state), new_state)
        if settings.observer is not None:
            index = self.layer["map_index"]
            answer = settings.observer.task_state_changed(self.task, index, old_state, new_state)
            self.reported = new_state = answered(answer, new_state)
        return new_state

    def _told(self, state: State) -> State:
        """Tell the observer of the final state if that came about without a step: by a handler, or by an error."""
        observer = self.settings.observer
        if observer is None or self.reported is None or state is self.reported:
            return state
        try:
            answer = observer.task_state_changed(self.task, self.layer["map_index"], self.reported, state)
        except signals.ENDRUN as end:
            return end.state
        return answered(answer, state)

    def _public_runner(self) -> Any:
        from prefect.engine.task_runner import TaskRunner

        settings = self.settings
        runner_cls = settings.task_runner_cls or TaskRunner
        return runner_cls(task=self.task, state_handlers=settings.handlers, flow_result=settings.flow_result)

    # ---- steps before the run ----------------------------------------------------------------------------------

    def _initialise(self, state: State) -> None:
        layer, facts = self.layer, state.context
        if isinstance(state, Retrying):
            layer["task_run_count"] = state.run_count + 1
        else:
            layer["task_run_count"] = facts.get("task_run_count", 1)
        if isinstance(state, Resume) or (isinstance(state, Paused) and _is_due(state)):
            layer["resume"] = True
        if "task_loop_count" in facts:
            layer["task_loop_count"] = facts["task_loop_count"]
            layer["task_loop_result"] = state.result
            self.loop_result = state._result
        self._locate_result()

    def _locate_result(self) -> None:
        result = self.task.result
        flow_result = self.settings.flow_result
        if result is None:
            self.keeps_values_plainly = flow_result is None and not self.task.target
            result = _IN_MEMORY if flow_result is None else flow_result.copy()
        self.result = result.located_at(self.task.target) if self.task.target else result

    @call_state_handlers
    def _check_ready(self, state: State) -> State:
        if state.is_pending() or state.is_cached():
            return state
        if state.is_mapped():
            self.logger.debug(
                "Task '%s': task is already mapped, but run will proceed so children are generated.", self.name
            )
            return state
        if state.is_running():
            self.logger.debug("Task '%s': task is already running.", self.name)
        elif state.is_finished():
            self.logger.debug("Task '%s': Task is already finished.", self.name)
        else:
            self.logger.debug("Task '%s': Task is not ready to run or state was unrecognized (%r).", self.name, state)
        raise signals.ENDRUN(state)

    @call_state_handlers
    def _check_start_time(self, state: State) -> State:
        if isinstance(state, Scheduled) and not _is_due(state):
            if state._start_time is None:
                self.logger.debug("Task '%s' is scheduled without a known start_time; ending run.", self.name)
            else:
                self.logger.debug("Task '%s': start_time has not been reached; ending run.", self.name)
            raise signals.ENDRUN(state)
        return state

    @call_state_handlers
    def _check_upstream_finished(self, state: State) -> State:
        if all(upstream.is_finished() for upstream in awaited(self.upstream)):
            return state
        self.logger.debug("Task '%s': Not all upstream states are finished; ending run.", self.name)
        raise signals.ENDRUN(state)

    @call_state_handlers
    def _check_values(self, state: State) -> State:
        check_values(self.upstream)
        return state

    @call_state_handlers
    def _check_upstream_skipped(self, state: State) -> State:
        if self.task.skip_on_upstream_skip and any(upstream.is_skipped() for upstream in expanded(self.upstream)):
            self.logger.debug("Task '%s': Upstream states were skipped; ending run.", self.name)
            raise signals.ENDRUN(Skipped(message=_SKIPPED))
        return state

    def _collected_inputs(self) -> dict[str, Any]:
        inputs = dict(self.step.constants)
        for source, state in self.upstream:
            if source.key is not None:
                inputs[source.key] = value_of(state)
        return inputs

    @call_state_handlers
    def _check_ready_to_map(self, state: State) -> State:
        return check_ready_to_map(state, self.upstream)

    def _name_run(self) -> None:
        name = self.task.task_run_name
        if name is None:
            return
        names = self.template_names()
        run_name = self.layer["task_run_name"] = _run_name(name, names)
        if self.settings.observer is not None:
            self.settings.observer.task_run_named(self.task, self.layer["map_index"], run_name)

    def template_names(self) -> dict[str, Any]:
        """Return what targets, locations and names of runs may refer to (core.md §9.5)."""
        names = dict(context.get("parameters") or {})
        names.update(context.copy())
        names.update(self.inputs)
        names.pop("self", None)
        return names

    @call_state_handlers
    def _check_target(self, state: State) -> State:
        return check_target(self, state)

    @call_state_handlers
    def _check_cache(self, state: State) -> State:
        return check_cache(self, state)

    @call_state_handlers
    def _check_trigger(self, state: State) -> State:
        return check_trigger(self, state)

    @call_state_handlers
    def _set_running(self, state: State) -> State:
        if not state.is_pending():
            self.logger.debug("Task '%s': Can't set state to Running because it isn't Pending; ending run.", self.name)
            raise signals.ENDRUN(state)
        return Running(message="Starting task run.")

    # ---- the run and the steps after it ------------------------------------------------------------------------

    @call_state_handlers
    def _execute(self, state: State) -> State:
        return execute(self, state)

    @call_state_handlers
    def _succeed(self, state: State, value: Any) -> State:
        return succeeded(self, value)

    @call_state_handlers
    def _take_outcome(self, state: State, exc: BaseException) -> State:
        return state_of_exception(self, exc)

    @call_state_handlers
    def _become(self, state: State, new_state: State) -> State:
        return new_state

    @call_state_handlers
    def _cache_result(self, state: State) -> State:
        return cache_result(self, state)

    @call_state_handlers
    def _check_for_retry(self, state: State) -> State:
        if not state.is_failed() or not self.task.max_retries:
            return state
        return retried(self, state)


def _run_name(name: Any, names: dict[str, Any]) -> Any:
    from prefect.engine.templates import filled_in

    return name(**names) if callable(name) else filled_in(name, names, "task_run_name")


def _is_due(state: Scheduled) -> bool:
    return state._start_time is not None and state._start_time <= now_utc()
