"""Tasks for dbt.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.shell import ShellTask


class DbtCloudRunJob(
    OutsideTask,
    init=(
        "cause=None, account_id=None, job_id=None, token=None, additional_args=None, "
        "account_id_env_var_name='DBT_CLOUD_ACCOUNT_ID', job_id_env_var_name='DBT_CLOUD_JOB_ID', "
        "token_env_var_name='DBT_CLOUD_TOKEN', wait_for_job_run_completion=False, max_wait_time=None, "
        "domain='cloud.getdbt.com'"
    ),
    run=(
        "cause=None, account_id=None, job_id=None, token=None, additional_args=None, "
        "account_id_env_var_name='ACCOUNT_ID', job_id_env_var_name='JOB_ID', "
        "token_env_var_name='DBT_CLOUD_TOKEN', wait_for_job_run_completion=False, max_wait_time=None, "
        "domain=None"
    ),
):
    """Runs a job in dbt Cloud."""


class DbtShellTask(
    OutsideTask,
    ShellTask,
    init=(
        "command=None, profile_name=None, env=None, environment=None, overwrite_profiles=False, "
        "profiles_dir=None, set_profiles_envar=True, dbt_kwargs=None, helper_script=None, shell='bash', "
        "return_all=False, log_stderr=False"
    ),
    run="command=None, env=None, helper_script=None, dbt_kwargs=None",
):
    """Runs commands of dbt in a shell."""
