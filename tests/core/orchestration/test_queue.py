"""What agents may take, and taking it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prefect.orchestration import limits
from prefect.orchestration.flow_runs import create_flow_run, set_labels
from prefect.orchestration.processes import process_identity
from prefect.orchestration.queue import PAGE, claim, runs_in_queue
from prefect.orchestration.states import cancel_flow_run, leave_flow_run, set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_task_run
from prefect.storage.state.layout import member

NOW = "2024-05-17T12:00:30.000000+00:00"


@pytest.fixture
def create(clocked_store, register):
    """Creates a run of one flow and returns its id."""
    flow_id = register(clocked_store, tasks=("extract", "load"))

    def create(**arguments):
        return create_flow_run(clocked_store, flow_id=flow_id, **arguments)[0]["id"]

    return create


@pytest.fixture
def store(clocked_store):
    return clocked_store


def ids(runs) -> list[str]:
    return [run["id"] for run in runs]


@pytest.fixture
def waiting(store, create):
    """A running run whose process went away; its first task run is to start in five minutes, its second is paused."""
    run_id = create()
    set_flow_run_state(store, run_id, {"type": "Running"}, process=process_identity())
    retrying = {"type": "Retrying", "start_time": "2024-05-17T12:05:30+00:00", "run_count": 2}
    set_task_run_state(store, member(run_id, 1), retrying)
    set_task_run_state(store, member(run_id, 2), {"type": "Paused"})
    leave_flow_run(store, run_id)
    return run_id


# ---- looking ---------------------------------------------------------------------------------------------------------


def test_runs_that_are_to_start_are_there_and_later_ones_are_not(store, create):
    past, now = create(scheduled_start_time="2024-05-17T11:00:00Z"), create()
    create(scheduled_start_time="2024-05-17T12:00:31Z")

    assert set(runs_in_queue(store, [])) == {past, now}


def test_those_first_that_are_due_first_up_to_a_time(store, create):
    second = create(scheduled_start_time="2024-05-17T12:01:00Z")
    first = create(scheduled_start_time="2024-05-17T12:00:31Z")

    assert runs_in_queue(store, [], before="2024-05-17T12:02:00Z") == [first, second]
    assert runs_in_queue(store, [], before="2024-05-17T12:00:45Z") == [first]


def test_looking_takes_nothing_out(store, create):
    run_id = create()

    assert (runs_in_queue(store, []), runs_in_queue(store, [])) == ([run_id], [run_id])


@pytest.mark.parametrize(
    ("run_labels", "agent_labels", "fits"),
    [
        ([], [], True),
        ([], ["a"], False),
        (["a"], [], False),
        (["a"], ["a"], True),
        (["a"], ["a", "b"], True),
        (["a", "b"], ["a"], False),
        ([f"label-{n:03}" for n in range(40)], [f"label-{n:03}" for n in range(41)], True),
        ([f"label-{n:03}" for n in range(40)], [f"label-{n:03}" for n in range(39)], False),
    ],
)
def test_labels_decide_who_may_take_a_run(store, create, run_labels, agent_labels, fits):
    run_id = create(labels=run_labels)

    assert runs_in_queue(store, agent_labels) == [run_id] * fits
    assert ids(claim(store, None, agent_labels)) == [run_id] * fits


def test_a_backlog_of_others_starves_nobody(store, create):
    for _ in range(80):
        create(labels=["other"])
    mine = create(labels=["mine"])

    assert runs_in_queue(store, ["mine"]) == [mine]


def test_there_are_at_most_25(store, create):
    for _ in range(PAGE + 1):
        create()

    assert len(runs_in_queue(store, [])) == 25


def test_runs_that_do_not_wait_are_not_there(store, create):
    for kind in ("Submitted", "Running", "Success", "Paused"):
        set_flow_run_state(store, create(), {"type": kind})

    assert runs_in_queue(store, []) == []


@pytest.mark.parametrize("kind", ["Scheduled", "Resume", "Retrying", "Queued"])
def test_every_state_that_waits_for_a_time_counts(store, create, kind):
    run_id = create()
    set_flow_run_state(store, run_id, {"type": kind})

    assert runs_in_queue(store, []) == [run_id]


def test_a_running_run_is_there_when_a_task_run_is_to_start(store, waiting):
    assert runs_in_queue(store, []) == []
    assert runs_in_queue(store, [], before="2024-05-17T12:05:30Z") == [waiting]


def test_labels_that_are_changed_count_at_once(store, create):
    run_id = create(labels=["a"])
    set_labels(store, run_id, ["b"])

    assert (runs_in_queue(store, ["a"]), runs_in_queue(store, ["b"])) == ([], [run_id])


# ---- taking ----------------------------------------------------------------------------------------------------------


def test_a_taken_run_is_submitted_in_a_state_that_wraps_the_one_before(store, create):
    run_id = create()
    process = process_identity()

    (run,) = claim(store, "an agent", [], process=process)

    assert run["state"] == {
        "type": "Submitted",
        "message": "Submitted for execution",
        "state": {"type": "Scheduled", "message": "Flow run scheduled.", "start_time": NOW},
    }
    assert (run["version"], run["agent_id"], run["process"]) == (2, "an agent", process)
    assert (run["due"], run["live"]) == (None, True)
    assert store.runs.get(run_id) == run
    assert runs_in_queue(store, []) == []


def test_a_run_is_taken_once(store, create):
    create()

    assert [len(claim(store, None, [])) for _ in range(3)] == [1, 0, 0]


def test_no_more_are_taken_than_wanted(store, create):
    for _ in range(3):
        create()

    assert [len(claim(store, None, [], 2)) for _ in range(3)] == [2, 1, 0]


def test_runs_may_be_taken_before_their_time(store, create):
    run_id = create(scheduled_start_time="2024-05-17T12:00:35Z")

    assert ids(claim(store, None, [])) == []
    assert ids(claim(store, None, [], prefetch=10)) == [run_id]


def test_a_cancelled_run_is_not_taken(store, create):
    cancel_flow_run(store, create())

    assert claim(store, None, []) == []


def test_a_running_run_stays_running_and_its_due_task_runs_are_submitted(store, waiting, clock):
    clock.pass_time(minutes=5)

    (run,) = claim(store, "an agent", [])

    assert (run["id"], run["state"]["type"], run["due"], run["live"]) == (waiting, "Running", None, True)
    due, paused = (get_task_run(store, member(waiting, number))["state"] for number in (1, 2))
    assert due["type"] == "Submitted"
    assert (due["state"]["type"], due["state"]["run_count"]) == ("Retrying", 2)
    assert paused["type"] == "Paused"
    assert runs_in_queue(store, []) == []


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_a_run_whose_labels_have_no_room_stays_in_the_queue(store, create):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    first, second = create(labels=["gpu"]), create(labels=["gpu", "big"])
    free = create(labels=["big"])

    taken = ids(claim(store, None, ["gpu", "big"], 9))

    assert free in taken
    assert len({first, second} & set(taken)) == 1
    assert runs_in_queue(store, ["gpu", "big"]) == []
    assert claim(store, None, ["gpu", "big"]) == []


@pytest.mark.parametrize("kind", ["Success", "Cancelled", "Scheduled"])
def test_a_run_that_runs_no_more_makes_room(store, create, kind):
    limits.update_flow_concurrency_limit(store, "gpu", 1)
    first, second = create(labels=["gpu"]), create(labels=["gpu"], scheduled_start_time="2024-05-17T12:00:31Z")
    claim(store, None, ["gpu"])
    set_flow_run_state(store, first, {"type": kind, "start_time": "2024-06-01T00:00:00Z"})

    assert runs_in_queue(store, ["gpu"], before="2024-05-17T12:01:00Z") == [second]
    assert ids(claim(store, None, ["gpu"], prefetch=5)) == [second]


# ---- races -----------------------------------------------------------------------------------------------------------

CLAIM = """
import sys
from prefect.orchestration.queue import claim
from prefect.storage.state.store import Store

store = Store(sys.argv[1], durability="process")
print("ready", flush=True)
sys.stdin.readline()
while taken := claim(store, None, sys.argv[2:], 3):
    for run in taken:
        print(run["id"])
"""


def claimed_by_eight(store, *labels: str) -> list[str]:
    """Let eight processes claim all they get at the same time, and return the ids of the runs they got."""
    agents = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, store.root, *labels],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for agent in agents:
        assert agent.stdout.readline() == "ready\n"
    for agent in agents:
        agent.stdin.write("go\n")
        agent.stdin.flush()
    outputs = [agent.communicate() for agent in agents]
    assert [stderr for _, stderr in outputs] == [""] * 8
    return [id for stdout, _ in outputs for id in stdout.split()]


def test_of_eight_processes_exactly_one_gets_each_of_200_runs(store, create):
    created = {create() for _ in range(200)}

    taken = claimed_by_eight(store)

    assert len(taken) == 200
    assert set(taken) == created


def test_eight_processes_together_keep_to_a_limit(store, create):
    limits.update_flow_concurrency_limit(store, "gpu", 3)
    for _ in range(40):
        create(labels=["gpu"])

    assert len(claimed_by_eight(store, "gpu")) == 3
