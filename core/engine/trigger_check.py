"""Step 10 of a task run: ask the trigger.

Source: core.md §8.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.engine import signals
from prefect.engine.mapping import expanded
from prefect.engine.state import TriggerFailed
from prefect.triggers import all_successful

if TYPE_CHECKING:
    from prefect.engine.state import State
    from prefect.engine.task_run import TaskRun


def check_trigger(run: TaskRun, state: State) -> State:
    """Return the state if the trigger lets the task run.

    Raises:
        ENDRUN: The trigger does not, or raised an exception.
    """
    trigger = run.task.trigger
    if trigger is all_successful and all(upstream.is_successful() for upstream in expanded(run.upstream)):
        return state
    states = dict(run.upstream)
    states.update(run.step.constant_states())
    try:
        if not trigger(states):
            raise signals.TRIGGERFAIL("Trigger failed")
    except signals.PrefectStateSignal as signal:
        run.logger.debug("%s: %s signal raised during execution.", run.title, type(signal).__name__)
        if run.raises and not isinstance(signal, signals.PAUSE):
            raise
        raise signals.ENDRUN(signal.state) from None
    except Exception as exc:
        message = f"Unexpected error while evaluating task trigger: {exc!r}"
        run.log_exception(exc, "%s: %s", run.title, message)
        if run.raises:
            raise
        failed = TriggerFailed(f"Unexpected error while checking task trigger: {exc!r}", result=exc)
        raise signals.ENDRUN(failed) from exc
    return state
