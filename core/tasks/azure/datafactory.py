"""Tasks for Azure Data Factory.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DatafactoryCreate(
    OutsideTask,
    init=(
        "datafactory_name=None, resource_group_name=None, azure_credentials_secret='AZ_CREDENTIALS', "
        "location='eastus', polling_interval=10, options=None"
    ),
    run=(
        "datafactory_name=None, resource_group_name=None, azure_credentials_secret=None, location=None, "
        "polling_interval=None, options=None"
    ),
):
    """Creates a data factory."""


class PipelineCreate(
    OutsideTask,
    init=(
        "datafactory_name=None, resource_group_name=None, pipeline_name=None, activities=None, "
        "azure_credentials_secret='AZ_CREDENTIALS', parameters=None, options=None"
    ),
    run=(
        "datafactory_name=None, resource_group_name=None, pipeline_name=None, activities=None, "
        "azure_credentials_secret=None, parameters=None, options=None"
    ),
):
    """Creates a pipeline."""


class PipelineRun(
    OutsideTask,
    init=(
        "datafactory_name=None, resource_group_name=None, pipeline_name=None, "
        "azure_credentials_secret='AZ_CREDENTIALS', parameters=None, polling_interval=10, "
        "last_updated_after=None, last_updated_before=None"
    ),
    run=(
        "datafactory_name=None, resource_group_name=None, pipeline_name=None, azure_credentials_secret=None, "
        "parameters=None, polling_interval=None, last_updated_after=None, last_updated_before=None"
    ),
):
    """Runs a pipeline."""
