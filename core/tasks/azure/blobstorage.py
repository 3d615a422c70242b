"""Tasks for blobs of Azure.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class BlobStorageDownload(
    OutsideTask,
    init="azure_credentials_secret='AZ_CONNECTION_STRING', container=None",
    run="blob_name, azure_credentials_secret='AZ_CONNECTION_STRING', container=None",
):
    """Downloads a blob."""


class BlobStorageUpload(
    OutsideTask,
    init="azure_credentials_secret='AZ_CONNECTION_STRING', container=None, overwrite=False",
    run="data, blob_name=None, azure_credentials_secret='AZ_CONNECTION_STRING', container=None, overwrite=False",
):
    """Uploads a blob."""
