"""Tasks for BigQuery.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class BigQueryLoadFile(
    OutsideTask,
    init=(
        "file=None, rewind=False, size=None, num_retries=6, dataset_id=None, table=None, project=None, "
        "schema=None, location='US'"
    ),
    run=(
        "file=None, rewind=False, size=None, num_retries=6, dataset_id=None, table=None, project=None, "
        "schema=None, location='US', credentials=None, **kwargs"
    ),
):
    """Loads a file into a table."""


class BigQueryLoadGoogleCloudStorage(
    OutsideTask,
    init="uri=None, dataset_id=None, table=None, project=None, schema=None, location='US'",
    run=("uri=None, dataset_id=None, table=None, project=None, schema=None, location='US', credentials=None, **kwargs"),
):
    """Loads a file of Cloud Storage into a table."""


class BigQueryStreamingInsert(
    OutsideTask,
    init="dataset_id=None, table=None, project=None, location='US'",
    run="records, dataset_id=None, table=None, project=None, location='US', credentials=None, **kwargs",
):
    """Inserts rows."""


class BigQueryTask(
    OutsideTask,
    init=(
        "query=None, query_params=None, project=None, location='US', dry_run_max_bytes=None, "
        "dataset_dest=None, table_dest=None, to_dataframe=False, job_config=None"
    ),
    run=(
        "query=None, query_params=None, project=None, location='US', dry_run_max_bytes=None, "
        "credentials=None, dataset_dest=None, table_dest=None, to_dataframe=False, job_config=None"
    ),
):
    """Runs a query."""


class CreateBigQueryTable(
    OutsideTask,
    init="project=None, dataset=None, table=None, schema=None, clustering_fields=None, time_partitioning=None",
    run="project=None, credentials=None, dataset=None, table=None, schema=None",
):
    """Creates a table."""
