"""MySQL: statements and queries."""

from __future__ import annotations

from prefect.tasks.mysql.mysql import MySQLExecute as MySQLExecute
from prefect.tasks.mysql.mysql import MySQLFetch as MySQLFetch

__all__ = ["MySQLExecute", "MySQLFetch"]
