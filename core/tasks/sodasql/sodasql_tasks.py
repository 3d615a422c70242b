"""A task for Soda SQL.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SodaSQLScan(OutsideTask, init="scan_def=None, warehouse_def=None"):
    """Scans a table."""
