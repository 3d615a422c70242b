"""State handlers that tell people: core.md §19.1."""

from __future__ import annotations

import inspect
import json
import pickle
import smtplib
import socketserver
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType

import pytest

import prefect
from prefect import Flow, Task
from prefect.engine.state import Failed, Pending, Running, Skipped, Success
from prefect.utilities.notifications import (
    callback_factory,
    gmail_notifier,
    jira_notifier,
    slack_message_formatter,
    slack_notifier,
    snowflake_logger,
    snowflake_message_formatter,
)
from prefect.utilities.notifications.notifications import _mail

TASK = Task("the task")
SECRETS = {
    "SNOWFLAKE_CREDS": {"account": "a", "user": "me", "password": "p"},
    "OTHER_CREDS": json.dumps({"account": "b"}),
    "LOG_TABLE_NAME_FULL": "db.schema.log",
    "OTHER_TABLE": "db.schema.other",
}


class Web(ThreadingHTTPServer):
    """A web server on this machine that keeps what was posted to it and answers with ``status``."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.posts = []
        self.status = 200

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Mails(socketserver.ThreadingTCPServer):
    """A mail server on this machine that keeps what is said to it and refuses one command if told so."""

    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Talk)
        self.heard = []
        self.refused = None


class Talk(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 ready")
        for raw in self.rfile:
            line = raw.decode().rstrip()
            self.server.heard.append(line)
            command = line.split()[0].upper()
            if command == self.server.refused:
                self.say("535 refused")
            elif command == "EHLO":
                self.say("250-here")
                self.say("250 AUTH PLAIN")
            elif command == "AUTH":
                self.say("235 welcome")
            elif command == "DATA":
                self.say("354 go on")
                while (raw := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    self.server.heard.append(raw)
                self.say("250 taken")
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")


def served(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def slack():
    server = Web()
    with prefect.context(secrets={"SLACK_WEBHOOK_URL": server.url, "OTHER": f"{server.url}/other"}):
        yield from served(server)


@pytest.fixture
def gmail(monkeypatch):
    """Gmail, without TLS and on this machine."""
    server = Mails()
    server.asked_for = []

    class PlainSMTP(smtplib.SMTP):
        def __init__(self, host, port, *, timeout, context):
            server.asked_for.append((host, port, context.verify_mode))
            super().__init__(*server.server_address, timeout=timeout)

    monkeypatch.setattr(smtplib, "SMTP_SSL", PlainSMTP)
    with prefect.context(secrets={"EMAIL_USERNAME": "me@example.com", "EMAIL_PASSWORD": "app password"}):
        yield from served(server)


class TestCallbacks:
    def test_the_function_gets_the_object_and_its_new_state(self):
        calls = []
        handler = callback_factory(lambda *args: calls.append(args), check=lambda state: state.is_failed())
        failed = Failed()

        returned = [handler(TASK, Running(), failed), handler(TASK, Running(), Success())]

        assert returned[0] is failed
        assert calls == [(TASK, failed)]

    def test_something_merely_true_does_not_count(self):
        calls = []
        handler = callback_factory(fn=lambda *args: calls.append(args), check=lambda state: 1)

        handler(TASK, Pending(), Running())

        assert calls == []


class TestConfiguring:
    def test_keywords_alone_make_a_handler(self, slack):
        state = Success()

        assert slack_notifier(webhook_secret="OTHER")(TASK, Running(), state) is state
        assert [path for path, *_ in slack.posts] == ["/hook/other"]

    def test_arguments_can_come_one_after_another(self, slack):
        slack_notifier(TASK)(only_states=[Success])(Running())(new_state=Success())

        assert len(slack.posts) == 1

    def test_an_unknown_argument_is_refused_at_once(self):
        with pytest.raises(TypeError) as caught:
            gmail_notifier(only=[Failed])

        assert str(caught.value) == (
            "gmail_notifier: got an unexpected keyword argument 'only'."
            " It takes: tracked_obj, old_state, new_state, ignore_states, only_states."
        )

    @pytest.mark.parametrize("states", [Failed, "Failed", ["Failed"], [Failed()]], ids=repr)
    @pytest.mark.parametrize("argument", ["ignore_states", "only_states"])
    def test_states_that_are_no_classes_are_refused_at_once(self, argument, states):
        with pytest.raises(TypeError) as caught:
            slack_notifier(**{argument: states})

        assert str(caught.value) == f"`{argument}` is {states!r}. Give a list of state classes, such as [Failed]."

    @pytest.mark.parametrize(
        ("notifier", "own"),
        [
            (slack_notifier, "webhook_secret backend_info proxies"),
            (gmail_notifier, ""),
            (jira_notifier, "server_URL options assignee"),
            (snowflake_logger, "snowflake_secret snowflake_log_table_name test_env"),
        ],
    )
    def test_a_notifier_shows_the_arguments_of_1x(self, notifier, own):
        common = ["tracked_obj", "old_state", "new_state", "ignore_states", "only_states"]

        assert list(inspect.signature(notifier).parameters) == [*common, *own.split()]

    def test_all_arguments_can_be_given_by_position(self, slack):
        slack_notifier(TASK, Running(), Success(), [Failed], [Success], "OTHER")

        assert [path for path, *_ in slack.posts] == ["/hook/other"]

    def test_a_configured_notifier_can_be_pickled(self, slack):
        pickle.loads(pickle.dumps(slack_notifier(webhook_secret="OTHER")))(TASK, Running(), Success())

        assert len(slack.posts) == 1

    def test_a_flow_uses_it_as_a_state_handler(self, slack):
        flow = Flow("f", tasks=[Task("t", state_handlers=[slack_notifier(only_states=[Success])])])

        flow.run()

        assert [document["attachments"][0]["text"] for *_, document in slack.posts] == ["t is now in a Success state"]


class TestFilters:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({}, True),
            ({"ignore_states": [Success]}, False),
            ({"ignore_states": [Skipped, Failed]}, True),
            ({"only_states": [Success]}, True),
            ({"only_states": [Failed]}, False),
            ({"only_states": [Success], "ignore_states": [Success]}, False),
            ({"only_states": [], "ignore_states": []}, True),
        ],
        ids=str,
    )
    def test_states_are_told_of_or_not(self, slack, options, told):
        slack_notifier(**options)(TASK, Running(), Success())

        assert bool(slack.posts) is told

    def test_subclasses_count(self, slack):
        slack_notifier(TASK, Running(), Skipped(), ignore_states=[Success])

        assert slack.posts == []

    @pytest.mark.parametrize("notifier", [slack_notifier, gmail_notifier, jira_notifier, snowflake_logger])
    def test_no_secret_is_needed_for_an_ignored_state(self, notifier):
        state = Success()

        assert notifier(ignore_states=[Success])(TASK, Running(), state) is state


class TestSlack:
    def test_the_message_tells_what_happened(self):
        assert slack_message_formatter(TASK, Success("all done")) == {
            "attachments": [
                {
                    "fallback": "State change notification",
                    "color": "#28a745",
                    "author_name": "Prefect",
                    "author_link": "https://www.prefect.io/",
                    "author_icon": "https://emoji.slack-edge.com/TAN3D79AL/prefect/2497370f58500a5a.png",
                    "title": "Success",
                    "fields": [{"title": "Message", "value": "all done", "short": False}],
                    "text": "the task is now in a Success state",
                    "footer": "Prefect notification",
                }
            ]
        }

    def test_an_exception_is_shown_as_code(self):
        attachment = slack_message_formatter(Flow("f"), Failed("no", result=ValueError("boom")))["attachments"][0]

        assert attachment["fields"][0]["value"] == "```ValueError('boom')```"
        assert attachment["text"] == "f is now in a Failed state"

    def test_a_state_without_a_message_has_no_field(self):
        assert slack_message_formatter(TASK, Success(result=3))["attachments"][0]["fields"] == []

    def test_a_message_that_is_an_exception_is_told_as_text(self):
        attachment = slack_message_formatter(TASK, Failed(ValueError("boom")), backend_info=False)["attachments"][0]

        assert attachment["fields"][0]["value"] == "boom"

    @pytest.mark.parametrize(
        ("tracked", "page"), [(TASK, "task-run/the-task-run"), (Flow("f"), "flow-run/the-flow-run")]
    )
    def test_a_run_of_the_backend_is_linked(self, tracked, page):
        with prefect.context(running_with_backend=True, flow_run_id="the-flow-run", task_run_id="the-task-run"):
            (linked,) = slack_message_formatter(tracked, Success())["attachments"]
            (plain,) = slack_message_formatter(tracked, Success(), backend_info=False)["attachments"]

        assert linked == {**plain, "title_link": f"http://localhost:8080/default/{page}"}

    def test_the_message_is_posted_as_json(self, slack):
        state = Success("all done")

        returned = slack_notifier(TASK, Running(), state)

        assert returned is state
        assert slack.posts == [("/hook", "application/json", slack_message_formatter(TASK, state))]

    @pytest.mark.parametrize("status", [400, 404, 500])
    def test_a_refusal_is_an_error(self, slack, status):
        slack.status = status

        with pytest.raises(
            ValueError,
            match=rf"^Slack notification for <Task: the task> failed: HTTP Error {status}: .*\."
            r" Check the webhook in the secret 'SLACK_WEBHOOK_URL'\.$",
        ):
            slack_notifier(TASK, Running(), Success())

    def test_a_server_that_is_not_there_is_an_error(self, slack):
        nobody = "http://127.0.0.1:1/"  # nothing listens on port 1

        with prefect.context(secrets={"OTHER": nobody}), pytest.raises(ValueError, match=r"failed: .*refused"):
            slack_notifier(TASK, Running(), Success(), webhook_secret="OTHER")

    def test_a_proxy_can_be_named(self, slack):
        with prefect.context(secrets={"SLACK_WEBHOOK_URL": "http://slack.invalid/hook"}):
            slack_notifier(TASK, Running(), Success(), proxies={"http": slack.url})

        assert [path for path, *_ in slack.posts] == ["http://slack.invalid/hook"]

    def test_the_secret_has_to_be_there(self):
        with pytest.raises(ValueError, match="SLACK_WEBHOOK_URL"):
            slack_notifier(TASK, Running(), Success())

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "T000/B000/XXXX"])
    def test_the_secret_has_to_be_a_web_address_and_is_not_told(self, url):
        with prefect.context(secrets={"SLACK_WEBHOOK_URL": url}), pytest.raises(ValueError) as caught:
            slack_notifier(TASK, Running(), Success())

        assert str(caught.value) == (
            "The secret 'SLACK_WEBHOOK_URL' is not a web address. Set it to the URL of a Slack webhook."
        )


class TestMail:
    def test_gmail_is_asked_over_verified_tls(self, gmail):
        gmail_notifier(TASK, Running(), Success())

        assert gmail.asked_for == [("smtp.gmail.com", 465, ssl.CERT_REQUIRED)]

    def test_the_user_gets_a_mail_from_themselves(self, gmail):
        state = Success("all done")

        returned = gmail_notifier(only_states=[Success])(TASK, Running(), state)

        assert returned is state
        assert any(line.startswith("AUTH PLAIN") for line in gmail.heard)
        commands = [line.upper() for line in gmail.heard]
        assert "MAIL FROM:<ME@EXAMPLE.COM>" in commands
        assert "RCPT TO:<ME@EXAMPLE.COM>" in commands
        assert "Subject: Prefect state change notification for the task" in gmail.heard
        assert "the task is now in a Success state" in gmail.heard
        assert "Message: all done" in gmail.heard

    def test_the_page_of_the_mail_is_escaped(self):
        message = _mail(Flow("<b>"), Failed("no", result=ValueError("<script>")), "me@example.com")

        page = message.get_body(("html",)).get_content()

        assert page == (
            '<p><code>&lt;b&gt;</code> is now in a <b style="color: #eb0000">Failed</b> state</p>\n'
            "<p>Message: <pre>ValueError(&#x27;&lt;script&gt;&#x27;)</pre></p>\n"
        )

    def test_a_name_with_line_breaks_stays_one_subject(self):
        message = _mail(Flow("a\r\nBcc: other@example.com"), Success(), "me@example.com")

        assert message["Subject"] == "Prefect state change notification for a Bcc: other@example.com"
        assert message["Bcc"] is None

    @pytest.mark.parametrize("command", ["AUTH", "DATA"])
    def test_a_refusal_is_an_error(self, gmail, command):
        gmail.refused = command

        with pytest.raises(ValueError, match=r"^Email notification for <Task: the task> failed: "):
            gmail_notifier(TASK, Running(), Success())


class TestJira:
    @pytest.fixture
    def jira(self, monkeypatch):
        """The library, keeping what is asked of it."""
        calls = []

        class JIRA:
            def __init__(self, **options):
                calls.append(options)

            def create_issue(self, fields):
                calls.append(fields)
                return "issue"

            def assign_issue(self, issue, assignee):
                calls.append((issue, assignee))

        library = ModuleType("jira")
        library.JIRA = JIRA
        monkeypatch.setitem(sys.modules, "jira", library)
        secret = {"JIRAUSER": "me", "JIRATOKEN": "token", "JIRASERVER": "https://jira.example.com"}
        with prefect.context(secrets={"JIRASECRETS": secret}):
            yield calls

    def test_an_issue_is_created(self, jira):
        options = {"project": "OPS", "issuetype": {"name": "Task"}}
        state = Failed("no")

        returned = jira_notifier(options=options)(TASK, Running(), state)

        login, issue, assigned = jira
        assert returned is state
        assert login == {"basic_auth": ("me", "token"), "options": {"server": "https://jira.example.com"}}
        assert issue.pop("summary").startswith("Message from Prefect: the task entered a Failed state at 20")
        assert issue == options
        assert assigned == ("issue", "-1")

    def test_server_summary_and_assignee_can_be_chosen(self, jira):
        jira_notifier(
            TASK, Running(), Failed(), server_URL="https://other", options={"summary": "mine"}, assignee="bob"
        )

        login, issue, assigned = jira
        assert login["options"] == {"server": "https://other"}
        assert issue == {"summary": "mine"}
        assert assigned == ("issue", "bob")

    def test_a_missing_library_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "jira", None)

        with pytest.raises(ImportError) as caught:
            jira_notifier(TASK, Running(), Failed())

        assert str(caught.value) == '`jira_notifier` needs the library `jira`. Install it: pip install "jira".'


class TestSnowflake:
    STATEMENT = (
        "INSERT INTO db.schema.log (FLOW_ID, FLOW_NAME, TASK_NAME, STATE, MESSAGE, INGESTED_AT)"
        " VALUES (%s, %s, %s, %s, %s, CURRENT_TIMESTAMP())"
    )

    @pytest.fixture
    def snowflake(self, monkeypatch):
        """The library, keeping what is asked of it."""
        calls = []

        class Connection:
            def __enter__(self):
                return self

            def __exit__(self, *exc_info):
                calls.append("closed")

            def cursor(self):
                return self

            def execute(self, statement, values):
                calls.append((statement, values))

        library, connector = ModuleType("snowflake"), ModuleType("snowflake.connector")
        library.connector = connector
        connector.connect = lambda **options: calls.append(options) or Connection()
        monkeypatch.setitem(sys.modules, "snowflake", library)
        monkeypatch.setitem(sys.modules, "snowflake.connector", connector)
        return calls

    def test_a_row_is_inserted_with_bound_values(self, snowflake):
        state = Failed("it's")

        with prefect.context(secrets=SECRETS, flow_run_id="run", flow_name="f"):
            returned = snowflake_logger(TASK, Running(), state)

        assert returned is state
        assert snowflake == [
            {"account": "a", "user": "me", "password": "p"},
            (self.STATEMENT, ("run", "f", "the task", "Failed", '[{"value": "it\'s"}]')),
            "closed",
            "closed",
        ]

    def test_secrets_can_be_chosen(self, snowflake):
        with prefect.context(secrets=SECRETS):
            snowflake_logger(snowflake_secret="OTHER_CREDS", snowflake_log_table_name="OTHER_TABLE")(
                TASK, Running(), Success()
            )

        assert snowflake[0] == {"account": "b"}
        assert snowflake[1][0].startswith("INSERT INTO db.schema.other ")

    def test_a_trial_only_prints(self, snowflake, capsys):
        with prefect.context(secrets=SECRETS):
            snowflake_logger(TASK, Running(), Success(), test_env=True)

        assert snowflake == []
        assert capsys.readouterr().out == f"{self.STATEMENT} (None, None, 'the task', 'Success', '[]')\n"

    def test_the_row_tells_run_object_and_state(self):
        with prefect.context(flow_run_id="run", flow_name="f"):
            row = snowflake_message_formatter(TASK, Failed("no", result=ValueError("boom")))

        assert row == {
            "flow_id": "run",
            "flow_name": "f",
            "task_name": "the task",
            "state": "Failed",
            "message": [{"value": "ValueError('boom')"}],
        }

    def test_a_missing_library_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "snowflake", None)

        with prefect.context(secrets=SECRETS), pytest.raises(ImportError) as caught:
            snowflake_logger(TASK, Running(), Success())

        assert str(caught.value) == (
            "`snowflake_logger` needs the library `snowflake-connector-python`."
            ' Install it: pip install "snowflake-connector-python".'
        )
