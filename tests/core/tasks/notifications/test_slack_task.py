"""``SlackTask`` posts messages, here to a real server on this machine. Source: core.md §21.5."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError, URLError

import pytest

import prefect
from prefect import Flow
from prefect.tasks.notifications import SlackTask


class Web(ThreadingHTTPServer):
    """Keeps what is posted to it; refuses what is posted to ``/refused``."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.posts = []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posts.append((self.path, self.headers["Content-Type"], body))
        self.send_response(403 if self.path == "/refused" else 200)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing on standard error."""


@pytest.fixture
def web():
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_text_is_posted_to_the_url_of_the_secret(web):
    with prefect.context(secrets={"SLACK_WEBHOOK_URL": f"{web.url}/hook"}):
        assert SlackTask(message="hellö").run() is None

    assert web.posts == [("/hook", "application/json", {"text": "hellö"})]


def test_a_dictionary_is_posted_as_it_is(web):
    SlackTask(message={"blocks": [1]}).run(webhook_url=f"{web.url}/hook")

    assert web.posts == [("/hook", "application/json", {"blocks": [1]})]


def test_another_secret_can_be_named(web):
    with prefect.context(secrets={"ONE": f"{web.url}/one", "TWO": f"{web.url}/two"}):
        SlackTask(webhook_secret="ONE").run(message="a")
        SlackTask(webhook_secret="ONE").run(message="b", webhook_secret="TWO")

    assert [(path, body["text"]) for path, _, body in web.posts] == [("/one", "a"), ("/two", "b")]


def test_a_missing_secret_is_named():
    with pytest.raises(ValueError, match=r'^Local Secret "SLACK_WEBHOOK_URL" was not found.'):
        SlackTask(message="a").run()


@pytest.mark.parametrize("url", ["file:///message", "T000/B000/XXXX"])
def test_what_is_no_web_address_is_refused_and_not_told(url):
    with prefect.context(secrets={"HOOK": url}), pytest.raises(ValueError) as of_a_secret:
        SlackTask(message="a", webhook_secret="HOOK").run()
    with pytest.raises(ValueError) as of_an_argument:
        SlackTask(message="a").run(webhook_url=url)

    what_to_do = "is not a web address. Set it to the URL of a Slack webhook."
    assert str(of_a_secret.value) == f"The secret 'HOOK' {what_to_do}"
    assert str(of_an_argument.value) == f"`webhook_url` {what_to_do}"


def test_a_refused_message_is_an_error(web):
    with pytest.raises(HTTPError, match="403"):
        SlackTask(message="a").run(webhook_url=f"{web.url}/refused")


def test_a_server_that_is_not_there_is_an_error():
    with pytest.raises(URLError):
        SlackTask(message="a").run(webhook_url="http://127.0.0.1:1/")


def test_a_flow_posts_what_another_task_has_written(web):
    with Flow("f") as flow:
        SlackTask()(message=prefect.tasks.core.constants.Constant("written"), webhook_url=f"{web.url}/hook")

    assert flow.run().is_successful()
    assert web.posts == [("/hook", "application/json", {"text": "written"})]
