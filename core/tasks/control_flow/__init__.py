"""Branches and filters: ``case``, ``switch``, ``ifelse``, ``merge``, ``FilterTask``.

Source: core.md §10.
"""

from __future__ import annotations

from prefect.tasks.control_flow.case import case
from prefect.tasks.control_flow.conditional import ifelse, merge, switch
from prefect.tasks.control_flow.filter import FilterTask

__all__ = ["FilterTask", "case", "ifelse", "merge", "switch"]
