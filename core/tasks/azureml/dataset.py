"""Tasks for datasets of Azure Machine Learning.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DatasetCreateFromDelimitedFiles(
    OutsideTask,
    init=(
        "dataset_name=None, datastore=None, path=None, dataset_description='', dataset_tags=None, "
        "include_path=False, infer_column_types=True, set_column_types=None, fine_grain_timestamp=None, "
        "coarse_grain_timestamp=None, separator=',', header=..., partition_format=None, "
        "create_new_version=False"
    ),
):
    """Creates a dataset of files with separators."""


class DatasetCreateFromFiles(
    OutsideTask,
    init=(
        "dataset_name=None, datastore=None, path=None, dataset_description='', dataset_tags=None, "
        "create_new_version=False"
    ),
):
    """Creates a dataset of files."""


class DatasetCreateFromParquetFiles(
    OutsideTask,
    init=(
        "dataset_name=None, datastore=None, path=None, dataset_description='', dataset_tags=None, "
        "include_path=False, set_column_types=None, fine_grain_timestamp=None, coarse_grain_timestamp=None, "
        "partition_format=None, create_new_version=False"
    ),
    run=(
        "dataset_name=None, datastore=None, path=None, dataset_description='', dataset_tags=None, "
        "include_path=False, set_column_types=None, fine_grain_timestamp=None, coarse_grain_timestamp=None, "
        "partition_format=None, create_new_version=None"
    ),
):
    """Creates a dataset of Parquet files."""
