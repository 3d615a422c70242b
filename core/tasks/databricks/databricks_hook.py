"""The client that tasks for Databricks use.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient


class DatabricksHook(OutsideClient):
    """Client of the API of Databricks."""


class RunState(OutsideClient):
    """The state of a run in Databricks."""
