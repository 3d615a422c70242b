"""The storage of flows that name none."""

from __future__ import annotations

from typing import Any

from prefect.configuration import config

_BUILT_IN = "prefect.storage.Local"


def get_default_storage_class() -> Any:
    """Return the class that config ``flows.defaults.storage.default_class`` names or is.

    If the name leads nowhere, a warning is given and ``Local`` returned.

    Source:
        core.md §16.5.
    """
    from prefect.utilities.importtools import import_object

    configured = config.flows.defaults.storage.default_class
    if not isinstance(configured, str):
        return configured
    try:
        return import_object(configured)
    except (ImportError, AttributeError, ValueError):
        import warnings

        warnings.warn(f"Could not import {configured}; using {_BUILT_IN} instead.", UserWarning, stacklevel=2)
        return import_object(_BUILT_IN)
