"""PostgreSQL: statements and queries."""

from __future__ import annotations

from prefect.tasks.postgres.postgres import PostgresExecute as PostgresExecute
from prefect.tasks.postgres.postgres import PostgresExecuteMany as PostgresExecuteMany
from prefect.tasks.postgres.postgres import PostgresFetch as PostgresFetch

__all__ = ["PostgresExecute", "PostgresExecuteMany", "PostgresFetch"]
