"""Databricks: runs of jobs."""

from __future__ import annotations

from prefect.tasks.databricks.databricks_get_job_id import DatabricksGetJobID as DatabricksGetJobID
from prefect.tasks.databricks.databricks_submitjob import DatabricksRunNow as DatabricksRunNow
from prefect.tasks.databricks.databricks_submitjob import DatabricksSubmitMultitaskRun as DatabricksSubmitMultitaskRun
from prefect.tasks.databricks.databricks_submitjob import DatabricksSubmitRun as DatabricksSubmitRun

__all__ = ["DatabricksGetJobID", "DatabricksRunNow", "DatabricksSubmitMultitaskRun", "DatabricksSubmitRun"]
