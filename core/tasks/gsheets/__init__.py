"""Google Sheets: rows of sheets."""

from __future__ import annotations

from prefect.tasks.gsheets.gsheets import ReadGsheetRow as ReadGsheetRow
from prefect.tasks.gsheets.gsheets import WriteGsheetRow as WriteGsheetRow

__all__ = ["ReadGsheetRow", "WriteGsheetRow"]
