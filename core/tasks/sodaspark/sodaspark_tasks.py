"""A task for Soda Spark.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SodaSparkScan(OutsideTask, init="scan_def=None, df=None"):
    """Scans a data frame."""
