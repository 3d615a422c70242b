"""Airtable: rows of tables."""

from __future__ import annotations

from prefect.tasks.airtable.airtable import ReadAirtableRow as ReadAirtableRow
from prefect.tasks.airtable.airtable import WriteAirtableRow as WriteAirtableRow

__all__ = ["ReadAirtableRow", "WriteAirtableRow"]
