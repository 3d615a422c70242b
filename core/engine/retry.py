"""Step 14 of a task run: a failed run that may be tried again.

Source: core.md §8.3 and §8.8.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prefect.engine.state import Retrying, now_utc

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.engine.task_run import TaskRun


def retried(run: TaskRun, state: State) -> State:
    """Return ``Retrying`` if the task has an attempt left and retries such errors, else the failed state."""
    task = run.task
    if task.retry_on and state.result is not None and not isinstance(state.result, tuple(task.retry_on)):
        run.logger.info(
            "Task '%s': Skipping retry. Exception of type %r is not an instance of the retry on exception types.",
            run.name,
            type(state.result).__name__,
        )
        return state
    run_count: int = run.layer["task_run_count"]
    if run_count > task.max_retries:
        return state
    retrying = Retrying(
        message=f"Retrying Task (after attempt {run_count} of {task.max_retries + 1})",
        start_time=now_utc() + (task.retry_delay or timedelta(0)),
        run_count=run_count,
    )
    if "task_loop_count" in run.layer:
        retrying.context["task_loop_count"] = run.layer["task_loop_count"]
        retrying.result = run.loop_result
    return retrying
