"""Run configs: how and where an agent runs a flow. They mean nothing to ``flow.run()``.

Names are resolved on first use.

Source: core.md §15.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.run_configs.base import RunConfig as RunConfig
    from prefect.run_configs.base import UniversalRun as UniversalRun
    from prefect.run_configs.docker import DockerRun as DockerRun
    from prefect.run_configs.ecs import ECSRun as ECSRun
    from prefect.run_configs.kubernetes import KubernetesRun as KubernetesRun
    from prefect.run_configs.local import LocalRun as LocalRun
    from prefect.run_configs.vertex import VertexRun as VertexRun

#: Class → the module of this package that defines it.
_MODULES = {
    "DockerRun": "docker",
    "ECSRun": "ecs",
    "KubernetesRun": "kubernetes",
    "LocalRun": "local",
    "RunConfig": "base",
    "UniversalRun": "base",
    "VertexRun": "vertex",
}

__all__ = ["DockerRun", "ECSRun", "KubernetesRun", "LocalRun", "RunConfig", "UniversalRun", "VertexRun"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
