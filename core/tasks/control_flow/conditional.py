"""``switch``, ``ifelse`` and ``merge``: choose between tasks by the value of another one.

Source: core.md §10.2 to §10.4.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prefect.engine import signals
from prefect.task import Task
from prefect.tasks.core.function import FunctionTask
from prefect.triggers import not_all_skipped
from prefect.utilities.tasks import as_task, tags

if TYPE_CHECKING:
    from prefect.flow import Flow


class CompareValue(Task):
    """Skips itself, and with it what comes behind, unless its input equals a value.

    Args:
        value: Value to compare with.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(self, value: Any, **kwargs: Any) -> None:
        self.value = value
        kwargs.setdefault("name", f'CompareValue: "{value}"')
        super().__init__(**kwargs)

    def run(self, value: Any) -> None:
        """Compare ``value`` with the task's.

        Raises:
            SKIP: They are not equal.
        """
        if not value == self.value:  # as a user reads it: the two need not define !=
            raise signals.SKIP(f'Provided value "{value}" did not match "{self.value}"')


class Merge(Task):
    """Returns the first of its inputs that is not None.

    Args:
        **kwargs: Arguments of ``Task``.

    Raises:
        ValueError: ``skip_on_upstream_skip`` is set, with which no branch could ever be skipped.
    """

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.setdefault("skip_on_upstream_skip", False):
            raise ValueError("Merge tasks must have skip_on_upstream_skip=False. Leave the argument out.")
        kwargs.setdefault("trigger", not_all_skipped)
        super().__init__(**kwargs)

    def run(self, **task_results: Any) -> Any:
        """Return the first input that is not None, ``task_2`` before ``task_10``; None if there is none."""
        values = (task_results[name] for name in sorted(task_results, key=_numbered))
        return next((value for value in values if value is not None), None)


def _numbered(name: str) -> tuple[str, int]:
    prefix, _, number = name.rpartition("_")
    return (prefix, int(number)) if number.isdecimal() else (name, 0)


def switch(condition: Any, cases: dict[Any, Any], mapped: bool = False) -> None:
    """Run the task whose key equals the value of ``condition``, and skip the others.

    Args:
        condition: Task whose value decides.
        cases: Value → task; for a collection of tasks, the collecting task is skipped and not its members.
        mapped: Decide for each element of ``condition``.

    Raises:
        TypeError: ``cases`` is no dictionary.
        ValueError: There is no flow under construction.

    Source:
        core.md §10.2.
    """
    if not isinstance(cases, Mapping):
        raise TypeError(f"The cases of a switch are {cases!r}. Give a dictionary with the task of each value.")
    with tags("switch"):
        for value, chosen in cases.items():
            task = as_task(chosen)
            matches = CompareValue(value).bind(value=condition, mapped=mapped)
            task.set_dependencies(upstream_tasks=[matches], mapped=mapped)


def ifelse(condition: Any, true_task: Any, false_task: Any, mapped: bool = False) -> None:
    """Run one task if the value of ``condition`` is true in Python's sense, and another one if not.

    Args:
        condition: Task whose value decides.
        true_task: Task for true; None for none.
        false_task: Task for false; None for none.
        mapped: Decide for each element of ``condition``.

    Raises:
        ValueError: There is no flow under construction.

    Source:
        core.md §10.3.
    """
    cases = {value: task for value, task in ((True, true_task), (False, false_task)) if task is not None}
    if cases:
        switch(FunctionTask(_as_bool, name="as_bool").bind(condition, mapped=mapped), cases, mapped=mapped)


def _as_bool(x: Any) -> Any:
    return bool(x)


def merge(*tasks: Any, flow: "Flow | None" = None, mapped: bool = False, **kwargs: Any) -> Any:
    """Return a task with the value of the branch that ran.

    Args:
        *tasks: Ends of the branches, of which the first that is not None gives the value.
        flow: Flow to add to; by default the one under construction.
        mapped: Merge element by element.
        **kwargs: Arguments of ``Task``.

    Raises:
        ValueError: ``skip_on_upstream_skip`` is set, or there is no flow.

    Source:
        core.md §10.4.
    """
    inputs = {f"task_{number}": task for number, task in enumerate(tasks, start=1)}
    return Merge(**kwargs).bind(flow=flow, mapped=mapped, **inputs)
