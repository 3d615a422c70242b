"""A task for files of Dropbox.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class DropboxDownload(OutsideTask, init="path=None", run="path=None, access_token=None"):
    """Downloads a file."""
