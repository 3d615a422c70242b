"""A helper of flows for Toloka.

Source: core.md §21.10.
"""

# Without the __future__ import: the texts of the annotations are part of a flow's JSON form (core.md §20.2).
from typing import Any

from prefect.utilities.tasks import task


@task
def download_json(url: str) -> Any:
    """Return the JSON document that is at a web address.

    Args:
        url: The address.

    Raises:
        OSError: It could not be fetched.
        ValueError: What is there is no JSON, or the scheme of the address is unknown.
    """
    import json

    from prefect.utilities.filesystems import read_bytes_from_path

    return json.loads(read_bytes_from_path(url))
