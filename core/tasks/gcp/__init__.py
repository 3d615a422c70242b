"""Google Cloud: BigQuery, Cloud Storage and secrets."""

from __future__ import annotations

from prefect.tasks.gcp.bigquery import BigQueryLoadFile as BigQueryLoadFile
from prefect.tasks.gcp.bigquery import BigQueryLoadGoogleCloudStorage as BigQueryLoadGoogleCloudStorage
from prefect.tasks.gcp.bigquery import BigQueryStreamingInsert as BigQueryStreamingInsert
from prefect.tasks.gcp.bigquery import BigQueryTask as BigQueryTask
from prefect.tasks.gcp.bigquery import CreateBigQueryTable as CreateBigQueryTable
from prefect.tasks.gcp.secretmanager import GCPSecret as GCPSecret
from prefect.tasks.gcp.storage import GCSBlobExists as GCSBlobExists
from prefect.tasks.gcp.storage import GCSCopy as GCSCopy
from prefect.tasks.gcp.storage import GCSDownload as GCSDownload
from prefect.tasks.gcp.storage import GCSUpload as GCSUpload

__all__ = [
    "BigQueryLoadFile",
    "BigQueryLoadGoogleCloudStorage",
    "BigQueryStreamingInsert",
    "BigQueryTask",
    "CreateBigQueryTable",
    "GCPSecret",
    "GCSBlobExists",
    "GCSCopy",
    "GCSDownload",
    "GCSUpload",
]
