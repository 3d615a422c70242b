"""Tasks for Exasol.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ExasolExecute(
    OutsideTask,
    init=(
        "dsn='', dsn_secret='', user_secret='', password_secret='', query=None, query_params=None, "
        "autocommit=False, commit=True"
    ),
    run="user='', password='', dsn='', query=None, query_params=None, autocommit=False, commit=True, **kwargs",
):
    """Executes a statement."""


class ExasolExportToFile(
    OutsideTask,
    init=(
        "dsn='', dsn_secret='', user_secret='', password_secret='', destination=None, query_or_table=None, "
        "query_params=None, export_params=None"
    ),
    run=(
        "user='', password='', dsn='', destination=None, query_or_table=None, query_params=None, "
        "export_params=None, **kwargs"
    ),
):
    """Exports a query or table to a file."""


class ExasolFetch(
    OutsideTask,
    init=(
        "dsn='', dsn_secret='', user_secret='', password_secret='', fetch='one', fetch_size=10, query=None, "
        "query_params=None"
    ),
    run="user='', password='', dsn='', fetch='one', fetch_size=10, query=None, query_params=None, **kwargs",
):
    """Fetches the result of a query."""


class ExasolImportFromIterable(
    OutsideTask,
    init=(
        "dsn='', dsn_secret='', user_secret='', password_secret='', target_schema=None, target_table=None, "
        "data=None, import_params=None, autocommit=False, commit=True"
    ),
    run=(
        "user='', password='', dsn='', target_schema=None, target_table=None, data=None, import_params=None, "
        "autocommit=False, commit=True, **kwargs"
    ),
):
    """Imports rows into a table."""
