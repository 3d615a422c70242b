"""Why a flow run failed, in one sentence: its first failed task, and how many more there are.

Source: cli.md §3.6, §3.11; DESIGN §4 decision 4.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.cli.render import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.storage.state.store import Store

#: Longest reason for a failure, in characters.
_LONGEST_REASON = 500
#: What the engine says of a run that failed because tasks did; 1.x says the same.
_TASKS_FAILED = "Some reference tasks failed."
#: What is said of a task that raised an exception, and of a flow that did so while it was loaded.
_RAISED = re.compile(
    r"(?:Error during execution of task|Unexpected error|Failed to load and execute flow run): ((\w+)\((.*)\))",
    re.DOTALL,
)


class _FailedTask(NamedTuple):
    """One failed task run: its name, its state, and whether it could not run because another one failed."""

    name: str
    state: Any
    is_consequence: bool


def failure_reason(flow: Flow, state: State) -> str:
    """Return why a run of a flow in this process failed.

    Args:
        flow: The flow.
        state: Its final state, with those of its tasks as its result.
    """
    from prefect.engine.state import Mapped, TriggerFailed

    states = state.result if isinstance(state.result, dict) else {}
    failed: list[_FailedTask] = []
    for task in flow.sorted_tasks() if states else ():
        found = states.get(task)
        named: list[tuple[str, State | None]] = [(task.name, found)]
        if isinstance(found, Mapped):
            named = [(f"{task.name}[{i}]", child) for i, child in enumerate(found.map_states)]
        failed += [
            _FailedTask(name, one, isinstance(one, TriggerFailed))
            for name, one in named
            if one is not None and one.is_failed()
        ]
    return _sentence(failed, _cause) or f"The flow run failed: {_cause(state)}"


def recorded_failure_reason(store: Store, run: dict[str, Any]) -> str:
    """Return why a flow run failed that is kept in a store.

    Args:
        store: Where it is kept.
        run: The flow run. What its own state says counts more than its tasks, unless it just says that tasks failed.

    Raises:
        ObjectNotFoundError: The run was deleted.
    """
    from prefect.orchestration.state_rules import FAILED
    from prefect.orchestration.task_runs import facts_of_run, task_runs

    sentence = ""
    if run["state"].get("message") == _TASKS_FAILED:
        names = {task["slug"]: task["name"] for task in facts_of_run(store, run["id"]).tasks}
        failed = [found for found in task_runs(store, run["id"]) if found["state"]["type"] in FAILED]
        failed.sort(key=lambda found: str(found["state_timestamp"]))
        sentence = _sentence([_failed_task(found, names[found["task"]]) for found in failed], _recorded_cause)
    return sentence or f"The flow run {run['name']!r} failed: {_recorded_cause(run['state'])}"


def _sentence(failed: list[_FailedTask], cause: Callable[[Any], str]) -> str:
    """Return the sentence; empty if nothing failed."""
    causes = [task for task in failed if not task.is_consequence] or failed
    if not causes:
        return ""
    sentence = f"Task {causes[0].name!r} failed: {cause(causes[0].state)}"
    others = [f"{len(causes) - 1} more failed"] if len(causes) > 1 else []
    if len(failed) > len(causes):
        others.append(f"{len(failed) - len(causes)} could not run because of that")
    return f"{sentence} ({', '.join(others)})" if others else sentence


def _failed_task(task_run: dict[str, Any], task_name: str) -> _FailedTask:
    state = task_run["state"]
    name = task_name if task_run["map_index"] < 0 else f"{task_name}[{task_run['map_index']}]"
    return _FailedTask(name, state, state["type"] == "TriggerFailed")


def _cause(state: State) -> str:
    value = state.result
    text = f"{type(value).__name__}: {value}" if isinstance(value, Exception) else str(state.message)
    return _first_line(text) or type(state).__name__


def _recorded_cause(state: dict[str, Any]) -> str:
    """Return why a run failed whose exception is not kept, only the message of its state."""
    message = state.get("message") or ""
    raised = _RAISED.fullmatch(message)
    if raised is not None:
        import ast

        shown, name, arguments = raised.groups()
        try:
            text = ast.literal_eval(arguments)
        except (ValueError, SyntaxError):
            text = None
        message = f"{name}: {text}" if isinstance(text, str) else shown
    return _first_line(message) or str(state["type"])


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return shortened(lines[0], _LONGEST_REASON) if lines else ""
