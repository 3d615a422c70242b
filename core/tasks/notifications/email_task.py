"""``EmailTask``: mail by SMTP.

Source: core.md §21.5.
"""

# Without the __future__ import: the texts of the annotations of `run` are part of the 1.x JSON form (core.md §20.2).
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, List  # noqa: UP035 - their texts, see above

from prefect.client.secrets import Secret
from prefect.task import Task
from prefect.utilities.tasks import defaults_from_attrs

if TYPE_CHECKING:
    from email.mime.multipart import MIMEMultipart
    from smtplib import SMTP

_ARGUMENTS = (
    "subject msg email_to email_from smtp_server smtp_port smtp_type msg_plain email_to_cc email_to_bcc attachments"
).split()
#: A server that does not answer must not hold a flow up for longer, in seconds.
_TIMEOUT_SECONDS = 60


class EmailTask(Task):
    """Sends a mail.

    The secrets ``EMAIL_USERNAME`` and ``EMAIL_PASSWORD`` hold the account, unless the connection is insecure.

    Args:
        subject: Its subject.
        msg: Its text as HTML.
        email_to: Addresses with commas between them.
        email_from: Address of the sender.
        smtp_server: Name of the mail server.
        smtp_port: Its port.
        smtp_type: ``SSL``, ``STARTTLS``, or ``INSECURE`` for no encryption and no login.
        msg_plain: Its text as plain text, which comes before that in HTML.
        email_to_cc: Addresses that get a copy.
        email_to_bcc: Addresses that get a copy that the others do not know of.
        attachments: Paths of files to send along.
        **kwargs: Arguments of ``Task``.
    """

    def __init__(
        self,
        subject: str | None = None,
        msg: str | None = None,
        email_to: str | None = None,
        email_from: str = "notifications@prefect.io",
        smtp_server: str = "smtp.gmail.com",
        smtp_port: int = 465,
        smtp_type: str = "SSL",
        msg_plain: str | None = None,
        email_to_cc: str | None = None,
        email_to_bcc: str | None = None,
        attachments: list[str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.subject = subject
        self.msg = msg
        self.email_to = email_to
        self.email_from = email_from
        self.smtp_server = smtp_server
        self.smtp_port = smtp_port
        self.smtp_type = smtp_type
        self.msg_plain = msg_plain
        self.email_to_cc = email_to_cc
        self.email_to_bcc = email_to_bcc
        self.attachments = attachments or []
        super().__init__(**kwargs)

    @defaults_from_attrs(*_ARGUMENTS)
    def run(
        self,
        subject: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as 1.x serializes it
        msg: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        email_to: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        email_from: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        smtp_server: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        smtp_port: int = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        smtp_type: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        msg_plain: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        email_to_cc: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        email_to_bcc: str = None,  # type: ignore[assignment]  # noqa: RUF013 - as above
        attachments: List[str] = None,  # type: ignore[assignment]  # noqa: RUF013, UP006 - as above
    ) -> None:
        """Send the mail; each argument takes the place of that of the task.

        Raises:
            OSError: The server could not be reached or refuses the mail, or a file could not be read.
            ValueError: A secret is missing, or ``smtp_type`` is none of the three.
        """
        headers = {"Subject": subject, "From": email_from, "To": email_to, "Cc": email_to_cc, "Bcc": email_to_bcc}
        message = _message(headers, {"plain": msg_plain, "html": msg}, attachments)
        try:
            connection = _connection(smtp_server, smtp_port, smtp_type)
        except OSError as error:
            error.filename = f"{smtp_server}:{smtp_port}"  # by which the error names what it could not reach
            raise
        with connection as server:
            if smtp_type != "INSECURE":
                server.login(str(Secret("EMAIL_USERNAME").get()), str(Secret("EMAIL_PASSWORD").get()))
            server.send_message(message)


def _message(
    headers: Mapping[str, str | None], texts: Mapping[str, str | None], attachments: "list[str] | None"
) -> "MIMEMultipart":
    from email.mime.application import MIMEApplication
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText
    from pathlib import Path

    message = MIMEMultipart()
    for name, value in headers.items():
        if value:
            message[name] = value
    for kind, text in texts.items():
        if text:
            message.attach(MIMEText(text, kind))
    for path in map(Path, attachments or ()):
        part = MIMEApplication(path.read_bytes())
        part.add_header("Content-Disposition", "attachment", filename=path.name)
        message.attach(part)
    return message


def _connection(server: str, port: int, smtp_type: str) -> "SMTP":
    import smtplib
    import ssl

    if smtp_type == "SSL":
        return smtplib.SMTP_SSL(server, port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context())
    if smtp_type not in {"STARTTLS", "INSECURE"}:
        raise ValueError(f"{smtp_type} is an unsupported value for smtp_type. Take SSL, STARTTLS or INSECURE.")
    connection = smtplib.SMTP(server, port, timeout=_TIMEOUT_SECONDS)
    if smtp_type == "STARTTLS":
        connection.starttls(context=ssl.create_default_context())
    return connection
