"""Concurrency limits in force."""

from __future__ import annotations

import os

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration import limits
from prefect.orchestration.concurrency import take_tags
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.processes import process_identity
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.orchestration.states import cancel_flow_run, set_flow_run_state, set_task_run_state
from prefect.storage.state.layout import member

NOW = "2024-05-17T12:00:30.000000+00:00"
HALF_A_MINUTE_LATER = "2024-05-17T12:01:00.000000+00:00"


@pytest.fixture
def store(clocked_store):
    return clocked_store


@pytest.fixture
def run_with_tags(store, serialize):
    """Creates a running run of a flow of two tasks, tagged ``db`` and ``slow``, and returns its id."""
    document = serialize(tasks=("one", "two"))
    for task in document["tasks"]:
        task["tags"] = ["db", "slow"]
    flow_id, _ = register_flow(store, document, create_project(store, "demo"))

    def create():
        run_id = create_flow_run(store, flow_id=flow_id)[0]["id"]
        set_flow_run_state(store, run_id, {"type": "Running"}, process=process_identity())
        return run_id

    return create


def ask(store, id, kind="Running", **arguments) -> str:
    return set_task_run_state(store, id, {"type": kind}, **arguments)[0]


# ---- tags ------------------------------------------------------------------------------------------------------------


def test_without_limits_everything_runs(store, run_with_tags):
    run_id = run_with_tags()

    assert [ask(store, member(run_id, number)) for number in (1, 2)] == ["SUCCESS", "SUCCESS"]


@pytest.mark.parametrize("known", [True, False])
def test_a_task_run_without_room_is_queued(store, run_with_tags, known):
    limits.update_task_tag_limit(store, "db", 1)
    run_id = run_with_tags()
    ask(store, member(run_id, 1), run_is_running_known=known)

    status, task_run = set_task_run_state(store, member(run_id, 2), {"type": "Running"}, run_is_running_known=known)

    assert status == "QUEUED"
    assert task_run["state"] == {
        "type": "Queued",
        "message": "As many runs with the tag 'db' are running as its limit allows.",
        "start_time": HALF_A_MINUTE_LATER,
        "state": {"type": "Pending", "message": "Task run created"},
    }


def test_limits_hold_for_all_flow_runs_together(store, run_with_tags):
    limits.update_task_tag_limit(store, "db", 1)

    assert [ask(store, member(run_with_tags(), 1)) for _ in range(2)] == ["SUCCESS", "QUEUED"]


def test_the_slot_of_a_task_run_that_is_about_to_begin_is_taken(store, run_with_tags):
    limit_id = limits.update_task_tag_limit(store, "db", 1)
    beginning, other = (member(run_with_tags(), 1) for _ in range(2))
    assert take_tags(store, beginning, ["db"]) is None

    assert ask(store, other) == "QUEUED"
    half_a_minute_ago = store.system.milliseconds() / 1000 - 30
    os.utime(f"{store.layout.slots(limit_id)}/{beginning}", (half_a_minute_ago, half_a_minute_ago))
    assert ask(store, other) == "SUCCESS"


def test_all_tags_must_have_room(store, run_with_tags):
    limits.update_task_tag_limit(store, "db", 5)
    limits.update_task_tag_limit(store, "slow", 0)
    run_id = run_with_tags()

    assert ask(store, member(run_id, 1)) == "QUEUED"
    (db, _) = limits.task_tag_limits(store)
    assert store.slots.holders(db["id"]) == []


def test_tags_that_the_task_does_not_have_do_not_matter(store, run_with_tags):
    limits.update_task_tag_limit(store, "other", 0)

    assert ask(store, member(run_with_tags(), 1)) == "SUCCESS"


@pytest.mark.parametrize("kind", ["Success", "Failed", "Retrying", "Paused", "Pending"])
def test_a_task_run_that_runs_no_more_makes_room(store, run_with_tags, kind):
    limits.update_task_tag_limit(store, "db", 1)
    run_id = run_with_tags()
    ask(store, member(run_id, 1))

    ask(store, member(run_id, 1), kind)

    assert ask(store, member(run_id, 2)) == "SUCCESS"


def test_a_task_run_that_is_being_cancelled_still_counts(store, run_with_tags):
    limits.update_task_tag_limit(store, "db", 1)
    run_id = run_with_tags()
    ask(store, member(run_id, 1))

    ask(store, member(run_id, 1), "Cancelling")

    assert ask(store, member(run_id, 2)) == "QUEUED"


def test_a_queued_task_run_may_ask_again(store, run_with_tags):
    limits.update_task_tag_limit(store, "db", 1)
    run_id = run_with_tags()
    ask(store, member(run_id, 1))
    ask(store, member(run_id, 2))
    ask(store, member(run_id, 1), "Success")

    assert ask(store, member(run_id, 2)) == "SUCCESS"


def test_a_task_run_whose_flow_run_has_ended_makes_room(store, run_with_tags):
    limits.update_task_tag_limit(store, "db", 1)
    dead, run_id = run_with_tags(), run_with_tags()
    ask(store, member(dead, 1))

    set_flow_run_state(store, dead, {"type": "Failed"})

    assert ask(store, member(run_id, 1)) == "SUCCESS"


def test_a_cancelled_flow_run_gives_the_slots_of_its_task_runs_back(store, run_with_tags):
    limit_id = limits.update_task_tag_limit(store, "db", 1)
    run_id = run_with_tags()
    ask(store, member(run_id, 1))

    set_flow_run_state(store, run_id, {"type": "Cancelled"})

    assert store.slots.holders(limit_id) == []


def test_a_limit_that_is_deleted_holds_no_more(store, run_with_tags):
    limit_id = limits.update_task_tag_limit(store, "db", 0)
    run_id = run_with_tags()
    blocked = ask(store, member(run_id, 1))
    limits.delete_task_tag_limit(store, limit_id)

    assert (blocked, ask(store, member(run_id, 1))) == ("QUEUED", "SUCCESS")


# ---- labels ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def labelled(store, register):
    """Creates a run with the label ``gpu`` and returns its id."""
    flow_id = register(store)
    return lambda: create_flow_run(store, flow_id=flow_id, labels=["gpu"])[0]["id"]


def test_a_flow_run_without_room_is_queued_and_stays_with_its_process(store, labelled):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    set_flow_run_state(store, labelled(), {"type": "Running"})

    status, run = set_flow_run_state(store, labelled(), {"type": "Running"}, process=process_identity())

    assert status == "QUEUED"
    assert (run["state"]["type"], run["state"]["start_time"]) == ("Queued", HALF_A_MINUTE_LATER)
    assert run["state"]["state"]["type"] == "Scheduled"
    assert (run["due"], run["live"], run["process"]) == (None, True, process_identity())


def test_a_queued_flow_run_may_ask_again(store, labelled):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    first, second = labelled(), labelled()
    set_flow_run_state(store, first, {"type": "Running"})
    set_flow_run_state(store, second, {"type": "Running"})
    set_flow_run_state(store, first, {"type": "Success"})

    assert set_flow_run_state(store, second, {"type": "Running"})[0] == "SUCCESS"


def test_a_queued_flow_run_does_not_count(store, labelled):
    limit_id = limits.update_flow_concurrency_limit(store, "gpu", 1)
    first, second = labelled(), labelled()
    set_flow_run_state(store, first, {"type": "Running"})
    set_flow_run_state(store, second, {"type": "Running"})

    assert store.slots.holders(limit_id) == [first]


def test_a_submitted_run_counts_and_another_is_refused(store, labelled):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    set_flow_run_state(store, labelled(), {"type": "Submitted"})
    second = labelled()

    with pytest.raises(ClientError) as raised:
        set_flow_run_state(store, second, {"type": "Submitted"})

    assert str(raised.value) == (
        "State update failed: as many runs with the label 'gpu' are running as its limit allows."
        " Wait for one to finish, or raise the limit."
    )
    assert store.runs.get(second)["state"]["type"] == "Scheduled"


def test_a_submitted_run_that_begins_needs_no_second_slot(store, labelled):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    run_id = labelled()

    statuses = [set_flow_run_state(store, run_id, {"type": kind})[0] for kind in ("Submitted", "Running")]

    assert statuses == ["SUCCESS", "SUCCESS"]


def test_a_cancelled_run_makes_room(store, labelled):
    limit_id = limits.update_flow_concurrency_limit(store, "gpu", 1)
    run_id = labelled()
    set_flow_run_state(store, run_id, {"type": "Submitted"})
    cancel_flow_run(store, run_id)

    assert store.slots.holders(limit_id) == []


def test_a_slot_whose_run_was_deleted_is_free(store, labelled):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    gone = labelled()
    set_flow_run_state(store, gone, {"type": "Running"})
    store.runs.delete(gone)

    assert set_flow_run_state(store, labelled(), {"type": "Running"})[0] == "SUCCESS"


def test_a_slot_of_a_run_that_is_about_to_be_picked_up_is_taken(store, labelled):
    limit_id = limits.update_flow_concurrency_limit(store, "gpu", 1)
    claimed, other = labelled(), labelled()
    store.slots.take(limit_id, claimed, 1, lambda holder: True)

    # Whoever picks it up holds its lock until that is written.
    with store.files.locked(store.layout.run(claimed)):
        while_locked = set_flow_run_state(store, other, {"type": "Running"})[0]

    assert (while_locked, set_flow_run_state(store, other, {"type": "Running"})[0]) == ("QUEUED", "SUCCESS")
