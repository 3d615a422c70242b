"""Soda Spark: checks of data frames."""

from __future__ import annotations

from prefect.tasks.sodaspark.sodaspark_tasks import SodaSparkScan as SodaSparkScan

__all__ = ["SodaSparkScan"]
