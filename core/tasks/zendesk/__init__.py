"""Zendesk: exports of tickets."""

from __future__ import annotations

from prefect.tasks.zendesk.zendesk_tasks import (
    ZendeskTicketsIncrementalExportTask as ZendeskTicketsIncrementalExportTask,
)

__all__ = ["ZendeskTicketsIncrementalExportTask"]
