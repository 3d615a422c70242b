"""The results that store values, each imported on first use (core.md §9.2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from prefect.engine.results.azure_result import AzureResult as AzureResult
    from prefect.engine.results.constant_result import ConstantResult as ConstantResult
    from prefect.engine.results.gcs_result import GCSResult as GCSResult
    from prefect.engine.results.local_result import LocalResult as LocalResult
    from prefect.engine.results.prefect_result import PrefectResult as PrefectResult
    from prefect.engine.results.s3_result import S3Result as S3Result
    from prefect.engine.results.secret_result import SecretResult as SecretResult

#: Class → the module of this package that defines it.
_MODULES = {
    "AzureResult": "azure_result",
    "ConstantResult": "constant_result",
    "GCSResult": "gcs_result",
    "LocalResult": "local_result",
    "PrefectResult": "prefect_result",
    "S3Result": "s3_result",
    "SecretResult": "secret_result",
}

__all__ = [
    "AzureResult",
    "ConstantResult",
    "GCSResult",
    "LocalResult",
    "PrefectResult",
    "S3Result",
    "SecretResult",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
