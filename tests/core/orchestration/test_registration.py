"""Registering, archiving, moving and deleting flows (backend.md §4)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration.flow_groups import get_group, set_default_parameters
from prefect.orchestration.flow_runs import create_flow_run, get_flow_run
from prefect.orchestration.flows import get_flow, unarchived
from prefect.orchestration.projects import create_project, project_named
from prefect.orchestration.registration import (
    archive_flow,
    delete_flow,
    delete_flow_group,
    register_flow,
    update_flow_project,
)
from prefect.orchestration.states import set_flow_run_state
from prefect.storage.state.store import Store

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"
DAILY = "0 9 * * *"


@pytest.fixture
def demo(store):
    return create_project(store, "demo")


def versions(store, flow_id):
    group_id = get_flow(store, flow_id)["flow_group_id"]
    return [(flow["version"], flow["archived"]) for flow in store.flows.of_group(group_id)]


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_a_flow_is_kept_as_it_was_sent(store, demo, serialize):
    document = serialize("etl", parameters={"x": 1}, run_config={"type": "UniversalRun"}, storage={"type": "Local"})

    id, is_new = register_flow(store, document, demo, description="Loads", source={"path": "/f.py", "sha256": "ab"})

    flow = get_flow(store, id)
    assert is_new is True
    assert flow["serialized_flow"] == document
    assert {key: flow[key] for key in ("name", "project_id", "version", "description", "archived")} == {
        "name": "etl",
        "project_id": demo,
        "version": 1,
        "description": "Loads",
        "archived": False,
    }
    assert (flow["run_config"], flow["storage"]) == ({"type": "UniversalRun"}, {"type": "Local"})
    assert flow["parameters"] == document["parameters"]
    assert flow["core_version"] == document["__version__"]
    assert flow["source"] == {"path": "/f.py", "sha256": "ab"}
    assert (flow["schedule"], flow["is_schedule_active"]) == (None, False)


def test_the_id_of_a_flow_leaves_room_for_those_of_its_tasks(store, demo, serialize):
    id, _ = register_flow(store, serialize(), demo)

    assert int(id[-6:], 16) % 2**22 == 0


@pytest.mark.parametrize("name", ["a/b", "..", "../../etc/passwd", "nul\0byte", "🦦", "x" * 300])
def test_any_text_is_the_name_of_a_flow(store, demo, serialize, name):
    id, _ = register_flow(store, serialize(name), demo)

    assert get_flow(store, id)["name"] == name
    assert register_flow(store, serialize(name), demo) != (id, False)
    assert versions(store, id) == [(2, False), (1, True)]


@pytest.mark.parametrize("name", ["", " ", "\n", None])
def test_a_flow_without_a_name_is_refused(store, demo, serialize, name):
    with pytest.raises(ClientError) as caught:
        register_flow(store, {**serialize(), "name": name}, demo)

    assert str(caught.value) == f"A flow needs a name, and {name!r} is none. Choose a text that is not empty."


def test_nothing_of_a_strange_name_is_written_outside_the_store(store, demo, serialize, tmp_path):
    register_flow(store, serialize("../../../outside"), demo, version_group_id="../../../group")

    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize(
    ("project_id", "message"),
    [
        (None, "Invalid project ID: a flow is registered in a project, and none was given. Name one."),
        (
            UNKNOWN,
            f"Invalid project. There is none with the id '{UNKNOWN}'; 'prefect get projects' lists what there is.",
        ),
    ],
)
def test_the_project_must_exist(store, serialize, project_id, message):
    with pytest.raises(ClientError) as caught:
        register_flow(store, serialize(), project_id)

    assert str(caught.value) == message
    assert list(store.flows.all()) == []


# ---- versions --------------------------------------------------------------------------------------------------------


def test_each_registration_is_a_new_version_and_archives_the_one_before(store, register):
    first, second, third = (register(store, "etl") for _ in range(3))

    assert versions(store, third) == [(3, False), (2, True), (1, True)]
    assert len({get_flow(store, id)["flow_group_id"] for id in (first, second, third)}) == 1


def test_the_same_name_in_another_project_begins_anew(store, register):
    first = register(store, "etl", project="a")
    second = register(store, "etl", project="b")

    assert versions(store, first) == versions(store, second) == [(1, False)]


def test_another_name_in_the_project_begins_anew(store, register):
    register(store, "etl")

    assert versions(store, register(store, "etl2")) == [(1, False)]


def test_a_group_of_versions_may_span_projects_and_names(store, register):
    first = register(store, "etl", project="a", version_group_id="nightly")
    second = register(store, "other", project="b", version_group_id="nightly")

    assert get_flow(store, second)["flow_group_id"] == get_flow(store, first)["flow_group_id"]
    assert versions(store, second) == [(2, False), (1, True)]


def test_a_new_version_joins_the_group_that_was_registered_last(clocked_store, clock, register):
    register(clocked_store, "etl", version_group_id="old")
    register(clocked_store, "etl", version_group_id="old")
    clock.pass_time(seconds=1)
    register(clocked_store, "etl", version_group_id="new")
    clock.pass_time(seconds=1)

    flow = get_flow(clocked_store, register(clocked_store, "etl"))

    assert (flow["version_group_id"], flow["version"]) == ("new", 2)


def test_versions_go_on_after_all_were_archived(store, register):
    archive_flow(store, register(store, "etl"))

    assert versions(store, register(store, "etl")) == [(2, False), (1, True)]


def test_versions_that_a_crash_left_unarchived_are_archived(store, register):
    first = register(store, "etl")
    register(store, "etl")
    store.flows.update(first, {"archived": False})

    assert versions(store, register(store, "etl")) == [(3, False), (2, True), (1, True)]


def test_a_registration_that_died_before_it_archived_is_completed_by_the_next(store, register):
    first = register(store, "etl", idempotency_key="A")
    second = register(store, "etl", idempotency_key="B")
    store.flows.update(first, {"archived": False})

    assert register(store, "etl", idempotency_key="B") == second
    assert versions(store, second) == [(2, False), (1, True)]


_REGISTER = """
import json, sys
from prefect.orchestration.projects import project_named
from prefect.orchestration.registration import register_flow
from prefect.storage.state.store import Store
root, document, key = sys.argv[1:]
store = Store(root, durability="process")
sys.stdin.readline()
print(*register_flow(store, json.loads(document), project_named(store, "demo")["id"], idempotency_key=key or None))
"""


def at_once(store, count, document, key=""):
    """Register a flow in so many processes at the same time; return the ids and whether they are new."""
    import json

    arguments = [sys.executable, "-c", _REGISTER, store.root, json.dumps(document), key]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) for _ in range(count)]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    lines = [process.communicate(timeout=60)[0].split() for process in processes]
    return [(id, is_new == "True") for id, is_new in lines]


def test_no_version_is_given_twice_whatever_number_of_processes_register(store, demo, serialize):
    answers = at_once(store, 8, serialize("etl"))

    assert [is_new for _, is_new in answers] == [True] * 8
    assert versions(store, answers[0][0]) == [(8, False), *((version, True) for version in range(7, 0, -1))]


def test_of_many_processes_with_one_key_one_registers(store, demo, serialize):
    answers = at_once(store, 4, serialize("etl"), key="hash")

    assert sorted(is_new for _, is_new in answers) == [False, False, False, True]
    assert len({id for id, _ in answers}) == 1


# ---- the idempotency key ---------------------------------------------------------------------------------------------


def test_the_same_key_twice_in_a_row_registers_once(store, demo, serialize):
    first = register_flow(store, serialize(), demo, idempotency_key="A")

    assert register_flow(store, serialize(), demo, idempotency_key="A") == (first[0], False)
    assert versions(store, first[0]) == [(1, False)]


def test_only_the_last_key_counts(store, demo, serialize):
    answers = [register_flow(store, serialize(), demo, idempotency_key=key) for key in "ABA"]

    assert [is_new for _, is_new in answers] == [True, True, True]


def test_a_registration_without_a_key_forgets_the_last_one(store, demo, serialize):
    answers = [register_flow(store, serialize(), demo, idempotency_key=key) for key in ("A", None, "A")]

    assert [is_new for _, is_new in answers] == [True, True, True]


def test_a_forced_registration_keeps_its_key(store, demo, serialize):
    answers = [
        register_flow(store, serialize(), demo, idempotency_key="A", force=force) for force in (False, True, False)
    ]

    assert [is_new for _, is_new in answers] == [True, True, False]


@pytest.mark.parametrize("end", [archive_flow, delete_flow])
def test_the_key_of_a_flow_that_is_gone_does_not_count(store, demo, serialize, end):
    id, _ = register_flow(store, serialize(), demo, idempotency_key="A")
    end(store, id)

    assert register_flow(store, serialize(), demo, idempotency_key="A")[1] is True


def test_the_key_of_one_flow_does_not_count_for_another(store, demo, serialize):
    register_flow(store, serialize("a"), demo, idempotency_key="A")

    assert register_flow(store, serialize("b"), demo, idempotency_key="A")[1] is True


# ---- the schedule at registration ------------------------------------------------------------------------------------


def test_a_schedule_is_active_from_registration_on(store, register, cron):
    id = register(store, "etl", schedule=cron(DAILY))

    assert get_flow(store, id)["is_schedule_active"] is True
    assert len(list(store.runs.newest())) == 10


def test_a_schedule_may_be_left_inactive(store, register, cron):
    id = register(store, "etl", schedule=cron(DAILY), set_schedule_active=False)

    assert get_flow(store, id)["is_schedule_active"] is False
    assert list(store.runs.newest()) == []


def test_a_flow_whose_schedule_lacks_parameters_is_registered_without(store, register, cron, caplog):
    id = register(store, "etl", schedule=cron(DAILY), parameters={"x": ...})

    assert get_flow(store, id)["is_schedule_active"] is False
    assert [record.getMessage() for record in caplog.records] == [
        "Can not schedule a flow that has required parameters. The schedule of 'etl' gives no value for 'x':"
        " set it as a parameter default of every clock, or of the flow."
    ]


def test_a_schedule_that_makes_no_sense_does_not_stop_the_registration(store, register, caplog):
    id = register(store, "etl", schedule={"clocks": [{"type": "MoonClock"}]})

    assert get_flow(store, id)["version"] == 1
    assert [record.getMessage().partition(". ")[0] for record in caplog.records] == [
        f"No runs were scheduled for the flow 'etl' ({id})"
    ]


def test_the_runs_that_the_old_version_scheduled_go_with_it(store, register, cron):
    register(store, "etl", schedule=cron(DAILY))

    second = register(store, "etl", schedule=cron(DAILY))

    assert {run["flow_id"] for run in store.runs.newest()} == {second}


# ---- archiving -------------------------------------------------------------------------------------------------------


def test_an_archived_flow_gets_no_runs(store, register):
    id = register(store, "etl")

    assert archive_flow(store, id) is True

    with pytest.raises(ClientError, match=f"Flow {id} is archived"):
        create_flow_run(store, flow_id=id)


def test_archiving_cancels_what_was_created_by_hand_and_lets_run_what_runs(store, register):
    id = register(store, "etl")
    waiting, running = (create_flow_run(store, flow_id=id)[0]["id"] for _ in range(2))
    set_flow_run_state(store, running, {"type": "Submitted"})
    set_flow_run_state(store, running, {"type": "Running"})

    archive_flow(store, id)

    state = get_flow_run(store, waiting)["state"]
    assert (state["type"], state["message"]) == ("Cancelled", f"Flow {id} was archived.")
    assert get_flow_run(store, running)["state"]["type"] == "Running"


def test_archiving_leaves_the_switch_of_the_schedule_as_it_is(store, register, cron):
    id = register(store, "etl", schedule=cron(DAILY))

    archive_flow(store, id)

    assert get_flow(store, id)["is_schedule_active"] is True


@pytest.mark.parametrize("id", [UNKNOWN, "../x"])
def test_an_unknown_flow_cannot_be_archived_nor_deleted(store, id):
    assert (archive_flow(store, id), delete_flow(store, id), delete_flow_group(store, id)) == (False, False, False)


# ---- moving and deleting ---------------------------------------------------------------------------------------------


def test_one_version_moves_to_another_project(store, register):
    first = register(store, "etl", project="a")
    second = register(store, "etl", project="a")
    other = create_project(store, "b")

    assert update_flow_project(store, second, other) == second

    assert get_flow(store, second)["project_id"] == other
    assert [flow["id"] for flow in store.flows.named(other, "etl")] == [second]
    assert [flow["id"] for flow in store.flows.named(project_named(store, "a")["id"], "etl")] == [first]


def test_flow_and_project_must_exist_to_move(store, register):
    id = register(store, "etl")
    project_id = get_flow(store, id)["project_id"]

    for flow_id, target in ((id, UNKNOWN), (UNKNOWN, project_id)):
        with pytest.raises(ClientError, match="Invalid flow or project ID"):
            update_flow_project(store, flow_id, target)


def test_a_version_is_deleted_with_its_runs_and_no_others(store, register):
    first = register(store, "etl")
    create_flow_run(store, flow_id=first)
    second = register(store, "etl")
    kept, _ = create_flow_run(store, flow_id=second)

    assert delete_flow(store, first) is True

    assert [flow["id"] for flow in store.flows.all()] == [second]
    assert [run["id"] for run in store.runs.newest()] == [kept["id"]]


def test_the_settings_of_a_group_outlive_its_versions(store, register):
    id = register(store, "etl", version_group_id="nightly")
    group_id = get_flow(store, id)["flow_group_id"]
    set_default_parameters(store, group_id, {"x": 1})

    delete_flow(store, id)

    assert get_flow(store, register(store, "etl", version_group_id="nightly"))["flow_group_id"] == group_id
    assert get_group(store, group_id)["default_parameters"] == {"x": 1}


def test_a_group_is_deleted_with_all_versions_and_runs(store, register):
    first, second = (register(store, "etl") for _ in range(2))
    create_flow_run(store, flow_id=second)
    other = register(store, "other")

    assert delete_flow_group(store, get_flow(store, first)["flow_group_id"]) is True

    assert [flow["id"] for flow in store.flows.all()] == [other]
    assert list(store.runs.newest()) == []


def test_nothing_of_a_registration_is_left_open(store, register):
    """A second store of the same root sees it at once and may register too."""
    id = register(store, "etl")
    other = Store(store.root, durability="process")

    assert unarchived(other, get_flow(other, id)["flow_group_id"])["id"] == id
    register(other, "etl")
    assert versions(store, id) == [(2, False), (1, True)]
