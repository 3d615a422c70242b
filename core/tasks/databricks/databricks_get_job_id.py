"""A task that looks jobs of Databricks up.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DatabricksGetJobID(
    OutsideTask,
    init=(
        "databricks_conn_secret=None, search_limit=25, polling_period_seconds=30, databricks_retry_limit=3, "
        "databricks_retry_delay=1"
    ),
    run=(
        "job_name, databricks_conn_secret=None, search_limit=25, polling_period_seconds=30, "
        "databricks_retry_limit=3, databricks_retry_delay=1"
    ),
):
    """Finds the id of a job by its name."""
