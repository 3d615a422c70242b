"""A task for the secret manager of Google Cloud.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.secrets.base import SecretBase


class GCPSecret(OutsideTask, SecretBase, init="project_id=None, secret_id=None, version_id='latest', credentials=None"):
    """Fetches a secret."""
