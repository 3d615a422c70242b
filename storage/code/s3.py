"""``S3``: flows in a bucket of Amazon S3."""

from __future__ import annotations

from typing import Any

from prefect.storage.code.objects import ScriptOrPickle


class S3(ScriptOrPickle):
    """Flows as objects of an S3 bucket: pickles, or the scripts that define them.

    Args:
        bucket: Name of the bucket.
        key: Key of the object; by default made of the flow's name and the time.
        stored_as_script: Keep the script that defines the flow.
        local_script_path: That script on this machine; by default the file that is being loaded.
        client_options: More arguments of the ``boto3`` client.
        upload_options: More arguments of the upload.
        kwargs: Arguments of :class:`~prefect.storage.Storage`. The result is an ``S3Result`` of the same bucket unless given.

    Source:
        core.md §16.4.
    """

    _extra = "aws"

    def __init__(
        self,
        bucket: str,
        key: str | None = None,
        stored_as_script: bool = False,
        local_script_path: str | None = None,
        client_options: dict[str, Any] | None = None,
        upload_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("result") is None:
            from prefect.engine.results import S3Result

            kwargs["result"] = S3Result(bucket, boto3_kwargs=client_options)
        self.bucket = bucket
        self.client_options = client_options
        self.upload_options = upload_options
        super().__init__(key, stored_as_script, local_script_path, **kwargs)
