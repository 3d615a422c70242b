"""SFTP: files on other machines."""

from __future__ import annotations

from prefect.tasks.sftp.sftp import SftpDownload as SftpDownload
from prefect.tasks.sftp.sftp import SftpUpload as SftpUpload

__all__ = ["SftpDownload", "SftpUpload"]
