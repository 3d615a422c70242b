"""Talking to a backend, and secrets; both are loaded when they are first used.

Source: core.md §1.2.
"""

from __future__ import annotations

# The name alone tells type checkers; importing typing would cost more than this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.client.client import Client as Client
    from prefect.client.secrets import Secret as Secret

__all__ = ["Client", "Secret"]


#: Name → the module of this package that defines it.
_MODULES = {"Client": "client", "Secret": "secrets"}


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
