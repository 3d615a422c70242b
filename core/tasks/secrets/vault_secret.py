"""Secrets of HashiCorp Vault.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask
from prefect.tasks.secrets.base import SecretBase


class VaultSecret(OutsideTask, SecretBase, init="name, vault_credentials_secret='VAULT_CREDENTIALS'", run="name=None"):
    """Fetches a secret."""
