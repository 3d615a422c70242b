"""A task for AWS Batch.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class BatchSubmit(
    OutsideTask,
    init="job_name=None, job_definition=None, job_queue=None, boto_kwargs=None",
    run="job_name=None, job_definition=None, job_queue=None, batch_kwargs=None, credentials=None",
):
    """Submits a job."""
