"""``SlackTask``: messages to a webhook of Slack.

Source: core.md §21.5.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from typing import Any, Union

from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs


class SlackTask(Task):
    """Posts a message to Slack.

    Args:
        message: Text, or a dictionary in the form that Slack documents, such as with ``blocks``.
        webhook_secret: Name of the secret that holds the URL of the webhook.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(
        self,
        message: str | dict[str, Any] | None = None,
        webhook_secret: str = "SLACK_WEBHOOK_URL",
        **kwargs: Any,
    ) -> None:
        self.message = message
        self.webhook_secret = webhook_secret
        super().__init__(**kwargs)

    @defaults_from_attrs("message", "webhook_secret")
    def run(
        self,
        message: Union[str, dict] = None,  # type: ignore[type-arg, assignment]  # noqa: RUF013, UP007 - as 1.x serializes it
        webhook_secret: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        webhook_url: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
    ) -> None:
        """Post the message.

        Args:
            message: In place of that of the task.
            webhook_secret: In place of that of the task.
            webhook_url: URL of the webhook; then no secret is needed.

        Raises:
            OSError: Slack could not be reached, or refuses the message.
            ValueError: There is no such secret, or the URL is no web address.
        """
        from prefect.utilities.notifications._shared import post_to_slack, read_secret

        named = "`webhook_url`" if webhook_url else f"The secret {webhook_secret!r}"
        url = webhook_url or read_secret(webhook_secret)
        post_to_slack(url, message if isinstance(message, dict) else {"text": message}, named)
