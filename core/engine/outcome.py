"""Step 12 of a task run: call the function and turn what comes of it into a state.

Source: core.md §8.4 and §9.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.engine import signals
from prefect.engine.result.base import Result, ResultNotImplementedError
from prefect.engine.state import Failed, Success, TimedOut
from prefect.exceptions import PrefectSignal, TaskTimeoutSignal

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.engine.task_run import TaskRun


def execute(run: TaskRun, state: State) -> State:
    """Call the task's function and return the state that follows.

    Raises:
        ENDRUN: The task is not running, or the function ended the run itself.
        PrefectStateSignal: The function raised one that says no more than its state.
    """
    if not state.is_running():
        raise signals.ENDRUN(state)
    run.logger.debug("Task %r: Calling task.run() method...", run.name)
    try:
        value = _call(run)
    except (Exception, PrefectSignal) as exc:
        return state_of_exception(run, exc)
    return succeeded(run, value)


def succeeded(run: TaskRun, value: Any) -> State:
    """Return the state that follows from what the function returned, having stored that if it is to be."""
    if run.keeps_values_plainly and not isinstance(value, Result):
        success: State = Success.of("Task run succeeded.", value, run.step.tags)
        return success
    return Success(message="Task run succeeded.", result=_stored(run, value))


def state_of_exception(run: TaskRun, exc: BaseException) -> State:
    """Return the state that follows from what the function raised."""
    if isinstance(exc, TaskTimeoutSignal):
        if run.settings.raises:
            raise exc
        return TimedOut(message="Task timed out during execution.", result=exc)
    if isinstance(exc, signals.LOOP):
        looped = exc.state
        looped.result = _stored(run, looped.result)
        looped.message = looped.message or f"Task is looping ({looped.loop_count})"  # type: ignore[attr-defined]
        return looped
    if isinstance(exc, signals.SUCCESS):
        success = exc.state
        success.result = _stored(run, success.result)
        return success
    if isinstance(exc, PrefectSignal) or run.settings.raises:
        raise exc
    run.log_exception(exc, "Task %r: Exception encountered during task execution!", run.name)
    return Failed(message=f"Error during execution of task: {exc!r}", result=exc)


def _call(run: TaskRun) -> Any:
    task, inputs = run.task, run.inputs
    if task.timeout:
        return _call_with_timeout(run)
    if task.log_stdout:
        from prefect.utilities.logging import redirected_stdout

        with redirected_stdout(run.logger):
            return task.run(**inputs)
    return task.run(**inputs)


def _call_with_timeout(run: TaskRun) -> Any:
    from contextlib import nullcontext

    from prefect.utilities.executors import run_task_with_timeout
    from prefect.utilities.logging import redirected_stdout

    with redirected_stdout(run.logger) if run.task.log_stdout else nullcontext():
        return run_task_with_timeout(run.task, kwargs=run.inputs, logger=run.logger)


def _stored(run: TaskRun, value: Any) -> Any:
    """Return the result that holds ``value``, written to its location if checkpointing asks for that."""
    if type(run.result) is Result:
        # It keeps values in memory only, which is what a flow without a result asks for.
        return run.result.from_value(value)
    if run.settings.checkpointing and run.task.checkpoint is not False and value is not None:
        try:
            return run.result.write(value, **_names_for(run))
        except ResultNotImplementedError:
            return run.result.from_value(value)
    return run.result.from_value(value)


def _names_for(run: TaskRun) -> dict[str, Any]:
    """Return the names that the location of a result may use; none if ours has no use for them, which is the usual case."""
    result = run.result
    if not result.is_templated and type(result).__module__.startswith("prefect."):
        return {}
    return run.template_names()
