"""Mixpanel: exports."""

from __future__ import annotations

from prefect.tasks.mixpanel.mixpanel_tasks import MixpanelExportTask as MixpanelExportTask

__all__ = ["MixpanelExportTask"]
