"""Azure Machine Learning: datasets and datastores."""

from __future__ import annotations

from prefect.tasks.azureml.dataset import DatasetCreateFromDelimitedFiles as DatasetCreateFromDelimitedFiles
from prefect.tasks.azureml.dataset import DatasetCreateFromFiles as DatasetCreateFromFiles
from prefect.tasks.azureml.dataset import DatasetCreateFromParquetFiles as DatasetCreateFromParquetFiles
from prefect.tasks.azureml.datastore import DatastoreGet as DatastoreGet
from prefect.tasks.azureml.datastore import DatastoreList as DatastoreList
from prefect.tasks.azureml.datastore import DatastoreRegisterBlobContainer as DatastoreRegisterBlobContainer
from prefect.tasks.azureml.datastore import DatastoreUpload as DatastoreUpload

__all__ = [
    "DatasetCreateFromDelimitedFiles",
    "DatasetCreateFromFiles",
    "DatasetCreateFromParquetFiles",
    "DatastoreGet",
    "DatastoreList",
    "DatastoreRegisterBlobContainer",
    "DatastoreUpload",
]
