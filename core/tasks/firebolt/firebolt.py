"""A task for Firebolt.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class FireboltQuery(OutsideTask, init="database=None, username=None, password=None, engine_name=None, query=None"):
    """Runs a query."""
