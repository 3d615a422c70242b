"""Jira: issues and service desks."""

from __future__ import annotations

from prefect.tasks.jira.jira_service_desk import JiraServiceDeskTask as JiraServiceDeskTask
from prefect.tasks.jira.jira_task import JiraTask as JiraTask

__all__ = ["JiraServiceDeskTask", "JiraTask"]
