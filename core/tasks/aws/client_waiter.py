"""A task for waiters of boto3.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class AWSClientWait(
    OutsideTask,
    init="client=None, waiter_name=None, waiter_definition=None, boto_kwargs=None",
    run="client=None, waiter_name=None, waiter_definition=None, waiter_kwargs=None, credentials=None",
):
    """Waits until something in AWS has come to pass."""
