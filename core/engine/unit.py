"""One run of a task as a value: what it needs, and how it is run.

Two ways lead through a run. :func:`run_plain` takes the short one, for tasks that have nothing but a function and
inputs; :class:`~prefect.engine.task_run.TaskRun` goes through every step. Both give the same states, and the short way
hands over to the long one as soon as anything but a value comes out of the function. Where an observer is to be told, a
short way through the steps is taken (:meth:`TaskRun.run_plain`).

Source: core.md §8.3; DESIGN §6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import pop, push_layers
from prefect.engine.plan import TASK_LOGGER, TASK_RUN_ID
from prefect.engine.state import Success
from prefect.engine.task_run import FINISHED, STARTING, TaskRun
from prefect.exceptions import PrefectSignal

if TYPE_CHECKING:
    from prefect.engine.mapping import Inputs
    from prefect.engine.plan import Step
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State


class Unit:
    """One run of a task or of a mapped child, with all it needs.

    Attributes:
        step: The task.
        map_index: Number of the child, from 0; None for a task that is not mapped.
        task_run_id: Identity shared by the children of one parent; None for a fresh one.
        extra: Further values for ``prefect.context``, or None.
        arguments: Argument → value, if the short way can be taken; else None.
        inputs: (where a value comes from, state there), if it cannot.
        given: State to begin with, or None.
    """

    __slots__ = ("arguments", "extra", "given", "inputs", "map_index", "step", "task_run_id")

    def __init__(
        self,
        step: Step,
        map_index: int | None,
        task_run_id: str | None,
        extra: dict[str, Any] | None,
        arguments: dict[str, Any] | None,
        inputs: Inputs,
        given: State | None,
    ) -> None:
        self.step = step
        self.map_index = map_index
        self.task_run_id = task_run_id
        self.extra = extra
        self.arguments = arguments
        self.inputs = inputs
        self.given = given

    def layer(self) -> dict[str, Any]:
        """Return what ``prefect.context`` says about this run alone."""
        step, index = self.step, self.map_index
        layer = {
            "task_name": step.name,
            "task_full_name": step.name if index is None else f"{step.name}[{index}]",
            "task_slug": step.slug,
            "task_tags": step.task.tags,
            "task_id": step.slug,
            "task_run_id": TASK_RUN_ID if self.task_run_id is None else self.task_run_id,
            "task_run_count": 1,
            "map_index": index,
            "logger": TASK_LOGGER,
        }
        if self.extra:
            layer.update(self.extra)
        return layer


def run_unit(unit: Unit, settings: RunSettings, is_mapped_parent: bool = False) -> State:
    """Run a task, on the short way if its arguments are there, and return its final state.

    Args:
        unit: The run.
        settings: What the tasks of the pass have in common.
        is_mapped_parent: Only find out whether the task can be mapped over its inputs.
    """
    if unit.arguments is not None:
        if settings.observer is not None:
            return TaskRun(unit.step, settings, (), unit.layer()).run_plain(unit.given, unit.arguments)
        return run_plain(unit.step, unit.arguments, unit.layer(), settings)
    if settings.task_runner_cls is not None:
        from prefect.engine.task_runner_class import run_with_class

        return run_with_class(settings.task_runner_cls, unit, settings, is_mapped_parent)
    return TaskRun(unit.step, settings, unit.inputs, unit.layer(), is_mapped_parent).run(unit.given)


def run_plain(step: Step, arguments: dict[str, Any], layer: dict[str, Any], settings: RunSettings) -> State:
    """Run a plain task whose upstream tasks all succeeded, and return its final state.

    Args:
        step: The task; ``step.plain`` holds.
        arguments: Argument → value.
        layer: See :meth:`Unit.layer`.
        settings: What the tasks of the pass have in common; ``settings.takes_short_path`` holds.
    """
    token = push_layers((layer, *settings.layers))
    try:
        if settings.logs_info:
            settings.logger.info(STARTING, layer["task_full_name"])
        state: State | None = None
        try:
            state = Success.of("Task run succeeded.", step.run(**arguments), step.tags)
        except (Exception, PrefectSignal) as exc:
            raised = exc
        if state is None:
            # Here, and not in the handler, whose exception would stand in every traceback that follows.
            state = TaskRun(step, settings, (), layer).continue_after(raised, arguments)
        if settings.logs_info:
            settings.logger.info(FINISHED, layer["task_full_name"], type(state).__name__)
        return state
    finally:
        pop(token)


def fail_unit(unit: Unit, settings: RunSettings, reason: str, cause: BaseException | None = None) -> State:
    """Finish a run that was begun elsewhere and came to no end there, and return its state.

    Args:
        unit: The run.
        settings: What the tasks of the pass have in common.
        reason: A sentence.
        cause: What was raised there.
    """
    return TaskRun(unit.step, settings, unit.inputs, unit.layer()).fail(unit.given, reason, cause)
