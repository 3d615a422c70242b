"""Dremio: queries."""

from __future__ import annotations

from prefect.tasks.dremio.dremio import DremioFetch as DremioFetch

__all__ = ["DremioFetch"]
