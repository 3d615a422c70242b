"""What the live view counts and says."""

from __future__ import annotations

import pytest

from prefect.cli import live_run, live_watch
from prefect.cli.live_progress import Progress, Standing
from prefect.engine.state import (
    Cached,
    Cancelled,
    Failed,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    Submitted,
    Success,
    TimedOut,
    TriggerFailed,
)
from prefect.serialization.states import serialize_state

WAITING = Standing(False, False, False)
RUNNING = Standing(True, False, False)
DONE = Standing(False, True, False)
FAILED = Standing(False, True, True)


def mapped(children):
    return Standing(False, True, False, children)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(clock):
    return Progress("etl", {"load-1": "load", "parse-1": "parse", "both-1": "both"}, clock)


@pytest.mark.parametrize(
    ("state", "stands"),
    [
        (Pending(), WAITING),
        (Scheduled(), WAITING),
        (Submitted(state=Scheduled()), WAITING),
        (Queued(state=Running()), WAITING),
        (Paused(), WAITING),
        (Retrying(), WAITING),
        (Running(), RUNNING),
        (Looped(), WAITING),
        (Success(), DONE),
        (Cached(), DONE),
        (Skipped(), DONE),
        (Cancelled(), DONE),
        (Failed(), FAILED),
        (TimedOut(), FAILED),
        (TriggerFailed(), FAILED),
        (Mapped(n_map_states=3), mapped(3)),
        (Mapped(map_states=[Success(), Success()]), mapped(2)),
    ],
)
def test_a_state_counts_the_same_in_the_engine_and_in_a_backend(state, stands):
    assert live_run.standing(state) == stands
    assert live_watch.standing(serialize_state(state)) == stands


def test_tasks_that_do_not_count_are_passed_over(progress):
    progress.task_changed("constant-1", None, DONE)

    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_running_tasks_are_named_with_their_time(progress, clock):
    progress.task_changed("load-1", None, RUNNING)
    clock.now += 65

    assert progress.details() == [("load", "running for 1:05")]
    assert progress.headline() == "etl: 0 of 3 tasks done, 1:05"


def test_a_task_may_have_begun_before_anybody_looked(progress, clock):
    progress.began = clock.now - 600
    progress.task_changed("load-1", None, RUNNING, at=clock.now - 90)

    assert progress.details() == [("load", "running for 1:30")]
    assert progress.headline() == "etl: 0 of 3 tasks done, 10:00"


def test_a_clock_elsewhere_that_is_ahead_is_not_shown(progress, clock):
    progress.task_changed("load-1", None, RUNNING, at=clock.now + 5)

    assert progress.details() == [("load", "running for 0:00")]


def test_hours_are_shown_when_there_are_some(progress, clock):
    clock.now += 3 * 3600 + 62

    assert progress.headline() == "etl: 0 of 3 tasks done, 3:01:02"


def test_finished_and_failed_tasks_are_counted(progress):
    for finished, state in [("load-1", DONE), ("both-1", FAILED)]:
        progress.task_changed(finished, None, RUNNING)
        progress.task_changed(finished, None, state)

    assert progress.headline() == "etl: 2 of 3 tasks done, 1 failed, 0:00"
    assert progress.details() == []


def test_a_task_that_will_be_retried_is_not_done(progress):
    for state in (RUNNING, FAILED, WAITING):
        progress.task_changed("load-1", None, state)

    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_mapped_children_are_folded_into_one_line(progress):
    progress.task_changed("parse-1", None, mapped(3))
    for index, state in [(0, RUNNING), (0, DONE), (1, RUNNING), (1, FAILED), (2, RUNNING)]:
        progress.task_changed("parse-1", index, state)

    assert progress.details() == [("parse", "[################........] 2/3, 1 failed")]
    assert progress.headline() == "etl: 0 of 3 tasks done, 1 failed, 0:00"


def test_a_mapped_task_is_done_with_its_last_child(progress):
    progress.task_changed("parse-1", None, mapped(3))
    for index in range(3):
        progress.task_changed("parse-1", index, DONE)

    assert progress.headline() == "etl: 1 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_a_task_mapped_over_nothing_is_done_at_once(progress):
    progress.task_changed("parse-1", None, mapped(0))

    assert progress.headline() == "etl: 1 of 3 tasks done, 0:00"


def test_many_running_tasks_are_counted_rather_than_named(clock):
    progress = Progress("wide", {i: f"t{i}" for i in range(10)}, clock)
    for key in range(10):
        progress.task_changed(key, None, RUNNING)

    assert [name for name, _ in progress.details()] == [*(f"t{i}" for i in range(8)), "and 2 more"]


def test_the_next_run_of_a_schedule_begins_at_zero(progress, clock):
    progress.task_changed("load-1", None, DONE)
    clock.now += 60

    progress.restart()

    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"


def test_pending_is_neither_running_nor_done(progress):
    progress.task_changed("load-1", None, RUNNING)
    progress.task_changed("load-1", None, WAITING)

    assert (progress.done, progress.details()) == (0, [])
