"""``EmailTask`` sends mail, here to a real server on this machine. Source: core.md §21.5."""

from __future__ import annotations

import asyncio
import email
import email.policy
import smtplib
import ssl
import threading

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

import prefect
from prefect import Flow
from prefect.tasks.notifications import EmailTask

ACCOUNT = {"EMAIL_USERNAME": "user", "EMAIL_PASSWORD": 1234}
MAIL = {"subject": "News", "msg": "<b>hello</b>", "email_to": "to@example.com", "email_from": "from@example.com"}


class Server:
    """A mail server on a free port of this machine that keeps what it gets.

    Args:
        ssl: Certificate for connections that are encrypted from the beginning.
        options: Arguments of the protocol.
    """

    def __init__(self, ssl=None, **options):
        self._ssl, self._options = ssl, options
        #: Sender, recipients and message of each mail.
        self.mails = []
        #: Name and password of each login.
        self.accounts = []

    def __enter__(self):
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
        self._thread.start()
        started.wait()
        return self

    def __exit__(self, *exc_info):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self, started):
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(
            lambda: SMTP(self, authenticator=self.authenticate, **self._options), "127.0.0.1", 0, ssl=self._ssl
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        async with server:
            await self._end.wait()

    def authenticate(self, server, session, envelope, mechanism, data):
        account = (data.login.decode(), data.password.decode())
        self.accounts.append(account)
        return AuthResult(success=account == ("user", "1234"), handled=False)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 OK"


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """The server's side of TLS, with a certificate that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def server():
    """A server that asks for nothing."""
    with Server() as server:
        yield server


def send(server, smtp_type="INSECURE", secrets=None, **arguments):
    task = EmailTask(smtp_server="127.0.0.1", smtp_port=server.port, smtp_type=smtp_type, **{**MAIL, **arguments})
    with prefect.context(secrets=secrets or {}):
        assert task.run() is None


def parts(message):
    return [(part.get_content_type(), part.get_filename(), part.get_content()) for part in message.iter_parts()]


class TestConnections:
    def test_insecure_is_without_encryption_and_login(self, server):
        send(server, "INSECURE")

        assert (server.accounts, len(server.mails)) == ([], 1)

    def test_ssl_is_encrypted_from_the_beginning(self, certificate):
        with Server(ssl=certificate, auth_require_tls=False) as server:
            send(server, "SSL", ACCOUNT)

        assert (server.accounts, len(server.mails)) == ([("user", "1234")], 1)

    def test_starttls_is_encrypted_before_the_login(self, certificate):
        with Server(tls_context=certificate, require_starttls=True, auth_required=True) as server:
            send(server, "STARTTLS", ACCOUNT)

        assert (server.accounts, len(server.mails)) == ([("user", "1234")], 1)

    @pytest.mark.parametrize("smtp_type", ["SSL", "STARTTLS"])
    def test_a_certificate_that_nobody_vouches_for_is_refused(self, certificate, monkeypatch, smtp_type):
        monkeypatch.delenv("SSL_CERT_FILE")
        options = {"ssl": certificate} if smtp_type == "SSL" else {"tls_context": certificate}
        with Server(**options) as server, pytest.raises(ssl.SSLCertVerificationError):
            send(server, smtp_type, ACCOUNT)

        assert server.mails == []

    def test_a_wrong_password_is_an_error(self, certificate):
        secrets = {**ACCOUNT, "EMAIL_PASSWORD": "wrong"}
        with Server(tls_context=certificate) as server, pytest.raises(smtplib.SMTPAuthenticationError):
            send(server, "STARTTLS", secrets)

        assert server.mails == []

    @pytest.mark.parametrize("smtp_type", ["SSL", "STARTTLS", "INSECURE"])
    def test_a_server_that_is_not_there_is_named(self, smtp_type):
        nobody = EmailTask(smtp_server="127.0.0.1", smtp_port=1, smtp_type=smtp_type)  # nothing listens on port 1

        with pytest.raises(ConnectionRefusedError, match=r"Connection refused: '127\.0\.0\.1:1'$"):
            nobody.run()

    def test_a_missing_secret_is_named(self, certificate):
        with Server(ssl=certificate) as server, pytest.raises(ValueError, match=r'^Local Secret "EMAIL_USERNAME" was'):
            send(server, "SSL", {})

    @pytest.mark.parametrize("smtp_type", ["TLS", "ssl", None])
    def test_another_type_is_refused(self, server, smtp_type):
        with pytest.raises(ValueError) as info:
            send(server, smtp_type)

        assert str(info.value) == (
            f"{smtp_type} is an unsupported value for smtp_type. Take SSL, STARTTLS or INSECURE."
        )


class TestMessages:
    def test_a_mail_has_a_subject_a_sender_and_a_recipient(self, server):
        send(server, subject="Zürich")

        ((sender, recipients, message),) = server.mails
        assert (sender, recipients) == ("from@example.com", ["to@example.com"])
        assert (message["Subject"], message["From"], message["To"]) == ("Zürich", "from@example.com", "to@example.com")
        assert (message["Cc"], message["Bcc"]) == (None, None)

    def test_everybody_gets_it_and_nobody_sees_the_blind_copies(self, server):
        send(server, email_to="a@x.org, b@x.org", email_to_cc="c@x.org,d@x.org", email_to_bcc="e@x.org")

        ((_, recipients, message),) = server.mails
        assert sorted(recipients) == ["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org"]
        assert (message["To"], message["Cc"], message["Bcc"]) == ("a@x.org, b@x.org", "c@x.org, d@x.org", None)

    def test_plain_text_comes_before_html(self, server):
        send(server, msg_plain="grüß dich", msg="<b>hello</b>")

        assert parts(server.mails[0][2]) == [
            ("text/plain", None, "grüß dich"),
            ("text/html", None, "<b>hello</b>"),
        ]

    def test_one_of_the_two_is_enough(self, server):
        send(server, msg=None, msg_plain="hello")

        assert parts(server.mails[0][2]) == [("text/plain", None, "hello")]

    def test_files_are_attached_with_their_names(self, server, tmp_path):
        (tmp_path / "zahlen für dich.csv").write_bytes(b"1,2\r\n")
        (tmp_path / "b.bin").write_bytes(bytes(range(256)))
        send(server, attachments=[str(tmp_path / "zahlen für dich.csv"), tmp_path / "b.bin"])

        assert parts(server.mails[0][2])[1:] == [
            ("application/octet-stream", "zahlen für dich.csv", b"1,2\r\n"),
            ("application/octet-stream", "b.bin", bytes(range(256))),
        ]

    def test_a_file_that_is_missing_keeps_the_mail_back(self, server, tmp_path):
        with pytest.raises(FileNotFoundError):
            send(server, attachments=[tmp_path / "missing"])

        assert server.mails == []

    def test_arguments_of_run_take_the_place_of_those_of_the_task(self, server):
        task = EmailTask(**MAIL)
        task.run(subject="Other", smtp_type="INSECURE", smtp_server="127.0.0.1", smtp_port=server.port)

        assert server.mails[0][2]["Subject"] == "Other"


def test_the_defaults_are_those_of_1x():
    task = EmailTask()

    assert (task.email_from, task.smtp_server, task.smtp_port, task.smtp_type, task.attachments) == (
        "notifications@prefect.io",
        "smtp.gmail.com",
        465,
        "SSL",
        [],
    )


def test_a_flow_sends_what_another_task_has_written(server):
    with Flow("f") as flow:
        send = EmailTask(smtp_type="INSECURE", smtp_server="127.0.0.1", smtp_port=server.port, **MAIL)
        send(msg=prefect.tasks.core.constants.Constant("written"))

    assert flow.run().is_successful()
    assert parts(server.mails[0][2]) == [("text/html", None, "written")]
