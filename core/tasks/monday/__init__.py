"""Monday: items of boards."""

from __future__ import annotations

from prefect.tasks.monday.monday import CreateItem as CreateItem

__all__ = ["CreateItem"]
