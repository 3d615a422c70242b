"""What tasks for dbt Cloud raise and use.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import outside_function


class DbtCloudBaseException(Exception):
    """Something about dbt Cloud went wrong."""


class DbtCloudListArtifactsFailed(DbtCloudBaseException):
    """The artifacts of a run could not be listed."""


class DbtCloudRunCanceled(DbtCloudBaseException):
    """The run was cancelled."""


class DbtCloudRunFailed(DbtCloudBaseException):
    """The run failed."""


class DbtCloudRunTimedOut(DbtCloudBaseException):
    """The run took too long."""


class GetDbtCloudRunFailed(DbtCloudBaseException):
    """The run could not be looked up."""


class TriggerDbtCloudRunFailed(DbtCloudBaseException):
    """The run could not be started."""


list_run_artifact_links = outside_function(
    "list_run_artifact_links", __name__, "account_id, run_id, token, domain=None"
)
trigger_job_run = outside_function(
    "trigger_job_run", __name__, "account_id, job_id, token, cause, domain, additional_args"
)
wait_for_job_run = outside_function(
    "wait_for_job_run", __name__, "account_id, token, run_id, max_wait_time=None, domain=None"
)
