"""Tasks for Google Sheets.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ReadGsheetRow(
    OutsideTask,
    init="credentials_filename=None, sheet_key=None, worksheet_name=None",
    run="row, credentials_filename=None, sheet_key=None, worksheet_name=None",
):
    """Reads a row."""


class WriteGsheetRow(
    OutsideTask,
    init="credentials_filename=None, sheet_key=None, worksheet_name=None",
    run="data, credentials_filename=None, sheet_key=None, worksheet_name=None",
):
    """Appends a row."""
