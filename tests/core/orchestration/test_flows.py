"""Finding flows (backend.md §20.1; cli.md §3.4 and §11.1)."""

from __future__ import annotations

import pytest

from prefect.exceptions import AmbiguousNameError, ClientError, ObjectNotFoundError
from prefect.orchestration.flows import (
    find_flow,
    get_flow,
    list_flows,
    newest_of_group,
    newest_versions,
    tasks_of,
    unarchived,
)
from prefect.orchestration.projects import create_project, project_named
from prefect.orchestration.registration import archive_flow
from prefect.storage.state.layout import member

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"


def group_of(store, flow_id):
    return get_flow(store, flow_id)["flow_group_id"]


def refused(store, **wanted):
    """The message and the hint of the error that looking for a flow ends in."""
    with pytest.raises(ClientError) as caught:
        find_flow(store, **wanted)
    return str(caught.value), caught.value.hint


# ---- by id -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", [UNKNOWN, "../../x", "", "nul\0"])
def test_an_unknown_flow_is_not_found(store, id):
    with pytest.raises(ObjectNotFoundError) as caught:
        get_flow(store, id)

    assert str(caught.value) == f"Flow {id} not found. List the flows with 'prefect get flows'."


def test_a_flow_is_found_by_its_id_archived_or_not(store, register):
    first, second = register(store), register(store)

    assert find_flow(store, flow_id=first)["id"] == first
    assert find_flow(store, flow_id=second.upper())["id"] == second


def test_a_group_means_its_unarchived_version(store, register):
    first, second, third = (register(store) for _ in range(3))
    archive_flow(store, third)
    store.flows.update(second, {"archived": False})
    group_id = group_of(store, first)

    assert unarchived(store, group_id)["id"] == second
    assert find_flow(store, flow_group_id=group_id)["id"] == second
    assert find_flow(store, flow_id=group_id, flow_group_id=group_id)["id"] == second
    assert find_flow(store, version_group_id=get_flow(store, first)["version_group_id"])["id"] == second


def test_a_group_without_unarchived_versions_means_its_highest(store, register):
    first, second = register(store), register(store)
    archive_flow(store, second)
    group_id = group_of(store, first)

    assert unarchived(store, group_id) is None
    assert newest_of_group(store, group_id)["id"] == find_flow(store, flow_group_id=group_id)["id"] == second


@pytest.mark.parametrize("id", [UNKNOWN, "../x"])
def test_an_id_of_neither_kind_is_told_as_1x_told_it(store, register, id):
    register(store, "etl")

    message, hint = refused(store, flow_id=id, flow_group_id=id)

    assert message == f"Failed to find flow id or flow group id matching {id!r}"
    assert hint == (
        "Ids of flow runs, version groups and projects are not taken here. 'prefect get flows' lists the flows."
    )


@pytest.mark.parametrize("kind", ["flow_id", "flow_group_id", "version_group_id"])
def test_an_unknown_id_of_one_kind_is_named(store, kind):
    message, _ = refused(store, **{kind: UNKNOWN})

    assert message == f"No results found while querying for flows where {{'{kind}': '{UNKNOWN}'}}"


# ---- by name ---------------------------------------------------------------------------------------------------------


def test_a_flow_is_found_by_its_name(store, register):
    register(store, "etl")
    second = register(store, "etl")

    assert find_flow(store, name="etl")["id"] == second
    assert find_flow(store, name="etl", project="demo")["id"] == second


@pytest.mark.parametrize("name", ["a/b", "..", "nul\0byte", "🦦", "x" * 300])
def test_a_flow_of_a_strange_name_is_found(store, register, name):
    register(store, "other")
    id = register(store, name)

    assert find_flow(store, name=name)["id"] == id


def test_one_of_several_flows_of_a_name_must_be_told_apart(store, register):
    register(store, "etl", project="b")
    register(store, "etl", project="a")

    with pytest.raises(AmbiguousNameError) as caught:
        find_flow(store, name="etl")

    assert str(caught.value) == "Found multiple flows matching {'name': 'etl', 'archived': False}"
    assert caught.value.hint == "Name its project as well, one of 'a', 'b'."


def test_the_project_tells_flows_of_a_name_apart(store, register):
    register(store, "etl", project="b")
    id = register(store, "etl", project="a")

    assert find_flow(store, name="etl", project="a")["id"] == id


def test_several_flows_of_a_name_in_one_project_are_told_apart_by_id(store, register):
    ids = [register(store, "etl", version_group_id=group) for group in ("x", "y")]

    message, hint = refused(store, name="etl", project="demo")

    assert message == "Found multiple flows matching {'name': 'etl', 'project': 'demo', 'archived': False}"
    assert hint.startswith("Name it by its id, one of ")
    assert all(id in hint for id in ids)


def test_the_flow_registered_last_may_be_asked_for(clocked_store, clock, register):
    register(clocked_store, "etl", project="b")
    clock.pass_time(seconds=1)
    id = register(clocked_store, "etl", project="a")
    clock.pass_time(seconds=1)
    register(clocked_store, "later")

    assert find_flow(clocked_store, name="etl", newest=True)["id"] == id


def test_archived_flows_are_found_by_name_only_if_asked_for(store, register):
    id = register(store, "etl")
    archive_flow(store, id)

    assert find_flow(store, name="etl", archived=True)["id"] == id
    assert refused(store, name="etl") == (
        "No results found while querying for flows where {'name': 'etl', 'archived': False}",
        "The flow of that name is archived. Register it again, or give the id of a version.",
    )


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ({"name": "etl-daily"}, "Did you mean 'etl_daily'?"),
        ({"name": "zzz"}, "List the flows with 'prefect get flows'."),
        ({"name": "report", "project": "demo"}, "There is a flow of that name in 'finance'."),
        ({"name": "report", "project": "finanse"}, "There is no project named 'finanse'. Did you mean 'finance'?"),
        (
            {"name": "report", "project": "zzz"},
            "There is no project named 'zzz'. List the projects with 'prefect get projects'.",
        ),
        ({"name": "report\0", "project": "finance"}, "Did you mean 'report'?"),
        ({"name": ""}, "List the flows with 'prefect get flows'."),
    ],
)
def test_what_there_is_instead_is_said(store, register, wanted, hint):
    register(store, "etl_daily", project="demo")
    register(store, "report", project="finance")

    assert refused(store, **wanted)[1] == hint


@pytest.mark.parametrize("wanted", [{"name": "etl"}, {"name": "etl", "project": "demo"}, {"flow_id": UNKNOWN}])
def test_where_no_flow_is_registered_it_is_said_how_to_register_one(store, wanted):
    _, hint = refused(store, **wanted)

    assert hint == "No flow is registered yet. Register one with 'prefect register --project NAME -p FILE'."


def test_looking_in_an_empty_store_writes_nothing(store, tmp_path):
    refused(store, name="etl")
    refused(store, flow_id=UNKNOWN, flow_group_id=UNKNOWN)

    assert list(tmp_path.iterdir()) == []


def test_of_a_group_only_its_newest_version_is_read(store, register, monkeypatch):
    """However many versions there are."""
    for _ in range(5):
        register(store, "etl")
    read = []
    get = store.flows.get
    monkeypatch.setattr(store.flows, "get", lambda id: read.append(id) or get(id))

    find_flow(store, name="etl")
    list_flows(store, name="etl")

    assert len(read) == 2


def test_each_group_of_a_name_has_its_newest_version(store, register):
    old = register(store, "etl", version_group_id="x")
    x = register(store, "etl", version_group_id="x")
    y = register(store, "etl", version_group_id="y")
    project_id = project_named(store, "demo")["id"]
    archive_flow(store, x)
    store.flows.update(old, {"archived": False})

    assert {flow["id"] for flow in newest_versions(store, project_id, "etl")} == {x, y}
    assert {flow["id"] for flow in newest_versions(store, project_id, "etl", archived=False)} == {old, y}


# ---- lists -----------------------------------------------------------------------------------------------------------


def rows(store, **filters):
    return [(flow["name"], flow["version"], flow["project_name"]) for flow in list_flows(store, **filters)]


@pytest.fixture
def several(store, register):
    register(store, "b", project="p")
    register(store, "a", project="p")
    register(store, "b", project="p")
    register(store, "b", project="q")
    return store


def test_flows_are_listed_by_name_each_with_its_newest_version(several):
    assert rows(several) == [("a", 1, "p"), ("b", 2, "p"), ("b", 1, "q")]


def test_all_versions_are_listed_if_asked_for(several):
    assert rows(several, all_versions=True) == [("a", 1, "p"), ("b", 2, "p"), ("b", 1, "p"), ("b", 1, "q")]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"name": "b"}, [("b", 2, "p"), ("b", 1, "q")]),
        ({"project": "q"}, [("b", 1, "q")]),
        ({"version": 1}, [("a", 1, "p"), ("b", 1, "p"), ("b", 1, "q")]),
        ({"name": "b", "version": 2}, [("b", 2, "p")]),
        ({"limit": 2}, [("a", 1, "p"), ("b", 2, "p")]),
        ({"limit": 0}, []),
        ({"name": "zzz"}, []),
        ({"project": "zzz"}, []),
        ({"name": "b", "limit": 2, "all_versions": True}, [("b", 2, "p"), ("b", 1, "p")]),
    ],
)
def test_lists_are_filtered(several, filters, expected):
    assert rows(several, **filters) == expected


def test_ten_flows_are_listed_unless_told_otherwise(store, register):
    for number in range(11):
        register(store, f"flow-{number:02}")

    assert len(list_flows(store)) == 10
    assert len(list_flows(store, limit=None)) == 11


def test_an_empty_project_has_no_flows(store):
    create_project(store, "demo")

    assert list_flows(store) == []


# ---- tasks -----------------------------------------------------------------------------------------------------------


def test_tasks_are_numbered_as_their_runs_are(store, register):
    flow = get_flow(store, register(store, "etl", tasks=("load", "extract")))

    tasks = tasks_of(flow)

    assert [task["slug"] for task in tasks] == [task["slug"] for task in flow["serialized_flow"]["tasks"]]
    assert [task["id"] for task in tasks] == [member(flow["id"], 1), member(flow["id"], 2)]


def test_the_place_of_a_task_in_its_flow_is_told(store, register):
    flow = get_flow(store, register(store, "etl", tasks=("a", "b", "c")))

    places = {
        task["name"]: (task["is_root_task"], task["is_terminal_task"], task["is_reference_task"], task["mapped"])
        for task in tasks_of(flow)
    }

    assert places == {
        "a": (True, False, False, False),
        "b": (False, False, False, False),
        "c": (False, True, True, False),
    }


def test_reference_tasks_are_those_that_were_set(store, register):
    flow = get_flow(store, register(store, "etl", tasks=("a", "b"), reference_tasks=[{"slug": "a-1"}]))

    assert [task["is_reference_task"] for task in tasks_of(flow)] == [True, False]
