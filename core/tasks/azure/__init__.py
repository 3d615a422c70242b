"""Azure: blobs, Cosmos DB and Data Factory."""

from __future__ import annotations

from prefect.tasks.azure.blobstorage import BlobStorageDownload as BlobStorageDownload
from prefect.tasks.azure.blobstorage import BlobStorageUpload as BlobStorageUpload
from prefect.tasks.azure.cosmosdb import CosmosDBCreateItem as CosmosDBCreateItem
from prefect.tasks.azure.cosmosdb import CosmosDBQueryItems as CosmosDBQueryItems
from prefect.tasks.azure.cosmosdb import CosmosDBReadItems as CosmosDBReadItems
from prefect.tasks.azure.datafactory import DatafactoryCreate as DatafactoryCreate
from prefect.tasks.azure.datafactory import PipelineCreate as PipelineCreate
from prefect.tasks.azure.datafactory import PipelineRun as PipelineRun

__all__ = [
    "BlobStorageDownload",
    "BlobStorageUpload",
    "CosmosDBCreateItem",
    "CosmosDBQueryItems",
    "CosmosDBReadItems",
    "DatafactoryCreate",
    "PipelineCreate",
    "PipelineRun",
]
