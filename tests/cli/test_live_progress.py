"""What the live view counts and says."""

from __future__ import annotations

import pytest

from prefect import Flow, task
from prefect.cli.live_progress import Progress
from prefect.engine.state import Failed, Mapped, Pending, Retrying, Running, Success


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@task
def load():
    return 1


@task
def parse(x):
    return x


with Flow("etl") as flow:
    loaded = load()
    parsed = parse.map([1, 2, 3])
    both = parse(loaded, task_args={"name": "both"})


@pytest.fixture
def progress(clock):
    return Progress(flow, clock)


def test_constants_are_not_counted(progress):
    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_running_tasks_are_named_with_their_time(progress, clock):
    progress.task_changed(loaded, None, Running())
    clock.now += 65

    assert progress.details() == [("load", "running for 1:05")]
    assert progress.headline() == "etl: 0 of 3 tasks done, 1:05"


def test_hours_are_shown_when_there_are_some(progress, clock):
    clock.now += 3 * 3600 + 62

    assert progress.headline() == "etl: 0 of 3 tasks done, 3:01:02"


def test_finished_and_failed_tasks_are_counted(progress):
    for finished, state in [(loaded, Success()), (both, Failed())]:
        progress.task_changed(finished, None, Running())
        progress.task_changed(finished, None, state)

    assert progress.headline() == "etl: 2 of 3 tasks done, 1 failed, 0:00"
    assert progress.details() == []


def test_a_task_that_will_be_retried_is_not_done(progress):
    for state in (Running(), Failed(), Retrying()):
        progress.task_changed(loaded, None, state)

    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_mapped_children_are_folded_into_one_line(progress):
    progress.task_changed(parsed, None, Mapped(n_map_states=3))
    for index, state in [(0, Running()), (0, Success()), (1, Running()), (1, Failed()), (2, Running())]:
        progress.task_changed(parsed, index, state)

    assert progress.details() == [("parse", "[################........] 2/3, 1 failed")]
    assert progress.headline() == "etl: 0 of 3 tasks done, 1 failed, 0:00"


def test_a_mapped_task_is_done_with_its_last_child(progress):
    progress.task_changed(parsed, None, Mapped(n_map_states=3))
    for index in range(3):
        progress.task_changed(parsed, index, Success())

    assert progress.headline() == "etl: 1 of 3 tasks done, 0:00"
    assert progress.details() == []


def test_a_task_mapped_over_nothing_is_done_at_once(progress):
    progress.task_changed(parsed, None, Mapped(n_map_states=0))

    assert progress.headline() == "etl: 1 of 3 tasks done, 0:00"


def test_many_running_tasks_are_counted_rather_than_named(clock):
    with Flow("wide") as wide:
        tasks = [load(task_args={"name": f"t{i}"}) for i in range(10)]
    progress = Progress(wide, clock)
    for one in tasks:
        progress.task_changed(one, None, Running())

    assert [name for name, _ in progress.details()] == [*(f"t{i}" for i in range(8)), "and 2 more"]


def test_the_next_run_of_a_schedule_begins_at_zero(progress, clock):
    progress.task_changed(loaded, None, Success())
    clock.now += 60

    progress.restart()

    assert progress.headline() == "etl: 0 of 3 tasks done, 0:00"


def test_pending_is_neither_running_nor_done(progress):
    progress.task_changed(loaded, None, Running())
    progress.task_changed(loaded, None, Pending())

    assert (progress.done, progress.details()) == (0, [])
