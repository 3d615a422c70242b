"""Tasks for SQLite databases.

Source: core.md §21.4.
"""

from __future__ import annotations

from prefect.tasks.database.sqlite import SQLiteQuery as SQLiteQuery
from prefect.tasks.database.sqlite import SQLiteScript as SQLiteScript

__all__ = ["SQLiteQuery", "SQLiteScript"]
