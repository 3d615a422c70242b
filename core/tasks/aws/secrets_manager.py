"""A task for the secrets manager of AWS.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.secrets.base import SecretBase


class AWSSecretsManager(
    OutsideTask, SecretBase, init="secret=None, boto_kwargs=None", run="secret=None, credentials=None"
):
    """Fetches a secret."""
