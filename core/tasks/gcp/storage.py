"""Tasks for Cloud Storage.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class GCSBaseTask(
    OutsideTask,
    init="bucket=None, blob=None, project=None, create_bucket=False, chunk_size=104857600, request_timeout=60",
    run="",
):
    """Base of tasks for buckets."""


class GCSBlobExists(
    GCSBaseTask,
    init="bucket_name=None, blob=None, project=None, wait_seconds=0, fail_if_not_found=True, request_timeout=60",
    run="bucket_name=None, blob=None, project=None, wait_seconds=0, fail_if_not_found=True, credentials=None",
):
    """Looks whether a blob exists."""


class GCSCopy(
    GCSBaseTask,
    init=(
        "source_bucket=None, source_blob=None, dest_bucket=None, dest_blob=None, project=None, "
        "create_bucket=False, request_timeout=60"
    ),
    run=(
        "source_bucket=None, source_blob=None, dest_bucket=None, dest_blob=None, project=None, "
        "credentials=None, create_bucket=False, request_timeout=60"
    ),
):
    """Copies a blob."""


class GCSDownload(
    GCSBaseTask,
    init="bucket, blob=None, project=None, chunk_size=None, request_timeout=60",
    run=(
        "bucket=None, blob=None, project=None, chunk_size=None, credentials=None, encryption_key=None, "
        "request_timeout=60"
    ),
):
    """Downloads a blob."""


class GCSUpload(
    GCSBaseTask,
    init="bucket, blob=None, project=None, chunk_size=104857600, create_bucket=False, request_timeout=60",
    run=(
        "data, bucket=None, blob=None, project=None, chunk_size=None, credentials=None, encryption_key=None, "
        "create_bucket=False, content_type=None, content_encoding=None, request_timeout=60"
    ),
):
    """Uploads a blob."""
