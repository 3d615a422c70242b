"""What is kept: flow code and the state store.

The names here are the places that flow code can be in (``prefect.storage.code``), each imported on first use; so are the
modules that 1.x has them in, such as ``prefect.storage.github``.

Source: core.md §1.2 and §16.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from prefect.storage.code.azure import Azure as Azure
    from prefect.storage.code.base import Storage as Storage
    from prefect.storage.code.bitbucket import Bitbucket as Bitbucket
    from prefect.storage.code.codecommit import CodeCommit as CodeCommit
    from prefect.storage.code.default import get_default_storage_class as get_default_storage_class
    from prefect.storage.code.docker import Docker as Docker
    from prefect.storage.code.gcs import GCS as GCS
    from prefect.storage.code.git import Git as Git
    from prefect.storage.code.github import GitHub as GitHub
    from prefect.storage.code.gitlab import GitLab as GitLab
    from prefect.storage.code.local import Local as Local
    from prefect.storage.code.module import Module as Module
    from prefect.storage.code.s3 import S3 as S3
    from prefect.storage.code.webhook import Webhook as Webhook

#: Name → the module of ``prefect.storage.code`` that defines it.
_MODULES = {
    "Azure": "azure",
    "Bitbucket": "bitbucket",
    "CodeCommit": "codecommit",
    "Docker": "docker",
    "GCS": "gcs",
    "Git": "git",
    "GitHub": "github",
    "GitLab": "gitlab",
    "Local": "local",
    "Module": "module",
    "S3": "s3",
    "Storage": "base",
    "Webhook": "webhook",
    "get_default_storage_class": "default",
}

__all__ = [
    "GCS",
    "S3",
    "Azure",
    "Bitbucket",
    "CodeCommit",
    "Docker",
    "Git",
    "GitHub",
    "GitLab",
    "Local",
    "Module",
    "Storage",
    "Webhook",
]


def _import_code(name: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"{__name__}.code.{name}")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = globals()[name] = getattr(_import_code(_MODULES[name]), name)
        return value
    if f"{__name__}.{name}" in _CLASSIC:
        return _CLASSIC[f"{__name__}.{name}"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})


class _ClassicModule(type(sys)):  # type: ignore[misc]  # types.ModuleType, without importing types
    """A module under its 1.x name; it has the class that ``prefect.storage.code`` defines in the module of that name.

    The state store imports this package in every command, so nothing may be imported before somebody wants that class.
    """

    def __getattr__(self, name: str) -> Any:
        if name in dir(self):
            value = self.__dict__[name] = getattr(sys.modules[__name__], name)
            return value
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        own = self.__name__.rpartition(".")[2]
        return [name for name, module in _MODULES.items() if module == own]

    def __reduce__(self) -> Any:
        from importlib import import_module

        return import_module, (self.__name__,)  # cloudpickle knows how to name plain modules only


#: An import of one of these looks into ``sys.modules`` before it looks for a file.
_CLASSIC = {
    f"{__name__}.{name}": _ClassicModule(f"{__name__}.{name}", f"See ``prefect.storage.code.{name}``.")
    for name in {*_MODULES.values()} - {"default"}
}
sys.modules.update(_CLASSIC)
