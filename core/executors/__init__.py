"""Executors: how the tasks of a flow run are run.

Names are resolved on first use, so that a local run does not pay for pools it does not open.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.executors.base import Executor as Executor
    from prefect.executors.dask import DaskExecutor as DaskExecutor
    from prefect.executors.local import LocalExecutor as LocalExecutor
    from prefect.executors.local_dask import LocalDaskExecutor as LocalDaskExecutor

_PUBLIC = {
    "DaskExecutor": "prefect.executors.dask",
    "Executor": "prefect.executors.base",
    "LocalDaskExecutor": "prefect.executors.local_dask",
    "LocalExecutor": "prefect.executors.local",
}

__all__ = ["DaskExecutor", "Executor", "LocalDaskExecutor", "LocalExecutor"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    __import__(_PUBLIC[name])
    value = globals()[name] = getattr(sys.modules[_PUBLIC[name]], name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
