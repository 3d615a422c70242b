"""Jupyter: notebooks."""

from __future__ import annotations

from prefect.tasks.jupyter.jupyter import ExecuteNotebook as ExecuteNotebook

__all__ = ["ExecuteNotebook"]
