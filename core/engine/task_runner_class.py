"""Runs of tasks by a class of the user's own, called as 1.x called it.

Source: core.md §8.2, §8.3, §17.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context, pop, push_layers
from prefect.engine.runner import answered
from prefect.engine.signals import ENDRUN
from prefect.engine.state import State, initial

if TYPE_CHECKING:
    from prefect.engine.observer import Observer
    from prefect.engine.settings import RunSettings
    from prefect.engine.unit import Unit


def run_with_class(runner_cls: type, unit: Unit, settings: RunSettings, is_mapped_parent: bool) -> State:
    """Let a class run a task and return the state it leaves.

    Args:
        runner_cls: Made and called as :class:`~prefect.engine.task_runner.TaskRunner` is, arguments by name.
        unit: The run.
        settings: What the tasks of the pass have in common.
        is_mapped_parent: Only find out whether the task can be mapped over its inputs.

    Raises:
        TypeError: What the class returned is no state.
    """
    step, observer = unit.step, settings.observer
    token = push_layers((unit.layer(), *settings.layers))
    try:
        runner = runner_cls(task=step.task, state_handlers=settings.handlers or None, flow_result=settings.flow_result)
        runner.observer, runner.reported = observer, None
        state = runner.run(
            state=unit.given,
            upstream_states={**dict(unit.inputs), **step.constant_states()},
            context=context.copy(),
            is_mapped_parent=is_mapped_parent,
        )
        if not isinstance(state, State):
            raise TypeError(
                f"{runner_cls.__name__}.run returned {state!r} for the task {step.name!r}. Return the State of the task."
            )
        known = runner.reported or initial(unit.given)
        return state if observer is None or state is known else _observed(observer, unit, known, state)
    finally:
        pop(token)


def _observed(observer: Observer, unit: Unit, old: State, new: State) -> State:
    """Tell an observer of a state that is the class's own work, and return the state to go on with."""
    try:
        answer: Any = observer.task_state_changed(unit.step.task, unit.map_index, old, new)
    except ENDRUN as end:
        return end.state
    return answered(answer, new)
