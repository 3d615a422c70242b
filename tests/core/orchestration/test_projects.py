"""Projects (backend.md §3)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.flows import get_flow
from prefect.orchestration.projects import (
    create_project,
    delete_project,
    describe_project,
    get_project,
    project_named,
    projects,
    rename_project,
)


def test_a_project_has_what_it_was_created_with(store):
    id = create_project(store, "demo", "For trying things out")

    project = project_named(store, "demo")

    assert (project["id"], project["name"], project["description"]) == (id, "demo", "For trying things out")
    assert get_project(store, id) == project


def test_a_project_belongs_to_the_tenant_of_the_installation(store):
    create_project(store, "demo")

    assert project_named(store, "demo")["tenant_id"] == store.documents("tenants").named("default")["id"]


def test_projects_are_listed_by_name(store):
    for name in ("zoo", "ant", "Bee"):
        create_project(store, name)

    assert [project["name"] for project in projects(store)] == sorted(["zoo", "ant", "Bee"])


def test_looking_at_projects_of_an_empty_store_writes_nothing(store, tmp_path):
    assert (projects(store), project_named(store, "demo")) == ([], None)
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_taken_once(store):
    create_project(store, "demo")

    with pytest.raises(ClientError) as caught:
        create_project(store, "demo")

    assert str(caught.value) == (
        "Uniqueness violation: a project named 'demo' exists already. Use that one, or choose another name."
    )


@pytest.mark.parametrize(
    "name", ["a/b", "..", "../../etc", "nul\0byte", "🦦", "x" * 300, ".", "a~b", " padded ", "Demo"]
)
def test_any_text_is_a_name(store, name):
    create_project(store, "demo")

    id = create_project(store, name)

    assert project_named(store, name)["id"] == id
    assert [project["name"] for project in projects(store)] == sorted(["demo", name])


@pytest.mark.parametrize("name", ["", "  ", "\n", None])
def test_an_empty_name_is_refused(store, name):
    with pytest.raises(ClientError) as caught:
        create_project(store, name)

    assert str(caught.value) == f"A project needs a name, and {name!r} is none. Choose a text that is not empty."
    assert projects(store) == []


def test_a_project_is_renamed(store):
    id = create_project(store, "demo")

    assert rename_project(store, id, "show") == id

    assert (project_named(store, "demo"), project_named(store, "show")["id"]) == (None, id)


def test_a_project_cannot_take_the_name_of_another(store):
    create_project(store, "demo")
    other = create_project(store, "other")

    with pytest.raises(ClientError, match="Uniqueness violation"):
        rename_project(store, other, "demo")

    assert get_project(store, other)["name"] == "other"


def test_a_project_gets_another_description(store):
    id = create_project(store, "demo", "old")

    assert describe_project(store, id, "new") == id

    assert get_project(store, id)["description"] == "new"


@pytest.mark.parametrize("id", ["a2a7a8a8-0d39-4e53-9d85-79a44a000000", "../../x", ""])
@pytest.mark.parametrize("change", [rename_project, describe_project])
def test_an_unknown_project_cannot_be_changed(store, change, id):
    create_project(store, "demo")

    with pytest.raises(ObjectNotFoundError) as caught:
        change(store, id, "new")

    assert str(caught.value) == (
        f"Update failed: there is no project with the id {id!r}. List the projects with 'prefect get projects'."
    )


def test_a_project_is_deleted_with_its_flows_and_their_runs(store, register):
    flow_id = register(store, "etl", project="demo")
    kept = register(store, "etl", project="other")
    group_id = get_flow(store, flow_id)["flow_group_id"]
    store.runs.create(
        {"name": "otter", "flow_id": flow_id, "flow_group_id": group_id, "labels": [], "due": None, "state": {}}
    )

    assert delete_project(store, project_named(store, "demo")["id"]) is True

    assert [project["name"] for project in projects(store)] == ["other"]
    assert [flow["id"] for flow in store.flows.all()] == [kept]
    assert list(store.runs.newest()) == []
    assert store.documents("groups").get(group_id)["id"] == group_id


@pytest.mark.parametrize("id", ["a2a7a8a8-0d39-4e53-9d85-79a44a000000", "../../x"])
def test_deleting_what_is_not_there_is_told(store, id):
    assert delete_project(store, id) is False
