"""Importing by name.

Source: core.md §19.
"""

from __future__ import annotations

import sys
from typing import Any


def import_object(name: str) -> Any:
    """Return the module ``name``, or the attribute of a module or class that it names.

    Args:
        name: Dotted path such as ``package.module.Class.method``.

    Raises:
        ModuleNotFoundError: The first part, or a module that one of these modules imports, does not exist.
        AttributeError: A module or class on the way has no such attribute.
        ValueError: The name is empty.
    """
    if not name:
        raise ValueError("An empty name leads nowhere. Give a dotted path such as 'package.module.name'.")
    found: Any = None
    path = ""
    for part in name.split("."):
        path = f"{path}.{part}" if path else part
        # An attribute wins over a module of the same name, as ``prefect.context`` and ``prefect.task`` need it.
        if found is None or not hasattr(found, part):
            try:
                __import__(path)
            except ModuleNotFoundError as exc:
                if found is None or exc.name not in (path, path.rpartition(".")[0]):
                    raise
        found = sys.modules[path] if found is None else getattr(found, part)
    return found
