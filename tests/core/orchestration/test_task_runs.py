"""Task runs: those that exist from the birth of a run, and those of mapped children."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration import task_runs
from prefect.orchestration.artifacts import create_artifact
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.states import set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run, get_task_run
from prefect.storage.state.layout import member, new_run_id

NOW = "2024-05-17T12:00:30.000000+00:00"


@pytest.fixture
def run(clocked_store, register):
    flow_id = register(clocked_store, tasks=("extract", "load"))
    return create_flow_run(clocked_store, flow_id=flow_id)[0]


def test_the_task_run_of_a_task_exists_from_the_birth_of_the_run(clocked_store, run):
    found = get_or_create_task_run(clocked_store, run["id"], task_slug="load-1")

    assert found == {
        "id": member(run["id"], 2),
        "v": 0,
        "at": NOW,
        "task": "load-1",
        "map_index": -1,
        "created": NOW,
        "name": None,
        "cache_key": None,
        "version": 1,
        "state": {"type": "Pending", "message": "Task run created"},
        "state_timestamp": NOW,
        "start_time": None,
        "end_time": None,
        "flow_run_id": run["id"],
        "task_id": member(run["flow_id"], 2),
    }
    assert get_task_run(clocked_store, found["id"]) == found


def test_looking_at_a_task_run_writes_nothing(clocked_store, run):
    get_or_create_task_run(clocked_store, run["id"], task_slug="load-1")

    assert clocked_store.members.all(run["id"]) == {}


@pytest.mark.parametrize("map_index", [-5, "1", 1.5, True])
def test_a_mapped_child_has_a_number_from_0(clocked_store, run, map_index):
    with pytest.raises(ClientError) as raised:
        get_or_create_task_run(clocked_store, run["id"], task_slug="load-1", map_index=map_index)

    assert str(raised.value) == (
        f"Invalid map index: {map_index!r} is no number of a mapped child. Count them from 0, and give -1 or None for the"
        " task itself."
    )
    assert clocked_store.members.all(run["id"]) == {}


@pytest.mark.parametrize("map_index", [-1, None])
def test_a_task_may_be_named_by_its_id(clocked_store, run, map_index):
    task_id = member(run["flow_id"], 1)

    found = get_or_create_task_run(clocked_store, run["id"], task_id=task_id, map_index=map_index)

    assert (found["id"], found["task"]) == (member(run["id"], 1), "extract-1")


def test_a_mapped_child_is_created_when_it_is_asked_for(clocked_store, run):
    child = get_or_create_task_run(clocked_store, run["id"], task_slug="load-1", map_index=0)

    assert (child["version"], child["state"]) == (1, {"type": "Pending", "message": "Task run created"})
    assert (child["map_index"], child["task_id"]) == (0, member(run["flow_id"], 2))
    assert child["id"] == member(run["id"], 3)
    assert get_task_run(clocked_store, child["id"]) == child


def test_a_mapped_child_is_created_once(clocked_store, run):
    first = get_or_create_task_run(clocked_store, run["id"], task_slug="load-1", map_index=0)

    assert get_or_create_task_run(clocked_store, run["id"], task_slug="load-1", map_index=0) == first


@pytest.mark.parametrize(
    "wanted", [{"task_slug": "nothing"}, {"task_id": "9c1f2b84-0d6e-4c4e-9f3a-5a1be0c7d210"}, {"task_id": "no id"}, {}]
)
def test_an_unknown_task_is_refused(clocked_store, run, wanted):
    with pytest.raises(ClientError, match=f"^Invalid task ID: the flow of run {run['id']} has no task "):
        get_or_create_task_run(clocked_store, run["id"], **wanted)


def test_a_task_beyond_those_of_the_flow_is_refused(clocked_store, run):
    with pytest.raises(ClientError, match=r"^Invalid task ID"):
        get_or_create_task_run(clocked_store, run["id"], task_id=member(run["flow_id"], 3))


def test_all_task_runs_those_of_tasks_first(clocked_store, run):
    for index in (0, 1):
        get_or_create_task_run(clocked_store, run["id"], task_slug="extract-1", map_index=index)
    set_task_run_state(clocked_store, member(run["id"], 2), {"type": "Success"})

    found = task_runs.task_runs(clocked_store, run["id"])

    assert [(one["task"], one["map_index"], one["state"]["type"]) for one in found] == [
        ("extract-1", -1, "Pending"),
        ("load-1", -1, "Success"),
        ("extract-1", 0, "Pending"),
        ("extract-1", 1, "Pending"),
    ]
    assert [one["flow_run_id"] for one in found] == [run["id"]] * 4


def test_task_runs_without_those_of_mapped_children(clocked_store, run):
    get_or_create_task_run(clocked_store, run["id"], task_slug="extract-1", map_index=0)

    assert len(task_runs.task_runs(clocked_store, run["id"], children=False)) == 2


def test_artifacts_are_no_task_runs(clocked_store, run):
    artifact_id = create_artifact(clocked_store, member(run["id"], 1), "link", {"link": "x"})

    assert len(task_runs.task_runs(clocked_store, run["id"])) == 2
    with pytest.raises(ObjectNotFoundError):
        get_task_run(clocked_store, artifact_id)


def test_a_task_run_gets_a_name(clocked_store, run):
    task_runs.rename(clocked_store, member(run["id"], 1), "first")

    found = get_task_run(clocked_store, member(run["id"], 1))
    assert (found["name"], found["version"]) == ("first", 1)


def test_a_name_is_not_empty(clocked_store, run):
    with pytest.raises(ClientError, match=r"^Invalid name: a task run's name is a text that is not empty"):
        task_runs.rename(clocked_store, member(run["id"], 1), "")


def test_an_unknown_task_run_is_not_found(clocked_store, run):
    for id in (member(run["id"], 9), member(new_run_id(0), 1), run["id"], "no id"):
        with pytest.raises(ObjectNotFoundError, match=f"^Task run {id} not found."):
            get_task_run(clocked_store, id)


def test_task_runs_go_with_their_run(clocked_store, run):
    id = member(run["id"], 1)
    get_task_run(clocked_store, id)
    clocked_store.runs.delete(run["id"])

    with pytest.raises(ObjectNotFoundError):
        get_task_run(clocked_store, id)
