"""``S3Result``: values kept in Amazon S3."""

from __future__ import annotations

from typing import Any, ClassVar

from prefect.engine.results._later import LaterResult


class S3Result(LaterResult):
    """A result stored as an object of an S3 bucket, with its location as key.

    Args:
        bucket: Name of the bucket.
        boto3_kwargs: More arguments of the ``boto3`` client.
        upload_options: More arguments of the upload.
        kwargs: ``value``, ``location`` and ``serializer`` of :class:`~prefect.engine.result.Result`.

    Source:
        core.md §9.2.
    """

    _extra: ClassVar[str] = "aws"

    def __init__(
        self,
        bucket: str,
        boto3_kwargs: dict[str, Any] | None = None,
        upload_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.bucket = bucket
        self.boto3_kwargs = boto3_kwargs or {}
        self.upload_options = upload_options or {}
        super().__init__(**kwargs)
