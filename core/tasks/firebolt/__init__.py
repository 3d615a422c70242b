"""Firebolt: queries."""

from __future__ import annotations

from prefect.tasks.firebolt.firebolt import FireboltQuery as FireboltQuery

__all__ = ["FireboltQuery"]
