"""Tasks for datastores of Azure Machine Learning.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DatastoreGet(OutsideTask, init="workspace, datastore_name=None", run="datastore_name=None"):
    """Fetches a datastore."""


class DatastoreList(OutsideTask, init="workspace", run=""):
    """Lists datastores."""


class DatastoreRegisterBlobContainer(
    OutsideTask,
    init=(
        "workspace, container_name=None, datastore_name=None, create_container_if_not_exists=False, "
        "overwrite_existing_datastore=False, azure_credentials_secret='AZ_CREDENTIALS', set_as_default=False"
    ),
    run=(
        "container_name=None, datastore_name=None, create_container_if_not_exists=False, "
        "overwrite_existing_datastore=False, azure_credentials_secret='AZ_CREDENTIALS', set_as_default=False"
    ),
):
    """Registers a container of blobs as a datastore."""


class DatastoreUpload(
    OutsideTask,
    init="datastore=None, relative_root=None, path=None, target_path=None, overwrite=False",
    run="datastore=None, path=None, relative_root=None, target_path=None, overwrite=False",
):
    """Uploads files to a datastore."""
