"""Artifacts of task runs."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.artifacts import artifacts, create_artifact, delete_artifact, get_artifact, update_artifact
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.states import set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run
from prefect.storage.state.layout import member, new_run_id

NOW = "2024-05-17T12:00:30.000000+00:00"


@pytest.fixture
def store(clocked_store):
    return clocked_store


@pytest.fixture
def run_id(store, register):
    return create_flow_run(store, flow_id=register(store, tasks=("extract", "load")))[0]["id"]


@pytest.fixture
def artifact_id(store, run_id):
    return create_artifact(store, member(run_id, 1), "link", {"link": "https://example.org"})


def test_an_artifact_is_kept_with_its_task_run(store, run_id, artifact_id):
    assert get_artifact(store, artifact_id) == {
        "format": 1,
        "id": artifact_id,
        "v": 1,
        "at": NOW,
        "kind": "artifact",
        "task_run_id": member(run_id, 1),
        "artifact_kind": "link",
        "data": {"link": "https://example.org"},
        "created": NOW,
    }


def test_artifacts_do_not_take_the_ids_of_task_runs(store, run_id, artifact_id):
    set_task_run_state(store, member(run_id, 2), {"type": "Success"})

    assert artifact_id == member(run_id, 3)
    assert get_artifact(store, artifact_id)["kind"] == "artifact"


def test_the_data_of_an_artifact_is_replaced(store, artifact_id):
    update_artifact(store, artifact_id, {"markdown": "# New"})

    assert get_artifact(store, artifact_id)["data"] == {"markdown": "# New"}


def test_a_deleted_artifact_is_gone(store, run_id, artifact_id):
    assert delete_artifact(store, artifact_id)
    assert not delete_artifact(store, artifact_id)
    assert artifacts(store, run_id) == []


def test_all_artifacts_of_a_run_in_their_order(store, run_id, artifact_id):
    child = get_or_create_task_run(store, run_id, task_slug="load-1", map_index=0)
    other = create_artifact(store, child["id"], "markdown", {"markdown": "text"})

    assert [artifact["id"] for artifact in artifacts(store, run_id)] == [artifact_id, other]


def test_an_unknown_task_run_has_no_artifacts(store, run_id):
    for id in (member(run_id, 9), member(new_run_id(0), 1), "no id"):
        with pytest.raises(ObjectNotFoundError, match=f"^Task run {id} not found"):
            create_artifact(store, id, "link", {})


def test_an_unknown_artifact_is_not_found(store, run_id):
    set_task_run_state(store, member(run_id, 1), {"type": "Success"})

    for id in (member(run_id, 9), member(run_id, 1), "no id"):
        with pytest.raises(ObjectNotFoundError, match=f"^Artifact {id} not found"):
            update_artifact(store, id, {})
        assert not delete_artifact(store, id)


def test_data_that_is_too_large_is_refused(store, run_id, artifact_id):
    large = {"markdown": "x" * 1_000_000}

    for act in (
        lambda: create_artifact(store, member(run_id, 1), "markdown", large),
        lambda: update_artifact(store, artifact_id, large),
    ):
        with pytest.raises(ClientError, match=r"^The data of the artifact is too large"):
            act()
