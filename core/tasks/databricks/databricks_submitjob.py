"""Tasks that run jobs in Databricks.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DatabricksRunNow(
    OutsideTask,
    init=(
        "databricks_conn_secret=None, job_id=None, json=None, notebook_params=None, python_params=None, "
        "spark_submit_params=None, jar_params=None, polling_period_seconds=30, databricks_retry_limit=3, "
        "databricks_retry_delay=1"
    ),
):
    """Runs a job that exists."""


class DatabricksSubmitMultitaskRun(
    OutsideTask,
    init=(
        "databricks_conn_secret=None, tasks=None, run_name=None, timeout_seconds=None, "
        "idempotency_token=None, access_control_list=None, polling_period_seconds=30, "
        "databricks_retry_limit=3, databricks_retry_delay=1, git_source=None"
    ),
    run=(
        "databricks_conn_secret=None, tasks=None, run_name=None, timeout_seconds=None, "
        "idempotency_token=None, access_control_list=None, polling_period_seconds=None, "
        "databricks_retry_limit=None, databricks_retry_delay=None, git_source=None"
    ),
):
    """Submits a run of several tasks."""


class DatabricksSubmitRun(
    OutsideTask,
    init=(
        "databricks_conn_secret=None, json=None, spark_jar_task=None, notebook_task=None, new_cluster=None, "
        "existing_cluster_id=None, libraries=None, run_name=None, timeout_seconds=None, "
        "polling_period_seconds=30, databricks_retry_limit=3, databricks_retry_delay=1"
    ),
):
    """Submits a run of its own."""
