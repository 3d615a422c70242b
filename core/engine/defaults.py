"""Classes named by the configuration.

Source: core.md §8.2.1, §17.5.
"""

from __future__ import annotations

from typing import Any

from prefect.configuration import config

_BUILT_IN = {
    "executor": "prefect.executors.LocalExecutor",
    "flow_runner": "prefect.engine.flow_runner.FlowRunner",
    "task_runner": "prefect.engine.task_runner.TaskRunner",
}


def default_class(role: str) -> Any:
    """Return the class that config ``engine.<role>.default_class`` names or is.

    Args:
        role: ``executor``, ``flow_runner`` or ``task_runner``.

    Returns:
        The class; if the name leads nowhere, a warning is given and the built-in class returned.
    """
    configured = config.engine[role].default_class
    if not isinstance(configured, str):
        return configured
    try:
        return _imported(configured)
    except (ImportError, AttributeError, ValueError):
        import warnings

        warnings.warn(f"Could not import {configured}; using {_BUILT_IN[role]} instead.", UserWarning, stacklevel=3)
        return _imported(_BUILT_IN[role])


def own_task_runner_class(given: type | None) -> type | None:
    """Return the class of the user's own that runs the tasks, or None if the engine does.

    The engine does what our ``TaskRunner`` does, without a runner for every task.

    Args:
        given: Class asked for; by default config ``engine.task_runner.default_class``.
    """
    if given is None:
        if config.engine.task_runner.default_class == _BUILT_IN["task_runner"]:
            return None
        given = default_class("task_runner")
    return None if given is _imported(_BUILT_IN["task_runner"]) else given


def _imported(path: str) -> Any:
    from importlib import import_module

    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
