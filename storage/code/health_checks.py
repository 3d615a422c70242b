"""Warnings about flows that will not do under a backend what they say.

Source: core.md §16.1.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.flow import Flow
    from prefect.task import Task


def warn_of_missing_results(flow: Flow) -> None:
    """Warn of each task that retries or is cached while its value, or one that it is given, is stored nowhere.

    Values outlive the process of a run only where a result stores them. One result of the flow serves all its tasks.
    """
    if flow.result is not None:
        return
    for task in flow.sorted_tasks():
        problems = []
        if task.cache_for is not None and task.result is None:
            problems.append("is cached, but has no result that stores its value")
        if (task.max_retries or task.cache_for is not None) and _has_fleeting_input(flow, task):
            claim = "retries" if task.max_retries else "is cached"
            problems.append(f"{claim}, but tasks that give it values have no result that stores them")
        for problem in problems:
            warnings.warn(
                f"The task {task.name!r} of the flow {flow.name!r} {problem}."
                " Give the tasks or the flow a result, such as LocalResult().",
                UserWarning,
                stacklevel=4,  # the caller of Storage.build
            )


def _has_fleeting_input(flow: Flow, task: Task) -> bool:
    return any(edge.key is not None and edge.upstream_task.result is None for edge in flow.edges_to(task))
