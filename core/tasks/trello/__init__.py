"""Trello: cards."""

from __future__ import annotations

from prefect.tasks.trello.trello import CreateCard as CreateCard

__all__ = ["CreateCard"]
