"""The task library; its families are loaded when they are first used.

Source: core.md §1.2.
"""

from __future__ import annotations

import sys

# The name alone tells type checkers; importing typing would cost more than this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

#: Families that 1.x users reach as attributes after a bare ``import prefect``.
_FAMILIES = ("control_flow", "core", "database", "docker", "files", "github", "notifications", "secrets", "shell")


def __getattr__(name: str) -> ModuleType:
    if name in _FAMILIES:
        module = f"{__name__}.{name}"
        __import__(module)
        return sys.modules[module]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FAMILIES})
