"""Tasks for Cube.js.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CubeJSQueryTask(
    OutsideTask,
    init=(
        "subdomain=None, url=None, api_secret=None, api_secret_env_var='CUBEJS_API_SECRET', query=None, "
        "include_generated_sql=False, security_context=None, wait_time_between_api_calls=10, "
        "max_wait_time=None"
    ),
):
    """Asks for data."""


class CubePreAggregationsBuildTask(
    OutsideTask,
    init=(
        "subdomain=None, url=None, api_secret=None, api_secret_env_var='CUBEJS_API_SECRET', "
        "security_context=None, selector=None, wait_for_job_run_completion=False, "
        "wait_time_between_api_calls=10"
    ),
):
    """Builds pre-aggregations."""
