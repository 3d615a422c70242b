"""What is kept: flow code and the state store.

The names here are the places that flow code can be in (``prefect.storage.code``), each imported on first use.

Source: core.md §1.2 and §16.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = globals()[name] = getattr(import_module(f"{__name__}.code.{_MODULES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
