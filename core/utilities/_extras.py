"""Libraries that come with an extra, and what is said where they are missing."""

from __future__ import annotations

from typing import Any


def import_extra(module: str, *, package: str, extra: str, purpose: str) -> Any:
    """Import a module of an optional dependency.

    Args:
        module: The module.
        package: The package it is in, by its name in package indexes.
        extra: The extra that brings the package.
        purpose: What it is needed for, as the beginning of a sentence.

    Raises:
        ImportError: The package is not installed.
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{purpose} needs the package {package}, which is not installed. Run: pip install "praefectus[{extra}]"'
        ) from error
