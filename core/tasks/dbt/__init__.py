"""dbt: commands, and jobs in dbt Cloud."""

from __future__ import annotations

from prefect.tasks.dbt.dbt import DbtCloudRunJob as DbtCloudRunJob
from prefect.tasks.dbt.dbt import DbtShellTask as DbtShellTask

__all__ = ["DbtCloudRunJob", "DbtShellTask"]
