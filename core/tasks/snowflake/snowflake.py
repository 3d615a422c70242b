"""Tasks for Snowflake.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SnowflakeQueriesFromFile(
    OutsideTask,
    init=(
        "account=None, user=None, password=None, private_key=None, database=None, schema=None, role=None, "
        "warehouse=None, file_path=None, autocommit=None, cursor_type=..., authenticator=None, token=None"
    ),
):
    """Runs the queries of a file."""


class SnowflakeQuery(
    OutsideTask,
    init=(
        "account=None, user=None, password=None, private_key=None, database=None, schema=None, role=None, "
        "warehouse=None, query=None, data=None, autocommit=None, cursor_type=..., authenticator=None, "
        "token=None"
    ),
):
    """Runs a query."""
