"""What running tasks leave to be shown with them. Source: backend.md §17."""

from __future__ import annotations

import pytest

import prefect
from prefect import Client, artifacts
from prefect.backend import (
    create_link_artifact,
    create_markdown_artifact,
    delete_artifact,
    update_link_artifact,
    update_markdown_artifact,
)


@pytest.fixture
def task_run_id(flow_run_id):
    """The id of a task run that is just running, as the context says."""
    found = Client().get_flow_run_info(flow_run_id).task_runs[0].id
    with prefect.context(running_with_backend=True, task_run_id=found):
        yield found


def test_a_link_is_kept_with_the_task_run(task_run_id, backend):
    artifact = backend.members.get(create_link_artifact("http://a"))

    assert (artifact["task_run_id"], artifact["artifact_kind"], artifact["data"]) == (
        task_run_id,
        "link",
        {"link": "http://a"},
    )


def test_a_text_is_kept_with_the_task_run(task_run_id, backend):
    artifact = backend.members.get(create_markdown_artifact("# Done"))

    assert (artifact["artifact_kind"], artifact["data"]) == ("markdown", {"markdown": "# Done"})


def test_an_artifact_can_be_replaced(task_run_id, backend):
    link, text = create_link_artifact("http://a"), create_markdown_artifact("a")

    update_link_artifact(link, "http://b")
    update_markdown_artifact(text, "b")

    assert [backend.members.get(id)["data"] for id in (link, text)] == [{"link": "http://b"}, {"markdown": "b"}]


def test_an_artifact_can_be_deleted(task_run_id, backend, flow_run_id):
    link = create_link_artifact("http://a")

    delete_artifact(link)

    assert link not in backend.members.all(flow_run_id)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (create_link_artifact, ["http://a"]),
        (create_markdown_artifact, ["a"]),
        (update_link_artifact, ["id", "http://a"]),
        (update_markdown_artifact, ["id", "a"]),
        (delete_artifact, ["id"]),
    ],
)
def test_nothing_happens_outside_a_run_of_a_backend(function, arguments):
    assert function(*arguments) is None


@pytest.mark.parametrize(
    ("old", "new", "arguments"),
    [
        ("create_link", "create_link_artifact", ["http://a"]),
        ("create_markdown", "create_markdown_artifact", ["a"]),
        ("update_link", "update_link_artifact", ["id", "http://a"]),
        ("update_markdown", "update_markdown_artifact", ["id", "a"]),
        ("delete_artifact", "delete_artifact", ["id"]),
    ],
)
def test_the_old_names_warn_and_hand_on(old, new, arguments):
    with pytest.warns(UserWarning, match=rf"^`prefect\.artifacts\.{old}` has moved to `prefect\.backend\.{new}`\."):
        assert getattr(artifacts, old)(*arguments) is None
