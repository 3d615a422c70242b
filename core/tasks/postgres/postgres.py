"""Tasks for PostgreSQL.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class PostgresExecute(
    OutsideTask,
    init="db_name=None, user=None, host=None, port=5432, query=None, data=None, commit=False",
    run="db_name=None, user=None, host=None, port=5432, query=None, data=None, commit=False, password=None",
):
    """Executes a statement."""


class PostgresExecuteMany(
    OutsideTask,
    init="db_name=None, user=None, host=None, port=5432, query=None, data=None, commit=False",
    run="db_name=None, user=None, host=None, port=5432, query=None, data=None, commit=False, password=None",
):
    """Executes a statement for each of many rows."""


class PostgresFetch(
    OutsideTask,
    init=(
        "db_name=None, user=None, host=None, port=5432, fetch='one', fetch_count=10, query=None, data=None, "
        "commit=False"
    ),
    run=(
        "db_name=None, user=None, host=None, port=5432, fetch='one', fetch_count=10, query=None, data=None, "
        "commit=False, password=None, col_names=False"
    ),
):
    """Fetches the result of a query."""
