"""``GCSResult``: values kept in Google Cloud Storage."""

from __future__ import annotations

from typing import Any, ClassVar

from prefect.engine.results._later import LaterResult


class GCSResult(LaterResult):
    """A result stored as an object of a Cloud Storage bucket, with its location as name.

    Args:
        bucket: Name of the bucket.
        kwargs: ``value``, ``location`` and ``serializer`` of :class:`~prefect.engine.result.Result`.

    Source:
        core.md §9.2.
    """

    _extra: ClassVar[str] = "gcp"

    def __init__(self, bucket: str | None = None, **kwargs: Any) -> None:
        self.bucket = bucket
        super().__init__(**kwargs)
