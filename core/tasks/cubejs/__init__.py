"""Cube.js: queries and pre-aggregations."""

from __future__ import annotations

from prefect.tasks.cubejs.cubejs_tasks import CubeJSQueryTask as CubeJSQueryTask
from prefect.tasks.cubejs.cubejs_tasks import CubePreAggregationsBuildTask as CubePreAggregationsBuildTask

__all__ = ["CubeJSQueryTask", "CubePreAggregationsBuildTask"]
