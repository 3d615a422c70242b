"""Tasks that send messages to people.

Source: core.md §21.5.
"""

from __future__ import annotations

from prefect.tasks.notifications.email_task import EmailTask as EmailTask
from prefect.tasks.notifications.pushbullet_task import PushbulletTask as PushbulletTask
from prefect.tasks.notifications.slack_task import SlackTask as SlackTask

__all__ = ["EmailTask", "PushbulletTask", "SlackTask"]
