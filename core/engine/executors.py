"""The executors where releases before 0.14 had them; importing them from here still works, with a warning.

Source: core.md §1.2.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from prefect import executors as _executors

# In 1.x this is a package; an import of `prefect.engine.executors.dask` looks here before it looks for a file.
for _name in ("dask", "local"):
    sys.modules[f"{__name__}.{_name}"] = sys.modules[__name__]

_MOVED = frozenset({"DaskExecutor", "Executor", "LocalDaskExecutor", "LocalExecutor"})


def _deprecated(name: str) -> Any:
    current = getattr(_executors, name)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - becomes the constructor of a class
        warnings.warn(
            f"prefect.engine.executors.{name} has moved: use prefect.executors.{name}.", UserWarning, stacklevel=2
        )
        current.__init__(self, *args, **kwargs)

    return type(name, (current,), {"__init__": __init__, "__doc__": current.__doc__, "__module__": __name__})


def __getattr__(name: str) -> Any:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()[name] = _deprecated(name)
    return made
