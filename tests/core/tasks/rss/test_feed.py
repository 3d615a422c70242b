"""``ParseRSSFeed`` fetches and parses feeds. Source: core.md §21.9."""

from __future__ import annotations

import subprocess
import sys

import pytest
from web_service import web_service

from prefect import Flow
from prefect.tasks.rss import ParseRSSFeed

FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
  <title>Harbour</title>
  <item><title>Low tide</title><link>https://harbour.example/1</link></item>
  <item><title>High tide</title><link>https://harbour.example/2</link></item>
</channel></rss>
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(FEED)
    return str(path)


def titles(feed):
    return [entry.title for entry in feed.entries]


def test_the_feed_of_a_file_is_parsed(file):
    feed = ParseRSSFeed(feed_url=file).run()

    assert (feed.bozo, feed.version, feed.feed.title) == (False, "rss20", "Harbour")
    assert [(entry.title, entry.link) for entry in feed.entries] == [
        ("Low tide", "https://harbour.example/1"),
        ("High tide", "https://harbour.example/2"),
    ]


def test_the_feed_of_a_web_server_is_fetched():
    with web_service() as service:
        service.kept["/feed"] = FEED.encode()

        feed = ParseRSSFeed().run(feed_url=f"{service.address}/feed")

    assert (feed.status, titles(feed)) == (200, ["Low tide", "High tide"])


def test_the_address_of_the_run_comes_first(file):
    assert titles(ParseRSSFeed(feed_url="/nowhere").run(feed_url=file)) == ["Low tide", "High tide"]


def test_text_is_a_feed_too():
    assert titles(ParseRSSFeed(FEED).run()) == ["Low tide", "High tide"]


def test_what_cannot_be_fetched_has_no_entries_and_says_why():
    with web_service() as service:
        address = service.address

    feed = ParseRSSFeed(address).run()

    assert (bool(feed.bozo), feed.entries) == (True, [])
    assert isinstance(feed.bozo_exception, OSError)


@pytest.mark.parametrize("feed_url", [None, ""])
def test_a_task_without_an_address_is_refused_when_it_runs(feed_url):
    with pytest.raises(ValueError, match=r"^ParseRSSFeed has no feed to parse\. Give `feed_url`"):
        ParseRSSFeed(feed_url).run()


def test_in_a_flow_the_address_may_come_from_a_task(file):
    with Flow("f") as flow:
        feed = ParseRSSFeed()(feed_url=file)

    assert titles(flow.run().result[feed].result) == ["Low tide", "High tide"]


def test_without_the_library_it_says_which_extra_to_install():
    code = (
        "import sys; sys.modules['feedparser'] = None\n"
        "from prefect.tasks.rss import ParseRSSFeed\n"
        "try: ParseRSSFeed('x').run()\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == (
        'ParseRSSFeed needs the package feedparser, which is not installed. Run: pip install "praefectus[rss]"\n',
        "",
    )
