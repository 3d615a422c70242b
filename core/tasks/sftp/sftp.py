"""Tasks for SFTP.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class SftpDownload(
    OutsideTask, init="host=None, username=None, password=None, port_number=None, remote_path=None, local_path=None"
):
    """Downloads a file."""


class SftpUpload(
    OutsideTask, init="host=None, username=None, password=None, port_number=None, remote_path=None, local_path=None"
):
    """Uploads a file."""
