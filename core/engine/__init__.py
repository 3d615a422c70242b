"""The engine: states, signals, results, and the running of flows.

Names are resolved on first use, so that a flow file pays only for what it imports.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.engine.flow_runner import FlowRunner as FlowRunner
    from prefect.engine.task_runner import TaskRunner as TaskRunner

_PUBLIC = {"FlowRunner": "prefect.engine.flow_runner", "TaskRunner": "prefect.engine.task_runner"}
_SUBMODULES = frozenset(
    "cache_validators cloud flow_runner result results runner serializers signals state task_runner".split()
)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        __import__(_PUBLIC[name])
        value = getattr(sys.modules[_PUBLIC[name]], name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        __import__(f"{__name__}.{name}")
        return sys.modules[f"{__name__}.{name}"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def get_default_executor_class() -> Any:
    """Return the class named by config ``engine.executor.default_class``, else ``LocalExecutor``."""
    from prefect.engine.defaults import default_class

    return default_class("executor")


def get_default_flow_runner_class() -> Any:
    """Return the class named by config ``engine.flow_runner.default_class``, else ``FlowRunner``."""
    from prefect.engine.defaults import default_class

    return default_class("flow_runner")


def get_default_task_runner_class() -> Any:
    """Return the class named by config ``engine.task_runner.default_class``, else ``TaskRunner``."""
    from prefect.engine.defaults import default_class

    return default_class("task_runner")
