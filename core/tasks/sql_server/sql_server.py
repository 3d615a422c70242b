"""Tasks for SQL Server.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SqlServerExecute(
    OutsideTask,
    init=(
        "db_name, user, host, port=1433, driver='ODBC Driver 17 for SQL Server', query=None, data=None, commit=False"
    ),
    run="query=None, data=None, commit=False, password=None",
):
    """Executes a statement."""


class SqlServerExecuteMany(
    OutsideTask,
    init=(
        "db_name, user, host, port=1433, driver='ODBC Driver 17 for SQL Server', query=None, data=None, commit=False"
    ),
    run="query=None, data=None, commit=False, password=None, fast_executemany=False",
):
    """Executes a statement for each of many rows."""


class SqlServerFetch(
    OutsideTask,
    init=(
        "db_name, user, host, port=1433, driver='ODBC Driver 17 for SQL Server', fetch='one', "
        "fetch_count=10, query=None, data=None, commit=False"
    ),
    run="fetch='one', fetch_count=10, query=None, data=None, commit=False, password=None",
):
    """Fetches the result of a query."""
