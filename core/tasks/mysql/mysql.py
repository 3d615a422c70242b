"""Tasks for MySQL.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class MySQLExecute(
    OutsideTask,
    init=(
        "db_name=None, user=None, password=None, host=None, port=3306, query=None, commit=False, "
        "charset='utf8mb4', ssl=None"
    ),
    run=(
        "db_name=None, user=None, password=None, host=None, port=None, query=None, commit=None, charset=None, ssl=None"
    ),
):
    """Executes a statement."""


class MySQLFetch(
    OutsideTask,
    init=(
        "db_name=None, user=None, password=None, host=None, port=3306, fetch='one', fetch_count=10, "
        "query=None, commit=False, charset='utf8mb4', cursor_type='cursor', ssl=None"
    ),
    run=(
        "db_name=None, user=None, password=None, host=None, port=None, fetch=None, fetch_count=None, "
        "query=None, commit=None, charset=None, cursor_type=None, ssl=None"
    ),
):
    """Fetches the result of a query."""
