"""Asana: to-dos."""

from __future__ import annotations

from prefect.tasks.asana.asana_task import OpenAsanaToDo as OpenAsanaToDo

__all__ = ["OpenAsanaToDo"]
