"""Soda SQL: checks of tables."""

from __future__ import annotations

from prefect.tasks.sodasql.sodasql_tasks import SodaSQLScan as SodaSQLScan

__all__ = ["SodaSQLScan"]
