"""Helpers that flow files may import; each module is loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

#: Modules reachable as attributes after a bare ``import prefect`` (core.md §1.2).
_MODULES = frozenset(
    "agent backend collections configuration context datetimes diagnostics edges executors filesystems git graphql"
    " importtools logging notifications plugins serialization storage tasks".split()
)


def __getattr__(name: str) -> ModuleType:
    if name in _MODULES:
        from importlib import import_module

        return import_module(f"prefect.utilities.{name}")
    raise AttributeError(f"module 'prefect.utilities' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
