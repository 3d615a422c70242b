"""Tasks for tables of Airtable.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ReadAirtableRow(
    OutsideTask, init="base_key=None, table_name=None", run="id, base_key=None, table_name=None, api_key=None"
):
    """Reads a row."""


class WriteAirtableRow(
    OutsideTask, init="base_key=None, table_name=None", run="data, base_key=None, table_name=None, api_key=None"
):
    """Writes a row."""
