"""What a backend knows of flows and runs, as objects to look at, and what running tasks leave there.

Names are resolved on first use.

Source: backend.md §17, §18, §20; core.md §1.2.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.backend.artifacts import create_link_artifact as create_link_artifact
    from prefect.backend.artifacts import create_markdown_artifact as create_markdown_artifact
    from prefect.backend.artifacts import delete_artifact as delete_artifact
    from prefect.backend.artifacts import update_link_artifact as update_link_artifact
    from prefect.backend.artifacts import update_markdown_artifact as update_markdown_artifact
    from prefect.backend.flow import FlowView as FlowView
    from prefect.backend.flow_run import FlowRunView as FlowRunView
    from prefect.backend.kv_store import delete_key as delete_key
    from prefect.backend.kv_store import get_key_value as get_key_value
    from prefect.backend.kv_store import list_keys as list_keys
    from prefect.backend.kv_store import set_key_value as set_key_value
    from prefect.backend.task_run import TaskRunView as TaskRunView
    from prefect.backend.tenant import TenantView as TenantView

#: Name → the module of this package that defines it.
_MODULES = {
    "FlowRunView": "flow_run",
    "FlowView": "flow",
    "TaskRunView": "task_run",
    "TenantView": "tenant",
    "create_link_artifact": "artifacts",
    "create_markdown_artifact": "artifacts",
    "delete_artifact": "artifacts",
    "delete_key": "kv_store",
    "get_key_value": "kv_store",
    "list_keys": "kv_store",
    "set_key_value": "kv_store",
    "update_link_artifact": "artifacts",
    "update_markdown_artifact": "artifacts",
}

__all__ = sorted(_MODULES)  # noqa: PLE0605 - the table above is the list


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _MODULES:
        value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        return value
    if name in _MODULES.values():  # 1.x loads them with the package
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
