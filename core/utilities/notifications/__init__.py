"""State handlers that tell people about changes of state: by Slack, mail, Jira or a Snowflake table.

Each notifier can be used as a state handler as it is, or be configured first by calling it with keywords only:
``state_handlers=[slack_notifier(only_states=[Failed])]``. It returns the new state unchanged. Of states of the classes in
``ignore_states``, and where there are ``only_states`` of all others than those, nothing is told.

Source: core.md §19.1.
"""

from __future__ import annotations

from prefect.utilities.notifications.jira_notification import jira_notifier
from prefect.utilities.notifications.notifications import (
    callback_factory,
    gmail_notifier,
    slack_message_formatter,
    slack_notifier,
    snowflake_logger,
    snowflake_message_formatter,
)

__all__ = [
    "callback_factory",
    "gmail_notifier",
    "jira_notifier",
    "slack_message_formatter",
    "slack_notifier",
    "snowflake_logger",
    "snowflake_message_formatter",
]
