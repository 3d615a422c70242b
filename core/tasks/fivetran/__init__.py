"""Fivetran: syncs."""

from __future__ import annotations

from prefect.tasks.fivetran.fivetran import FivetranSyncTask as FivetranSyncTask

__all__ = ["FivetranSyncTask"]
