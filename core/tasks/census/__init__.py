"""Census: syncs."""

from __future__ import annotations

from prefect.tasks.census.census import CensusSyncTask as CensusSyncTask

__all__ = ["CensusSyncTask"]
