"""Names of classes and functions, and back.

Source: core.md §19; DESIGN decision 13.
"""

from __future__ import annotations

import sys
from typing import Any

#: Where 1.x defined what this package defines elsewhere; names in documents are those of 1.x.
_CLASSIC_MODULES = {f"prefect.{name}": f"prefect.core.{name}" for name in ("edge", "flow", "parameter", "task")}
_CLASSIC_MODULES["prefect.executors.local_dask"] = "prefect.executors.dask"
_STORAGES, _CLASSIC_STORAGES = "prefect.storage.code.", "prefect.storage."


def to_qualified_name(obj: Any) -> str:
    """Return the module and qualified name of a class or function, as 1.x would name it.

    Raises:
        AttributeError: ``obj`` has no name of its own.
    """
    module: str = obj.__module__
    module = _CLASSIC_MODULES.get(module, module).replace(_STORAGES, _CLASSIC_STORAGES)
    return f"{module}.{obj.__qualname__}"


def from_qualified_name(obj_str: str) -> Any:
    """Return what a qualified name stands for.

    Only modules that are imported already are searched, and those of this package: a document must not be
    able to run code by naming it.

    Raises:
        ValueError: There is nothing of that name.
    """
    parts = obj_str.split(".")
    try:
        if parts[0] == "prefect":
            from prefect.utilities.importtools import import_object

            return import_object(obj_str)
        for length in range(len(parts), 0, -1):
            found: Any = sys.modules.get(".".join(parts[:length]))
            if found is not None:
                for part in parts[length:]:
                    found = getattr(found, part)
                return found
    except (AttributeError, ModuleNotFoundError) as exc:
        raise ValueError(_unknown(obj_str)) from exc
    raise ValueError(_unknown(obj_str))


def _unknown(name: str) -> str:
    return f"Could not load {name!r}. Import the module that defines it first."
