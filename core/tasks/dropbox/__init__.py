"""Dropbox: files."""

from __future__ import annotations

from prefect.tasks.dropbox.dropbox import DropboxDownload as DropboxDownload

__all__ = ["DropboxDownload"]
