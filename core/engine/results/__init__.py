"""The results that store values, each imported on first use (core.md §9.2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.engine.results.constant_result import ConstantResult as ConstantResult
    from prefect.engine.results.local_result import LocalResult as LocalResult
    from prefect.engine.results.prefect_result import PrefectResult as PrefectResult
    from prefect.engine.results.secret_result import SecretResult as SecretResult

#: Class → the module of this package that defines it.
_MODULES = {
    "ConstantResult": "constant_result",
    "LocalResult": "local_result",
    "PrefectResult": "prefect_result",
    "SecretResult": "secret_result",
}

__all__ = ["ConstantResult", "LocalResult", "PrefectResult", "SecretResult"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
