"""A task for the parameter store of AWS.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.secrets.base import SecretBase


class AWSParametersManager(
    OutsideTask,
    SecretBase,
    init="parameter_name=None, boto_kwargs=None",
    run="parameter_name=None, credentials=None, boto_kwargs=None",
):
    """Fetches a parameter as a secret."""
