"""Tasks for buckets of S3.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class S3Download(
    OutsideTask,
    init="bucket=None, boto_kwargs=None",
    run="key, credentials=None, bucket=None, compression=None, as_bytes=False",
):
    """Downloads an object."""


class S3List(
    OutsideTask,
    init="bucket=None, boto_kwargs=None",
    run=(
        "prefix, delimiter='', page_size=None, max_items=None, credentials=None, bucket=None, "
        "last_modified_begin=None, last_modified_end=None"
    ),
):
    """Lists objects."""


class S3Upload(
    OutsideTask,
    init="bucket=None, boto_kwargs=None, *, upload_options=None",
    run="data, key=None, credentials=None, bucket=None, compression=None, upload_options=None",
):
    """Uploads an object."""
