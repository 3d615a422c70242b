"""Tasks that fetch secrets while the flow runs (core.md §4.3)."""

from __future__ import annotations

from prefect.tasks.secrets.base import PrefectSecret as PrefectSecret
from prefect.tasks.secrets.base import SecretBase as SecretBase
from prefect.tasks.secrets.env_var import EnvVarSecret as EnvVarSecret

__all__ = ["EnvVarSecret", "PrefectSecret", "SecretBase"]
