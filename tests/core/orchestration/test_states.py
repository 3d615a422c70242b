"""Setting states of flow runs and task runs."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, VersionLockMismatchSignal
from prefect.orchestration import flow_groups
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.processes import process_identity
from prefect.orchestration.states import (
    cancel_flow_run,
    leave_flow_run,
    set_flow_run_state,
    set_task_run_state,
    set_task_run_states,
)
from prefect.orchestration.task_runs import get_or_create_task_run, get_task_run, task_runs
from prefect.storage.state.errors import Conflict
from prefect.storage.state.layout import member, new_run_id

NOW = "2024-05-17T12:00:30.000000+00:00"
SOON = "2024-05-17T12:05:30.000000+00:00"
LATER = "2024-05-17T13:00:00.000000+00:00"


@pytest.fixture
def store(clocked_store):
    return clocked_store


@pytest.fixture
def run_id(store, register):
    return create_flow_run(store, flow_id=register(store, tasks=("extract", "load")), name="first")[0]["id"]


@pytest.fixture
def running(store, run_id):
    """A run that this process executes."""
    set_flow_run_state(store, run_id, {"type": "Running"}, process=process_identity())
    return run_id


def kinds(store, run_id) -> list[str]:
    return [task_run["state"]["type"] for task_run in task_runs(store, run_id)]


def version_locking(store, run_id) -> None:
    flow_groups.set_version_locking_enabled(store, store.runs.get(run_id)["flow_id"], True)


# ---- flow runs -------------------------------------------------------------------------------------------------------


def test_a_state_is_stored_as_it_came(store, run_id):
    state = {"type": "Running", "message": "Running flow.", "context": {"a": 1}, "__version__": "1.4.1"}

    status, run = set_flow_run_state(store, run_id, state)

    assert (status, run["state"], run["version"], run["start_time"]) == ("SUCCESS", state, 2, NOW)
    assert store.runs.get(run_id) == run


def test_every_state_is_kept(store, run_id):
    for kind in ("Submitted", "Running", "Success"):
        set_flow_run_state(store, run_id, {"type": kind})

    history = store.runs.history(run_id)
    assert [line["state"]["type"] for line in history] == ["Scheduled", "Submitted", "Running", "Success"]
    assert [line["version"] for line in history] == [1, 2, 3, 4]


def test_a_finished_run_may_be_scheduled_again(store, run_id, clock):
    set_flow_run_state(store, run_id, {"type": "Running"})
    set_flow_run_state(store, run_id, {"type": "Failed"})
    clock.pass_time(minutes=1)

    _, run = set_flow_run_state(store, run_id, {"type": "Scheduled"})

    assert (run["due"], run["live"], run["start_time"], run["end_time"]) == (
        "2024-05-17T12:01:30.000000+00:00",
        False,
        NOW,
        None,
    )


def test_the_agent_and_the_process_are_noted(store, run_id):
    process = process_identity()
    set_flow_run_state(store, run_id, {"type": "Submitted"}, agent_id="an agent")

    _, run = set_flow_run_state(store, run_id, {"type": "Running"}, process=process)

    assert (run["agent_id"], run["process"]) == ("an agent", process)


def test_a_run_that_ended_remembers_its_process_and_one_that_is_scheduled_again_has_none(store, running):
    _, ended = set_flow_run_state(store, running, {"type": "Failed"})
    _, again = set_flow_run_state(store, running, {"type": "Scheduled"})

    assert (ended["process"], again["process"]) == (process_identity(), None)


@pytest.mark.parametrize("kind", ["Submitted", "Running", "Cancelling", "Success", "Cancelled"])
def test_a_run_that_waits_for_nobody_cannot_be_submitted(store, run_id, kind):
    set_flow_run_state(store, run_id, {"type": kind})

    with pytest.raises(ClientError) as raised:
        set_flow_run_state(store, run_id, {"type": "Submitted"})

    assert str(raised.value) == (
        f"State update failed: this run has already been submitted. It is {kind}; set it to Scheduled to have it run again."
    )


@pytest.mark.parametrize("kind", ["Scheduled", "Paused", "Resume", "Retrying", "Queued"])
def test_a_run_that_waits_can_be_submitted(store, run_id, kind):
    set_flow_run_state(store, run_id, {"type": kind})

    assert set_flow_run_state(store, run_id, {"type": "Submitted"})[1]["state"]["type"] == "Submitted"


def test_an_unknown_run_is_refused(store):
    id = new_run_id(0)

    with pytest.raises(ClientError, match=f"^State update failed for flow run ID {id}: there is no such run"):
        set_flow_run_state(store, id, {"type": "Running"})


def test_an_unknown_type_changes_nothing(store, run_id):
    with pytest.raises(ClientError, match="There is no state of type 'Done'"):
        set_flow_run_state(store, run_id, {"type": "Done"})

    assert store.runs.get(run_id)["version"] == 1


def test_a_check_is_asked_under_the_lock(store, run_id):
    cancel_flow_run(store, run_id)

    with pytest.raises(Conflict) as raised:
        set_flow_run_state(store, run_id, {"type": "Running"}, check=lambda run: run["state"]["type"] != "Cancelled")

    assert raised.value.current["state"]["type"] == "Cancelled"


def test_cancelling_a_flow_run_cancels_what_has_not_finished(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Success"})
    child = get_or_create_task_run(store, running, task_slug="load-1", map_index=0)
    set_task_run_state(store, child["id"], {"type": "Running"})

    set_flow_run_state(store, running, {"type": "Cancelled", "message": "Enough."})

    assert kinds(store, running) == ["Success", "Cancelled", "Cancelled"]
    assert get_task_run(store, child["id"])["state"] == {"type": "Cancelled", "message": "Enough."}


def test_other_final_states_leave_task_runs_as_they_are(store, running):
    set_flow_run_state(store, running, {"type": "Failed"})

    assert kinds(store, running) == ["Pending", "Pending"]


def test_those_who_watch_are_told(store, run_id):
    set_flow_run_state(store, run_id, {"type": "Running"})

    with open(store.feed.path_today()) as feed:
        lines = feed.read().splitlines()
    assert [line.replace(run_id, "ID") for line in lines] == [
        f'{{"at":"{NOW}","run":"ID","name":"first","state":"Scheduled","version":1}}',
        f'{{"at":"{NOW}","run":"ID","name":"first","state":"Running","version":2}}',
    ]


# ---- versions --------------------------------------------------------------------------------------------------------


def test_a_version_does_not_matter_unless_it_is_locked(store, run_id):
    assert set_flow_run_state(store, run_id, {"type": "Running"}, version=99)[0] == "SUCCESS"


def test_with_version_locking_the_version_must_match(store, run_id):
    version_locking(store, run_id)

    with pytest.raises(VersionLockMismatchSignal, match=f"^The run {run_id} has version 1, not 99: somebody else"):
        set_flow_run_state(store, run_id, {"type": "Running"}, version=99)

    assert set_flow_run_state(store, run_id, {"type": "Running"}, version=1)[1]["version"] == 2
    assert set_flow_run_state(store, run_id, {"type": "Success"})[1]["version"] == 3


def test_with_version_locking_the_version_of_a_task_run_must_match(store, running):
    version_locking(store, running)
    id = member(running, 1)

    with pytest.raises(VersionLockMismatchSignal):
        set_task_run_state(store, id, {"type": "Running"}, version=2)

    assert set_task_run_state(store, id, {"type": "Running"}, version=1)[1]["version"] == 2


# ---- cancelling ------------------------------------------------------------------------------------------------------


def test_a_running_run_is_told_to_end_itself(store, running):
    assert cancel_flow_run(store, running) == {"type": "Cancelling", "message": "Flow run is cancelling"}
    assert store.runs.get(running)["live"]


@pytest.mark.parametrize("kind", ["Scheduled", "Submitted", "Paused", "Pending"])
def test_a_run_that_is_not_running_is_cancelled_at_once(store, run_id, kind):
    set_flow_run_state(store, run_id, {"type": kind})

    assert cancel_flow_run(store, run_id) == {"type": "Cancelled", "message": "Flow run is cancelled"}
    run = store.runs.get(run_id)
    assert (run["due"], run["live"]) == (None, False)
    assert kinds(store, run_id) == ["Cancelled", "Cancelled"]


def test_a_finished_run_stays_as_it_is(store, run_id):
    set_flow_run_state(store, run_id, {"type": "Success", "message": "Done."})

    assert cancel_flow_run(store, run_id) == {"type": "Success", "message": "Done."}
    assert store.runs.get(run_id)["version"] == 2


def test_a_run_whose_process_went_away_is_cancelled_at_once(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Retrying", "start_time": LATER})
    leave_flow_run(store, running)

    assert cancel_flow_run(store, running)["type"] == "Cancelled"
    assert store.runs.get(running)["due"] is None


def test_an_unknown_run_cannot_be_cancelled(store):
    with pytest.raises(ClientError, match="not found, so it cannot be cancelled"):
        cancel_flow_run(store, new_run_id(0))


# ---- task runs -------------------------------------------------------------------------------------------------------


def test_the_first_state_of_a_task_run(store, running):
    status, task_run = set_task_run_state(store, member(running, 1), {"type": "Running"})

    assert status == "SUCCESS"
    assert (task_run["v"], task_run["version"], task_run["task"]) == (1, 2, "extract-1")
    assert (task_run["state"], task_run["start_time"]) == ({"type": "Running"}, NOW)


def test_the_process_that_executes_a_run_sets_the_same_states(store, running):
    id = member(running, 1)
    set_task_run_state(store, id, {"type": "Running"}, run_is_running_known=True)
    set_task_run_state(store, id, {"type": "Success"}, run_is_running_known=True)

    found = get_task_run(store, id)

    assert (found["version"], found["state"], found["end_time"]) == (3, {"type": "Success"}, NOW)


def test_the_process_that_executes_a_run_does_not_read_it_again(store, running, monkeypatch):
    set_task_run_state(store, member(running, 1), {"type": "Running"}, run_is_running_known=True)
    monkeypatch.setattr(store.runs, "get", None)
    monkeypatch.setattr(store.flows, "get", None)
    monkeypatch.setattr(store.runs, "update", None)

    for kind in ("Running", "Retrying", "Running", "Success"):
        set_task_run_state(store, member(running, 2), {"type": kind}, run_is_running_known=True)


@pytest.mark.parametrize("kind", ["Scheduled", "Submitted", "Cancelling", "Failed"])
def test_a_task_run_runs_only_while_its_flow_run_does(store, run_id, kind):
    set_flow_run_state(store, run_id, {"type": kind})
    id = member(run_id, 1)

    with pytest.raises(ClientError) as raised:
        set_task_run_state(store, id, {"type": "Running"})

    assert str(raised.value) == (
        f"State update failed for task run ID {id}: associated flow run {run_id} is not in a running state."
        f" It is {kind}; set it to Running first."
    )


def test_other_states_may_be_set_at_any_time(store, run_id):
    assert set_task_run_state(store, member(run_id, 1), {"type": "Success"})[0] == "SUCCESS"


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_task_run_is_refused(store, running, known):
    for id in (member(running, 9), member(new_run_id(0), 1), running, "no id"):
        with pytest.raises(ClientError, match=f"^State update failed for task run ID {id}: there is no such task run"):
            set_task_run_state(store, id, {"type": "Success"}, run_is_running_known=known)


def test_several_task_runs_at_once(store, running):
    entries = [
        {"task_run_id": member(running, 1), "version": 1, "state": {"type": "Success"}},
        {"task_run_id": member(running, 2), "state": {"type": "Running"}},
    ]

    assert [status for status, _ in set_task_run_states(store, entries)] == ["SUCCESS", "SUCCESS"]
    assert kinds(store, running) == ["Success", "Running"]


def test_one_that_is_refused_refuses_the_call(store, running):
    entries = [{"task_run_id": member(running, number), "state": {"type": "Success"}} for number in (1, 9)]

    with pytest.raises(ClientError):
        set_task_run_states(store, entries)


# ---- waiting for task runs -------------------------------------------------------------------------------------------


def test_a_run_whose_process_leaves_is_due_with_its_first_task_run(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Retrying", "start_time": LATER})
    set_task_run_state(store, member(running, 2), {"type": "Retrying", "start_time": SOON})

    run = leave_flow_run(store, running)

    assert (run["state"]["type"], run["due"], run["live"], run["process"]) == ("Running", SOON, True, None)


def test_a_run_with_a_paused_task_run_is_not_due_until_somebody_resumes_it(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Paused"})
    left = leave_flow_run(store, running)

    set_task_run_state(store, member(running, 1), {"type": "Resume"})

    assert (left["due"], store.runs.get(running)["due"]) == (None, NOW)


def test_a_run_whose_process_is_there_is_not_due(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Retrying", "start_time": SOON})

    assert store.runs.get(running)["due"] is None


def test_where_nobody_knows_the_process_a_retry_is_due_a_little_later(store, run_id):
    set_flow_run_state(store, run_id, {"type": "Running"})

    set_task_run_state(store, member(run_id, 1), {"type": "Retrying", "start_time": SOON})
    waiting = store.runs.get(run_id)["due"]
    set_task_run_state(store, member(run_id, 1), {"type": "Submitted"})

    assert (waiting, store.runs.get(run_id)["due"]) == ("2024-05-17T12:05:33.000000+00:00", None)


def test_leaving_a_run_that_has_finished_changes_nothing(store, running):
    _, run = set_flow_run_state(store, running, {"type": "Success"})

    assert leave_flow_run(store, running) == run


def test_a_run_that_is_running_again_is_not_due(store, running):
    set_task_run_state(store, member(running, 1), {"type": "Retrying", "start_time": SOON})
    leave_flow_run(store, running)

    _, run = set_flow_run_state(store, running, {"type": "Running"}, process=process_identity())

    assert (run["due"], run["live"]) == (None, True)
