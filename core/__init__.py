"""The Prefect 1.x flow API: public names, resolved on first use.

Nothing but this table runs on ``import prefect``; see core.md §1.2 for the names.
"""

from __future__ import annotations

import sys

from prefect._version import __version__ as __version__

# The name alone tells type checkers; importing typing would double the cost of `prefect version`.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from prefect.client.client import Client as Client
    from prefect.configuration import config as config
    from prefect.context import context as context
    from prefect.edge import flatten as flatten
    from prefect.edge import mapped as mapped
    from prefect.edge import unmapped as unmapped
    from prefect.flow import Flow as Flow
    from prefect.parameter import Parameter as Parameter
    from prefect.task import Task as Task
    from prefect.tasks.control_flow.case import case as case
    from prefect.tasks.core.resource_manager import resource_manager as resource_manager
    from prefect.utilities.tasks import apply_map as apply_map
    from prefect.utilities.tasks import tags as tags
    from prefect.utilities.tasks import task as task

#: Public name → the module that defines it.
_PUBLIC = {
    "Client": "prefect.client",
    "Flow": "prefect.flow",
    "Parameter": "prefect.parameter",
    "Task": "prefect.task",
    "api": "prefect.utilities.plugins",
    "apply_map": "prefect.utilities.tasks",
    "case": "prefect.tasks.control_flow",
    "config": "prefect.configuration",
    "context": "prefect.context",
    "flatten": "prefect.edge",
    "mapped": "prefect.edge",
    "models": "prefect.utilities.plugins",
    "plugins": "prefect.utilities.plugins",
    "resource_manager": "prefect.tasks.core.resource_manager",
    "tags": "prefect.utilities.tasks",
    "task": "prefect.utilities.tasks",
    "unmapped": "prefect.edge",
}

#: Sub-packages that 1.x users reach as attributes after a bare ``import prefect`` (core.md §1.2).
_SUBPACKAGES = frozenset(
    "agent artifacts backend client configuration core engine exceptions executors run_configs schedules serialization"
    " storage tasks triggers utilities".split()
)

__all__ = sorted(_PUBLIC)  # noqa: PLE0605 - the table above is the list


class _Package(type(sys)):  # type: ignore[misc]  # types.ModuleType, without importing types
    """The package ``prefect``, on which public objects win over submodules of the same name.

    ``prefect.context`` and ``prefect.task`` are public objects and also modules of this package;
    importing such a module would otherwise replace the object users know.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, type(sys)) and name in _PUBLIC:
            return
        super().__setattr__(name, value)

    def __reduce__(self) -> Any:
        # cloudpickle knows how to name plain modules only, and every task that says `prefect.context` holds this one.
        return _import_module, ("prefect",)


def _import_module(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        value = getattr(_import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    if name in _SUBPACKAGES:
        return _import_module(f"prefect.{name}")
    raise AttributeError(f"module 'prefect' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC, *_SUBPACKAGES})


sys.modules[__name__].__class__ = _Package
