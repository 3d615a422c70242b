"""SQL Server: statements and queries."""

from __future__ import annotations

from prefect.tasks.sql_server.sql_server import SqlServerExecute as SqlServerExecute
from prefect.tasks.sql_server.sql_server import SqlServerExecuteMany as SqlServerExecuteMany
from prefect.tasks.sql_server.sql_server import SqlServerFetch as SqlServerFetch

__all__ = ["SqlServerExecute", "SqlServerExecuteMany", "SqlServerFetch"]
