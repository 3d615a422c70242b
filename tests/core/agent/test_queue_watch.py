"""Whether the queue has news. Source: DESIGN §3 step 4 and §6."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from prefect import Client
from prefect.agent.queue_watch import QueueWatch
from prefect.orchestration.queue import claim


@pytest.fixture
def watch(backend, register, monkeypatch):
    """A watch that looks by itself only after an hour, of a queue in which nothing is due."""
    monkeypatch.setattr("prefect.agent.queue_watch.LOOK_SECONDS", 3600.0)
    register()
    watch = QueueWatch(backend, [])
    assert not watch.has_news()
    return watch


@pytest.fixture
def create_run(backend):
    def created(**options):
        return Client().create_flow_run(flow_id=next(backend.flows.all())["id"], **{"labels": [], **options})

    return created


def test_a_new_run_is_news(watch, create_run):
    create_run()

    assert watch.has_news()


def test_a_run_for_another_agent_is_no_news(watch, create_run):
    create_run(labels=["gpu"])

    assert not watch.has_news()


def test_a_run_is_news_when_its_time_has_come(watch, create_run, backend, monkeypatch):
    create_run(scheduled_start_time=datetime.now(timezone.utc) + timedelta(hours=1))
    before = watch.has_news()
    late = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat(timespec="microseconds")
    monkeypatch.setattr(backend.system, "now", lambda: late)

    assert (before, watch.has_news()) == (False, True)


def test_a_run_that_was_held_back_is_no_news(watch, create_run):
    watch.hold_back({create_run()})

    assert not watch.has_news()
    create_run()
    assert watch.has_news()


def test_a_run_that_is_due_later_in_this_millisecond_is_not_held_back(watch, create_run, backend, monkeypatch):
    create_run(scheduled_start_time=datetime(2100, 1, 1, microsecond=1700, tzinfo=timezone.utc))
    monkeypatch.setattr(backend.system, "now", lambda: "2100-01-01T00:00:00.001600+00:00")

    taken = claim(backend, None, [])
    watch.hold_back(watch.due())

    assert taken == []
    assert watch.has_news()


def test_nothing_is_read_while_nothing_happens(watch, backend, monkeypatch):
    def never(*args):
        raise AssertionError("the queue was read")

    monkeypatch.setattr(backend.runs, "due", never)

    assert not watch.has_news()


def test_the_queue_is_read_now_and_then_whatever_the_feed_tells(watch, create_run, monkeypatch, backend):
    monkeypatch.setattr(backend.feed, "append", lambda entry: None)
    create_run()
    unnoticed = watch.has_news()
    watch._look_at = 0.0

    assert (unnoticed, watch.has_news()) == (False, True)


def test_what_the_system_refuses_to_tell_is_no_news(watch, create_run, backend, monkeypatch):
    def refuse(*args):
        raise OSError(5, "Input/output error")

    create_run()
    monkeypatch.setattr(backend.runs, "due", refuse)

    assert not watch.has_news()
