"""``GCS``: flows in a bucket of Google Cloud Storage."""

from __future__ import annotations

from typing import Any

from prefect.storage.code.objects import ScriptOrPickle


class GCS(ScriptOrPickle):
    """Flows as objects of a Google Cloud Storage bucket: pickles, or the scripts that define them.

    Args:
        bucket: Name of the bucket.
        key: Name of the object; by default made of the flow's name and the time.
        project: Google Cloud project; by default that of the credentials.
        stored_as_script: Keep the script that defines the flow.
        local_script_path: That script on this machine; by default the file that is being loaded.
        kwargs: Arguments of :class:`~prefect.storage.Storage`. The result is a ``GCSResult`` of the same bucket unless given.

    Source:
        core.md §16.4.
    """

    _extra = "gcp"

    def __init__(
        self,
        bucket: str,
        key: str | None = None,
        project: str | None = None,
        stored_as_script: bool = False,
        local_script_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("result") is None:
            from prefect.engine.results import GCSResult

            kwargs["result"] = GCSResult(bucket)
        self.bucket = bucket
        self.project = project
        super().__init__(key, stored_as_script, local_script_path, **kwargs)
