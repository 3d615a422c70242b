"""Creating, finding, changing and deleting flow runs."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration import flow_groups, flow_runs
from prefect.orchestration.flow_runs import create_flow_run, get_flow_run, list_flow_runs
from prefect.orchestration.queue import claim
from prefect.orchestration.registration import archive_flow, delete_flow
from prefect.orchestration.states import set_flow_run_state
from prefect.orchestration.task_runs import task_runs
from prefect.storage.state.check import check

NOW = "2024-05-17T12:00:30.000000+00:00"


def names(runs) -> list[str]:
    return [run["name"] for run in runs]


# ---- what is created -------------------------------------------------------------------------------------------------


def test_a_new_run_is_scheduled_for_now(clocked_store, register):
    flow_id = register(clocked_store)

    run, is_new = create_flow_run(clocked_store, flow_id=flow_id, name="first")

    assert is_new
    assert run == {
        "format": 1,
        "v": 1,
        "at": NOW,
        "id": run["id"],
        "created": NOW,
        "name": "first",
        "flow_id": flow_id,
        "flow_group_id": clocked_store.flows.get(flow_id)["flow_group_id"],
        "parameters": {},
        "context": {},
        "run_config": clocked_store.flows.get(flow_id)["run_config"],
        "idempotency_key": None,
        "scheduled_start_time": NOW,
        "auto_scheduled": False,
        "labels": [],
        "due": NOW,
        "live": False,
        "version": 1,
        "agent_id": None,
        "state": {"type": "Scheduled", "message": "Flow run scheduled.", "start_time": NOW},
        "state_timestamp": NOW,
        "start_time": None,
        "end_time": None,
        "times_resurrected": 0,
        "process": None,
    }
    assert get_flow_run(clocked_store, run["id"]) == run


def test_a_new_run_has_all_its_task_runs(store, register):
    run, _ = create_flow_run(store, flow_id=register(store, tasks=("extract", "load")))

    found = [(task_run["task"], task_run["state"]) for task_run in task_runs(store, run["id"])]

    pending = {"type": "Pending", "message": "Task run created"}
    assert found == [("extract-1", pending), ("load-1", pending)]


def test_a_run_that_nobody_names_gets_two_words(store, register):
    run, _ = create_flow_run(store, flow_id=register(store))

    assert run["name"].count("-") == 1


def test_settings_of_the_run_are_stored_with_it(store, register):
    flow_id = register(store, parameters={"x": 1})

    run, _ = create_flow_run(
        store,
        flow_id=flow_id,
        parameters={"x": 2},
        context={"a": 1},
        labels=["b", "a"],
        run_config={"type": "LocalRun", "env": {"A": "1"}},
        auto_scheduled=True,
    )

    assert (run["parameters"], run["context"], run["labels"]) == ({"x": 2}, {"a": 1}, ["a", "b"])
    assert (run["run_config"], run["auto_scheduled"]) == ({"type": "LocalRun", "env": {"A": "1"}}, True)


def test_settings_of_the_group_count(store, register):
    flow_id = register(store, parameters={"x": 1})
    group_id = store.flows.get(flow_id)["flow_group_id"]
    flow_groups.set_default_parameters(store, group_id, {"x": 5})
    flow_groups.set_labels(store, group_id, ["group"])

    run, _ = create_flow_run(store, flow_id=flow_id)

    assert (run["parameters"], run["labels"]) == ({"x": 5}, ["group"])


def test_unknown_parameters_create_nothing(store, register):
    flow_id = register(store, parameters={"x": 1})

    with pytest.raises(ClientError, match=r"^The flow 'etl' has no parameter 'y'\.$"):
        create_flow_run(store, flow_id=flow_id, parameters={"y": 1})

    assert list(list_flow_runs(store)) == []


def test_missing_parameters_create_nothing(store, register):
    flow_id = register(store, parameters={"x": ...})

    with pytest.raises(ClientError, match=r"^Required parameters were not supplied: {'x'}\.$"):
        create_flow_run(store, flow_id=flow_id)

    assert list(list_flow_runs(store)) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1, {"a": float("-inf")}]])
@pytest.mark.parametrize(
    ("field", "what"), [("parameters", "parameter"), ("context", "context value")], ids=["parameters", "context"]
)
def test_a_value_that_json_does_not_have_creates_nothing(store, register, field, what, value):
    flow_id = register(store, parameters={"x": 1})

    with pytest.raises(ClientError, match=rf"^The {what} 'x' cannot be kept as JSON: "):
        create_flow_run(store, flow_id=flow_id, **{field: {"x": value}})

    assert list(list_flow_runs(store)) == []


def test_a_start_time_without_a_zone_is_utc(clocked_store, register):
    run, _ = create_flow_run(clocked_store, flow_id=register(clocked_store), scheduled_start_time="2024-06-01T08:00")

    start = "2024-06-01T08:00:00.000000+00:00"
    assert (run["scheduled_start_time"], run["state"]["start_time"], run["due"]) == (start, start, start)


def test_a_past_start_time_is_kept_and_the_run_is_due_at_once(clocked_store, register):
    run, _ = create_flow_run(
        clocked_store, flow_id=register(clocked_store), scheduled_start_time="2020-01-01T00:00:00Z"
    )

    start = "2020-01-01T00:00:00.000000+00:00"
    assert (run["scheduled_start_time"], run["state"]["start_time"], run["due"]) == (start, start, NOW)


# ---- of which flow ---------------------------------------------------------------------------------------------------


def test_a_group_stands_for_its_unarchived_version(store, register):
    register(store)
    newer = register(store)
    flow = store.flows.get(newer)

    by_group, _ = create_flow_run(store, flow_group_id=flow["flow_group_id"])
    by_version_group, _ = create_flow_run(store, version_group_id=flow["version_group_id"])

    assert (by_group["flow_id"], by_version_group["flow_id"]) == (newer, newer)


def test_a_flow_wins_over_a_group_and_a_group_over_a_version_group(store, register):
    one, other = register(store, "one"), register(store, "other")
    group_id, version_group_id = (store.flows.get(other)[key] for key in ("flow_group_id", "version_group_id"))

    first, _ = create_flow_run(store, flow_id=one, flow_group_id=group_id, version_group_id=version_group_id)
    second, _ = create_flow_run(
        store, flow_group_id=store.flows.get(one)["flow_group_id"], version_group_id=version_group_id
    )

    assert (first["flow_id"], second["flow_id"]) == (one, one)


def test_a_flow_must_be_named(store):
    with pytest.raises(ClientError, match=r"^A flow id or version group ID must be provided\."):
        create_flow_run(store)


def test_an_archived_flow_gets_no_runs(store, register):
    flow_id = register(store)
    archive_flow(store, flow_id)

    with pytest.raises(ClientError) as raised:
        create_flow_run(store, flow_id=flow_id)

    assert str(raised.value) == f"Flow {flow_id} is archived. Register it again, or name another version."


@pytest.mark.parametrize("id", ["2e156b2c-54a9-4324-b555-f01746ce5a10", "no id"])
def test_an_unknown_flow_is_not_found(store, register, id):
    register(store)

    with pytest.raises(ObjectNotFoundError, match=f"^Flow {id} not found. List the flows with 'prefect get flows'.$"):
        create_flow_run(store, flow_id=id)


def test_a_group_whose_flows_are_all_archived_gets_no_runs(store, register):
    flow_id = register(store, version_group_id="series")
    archive_flow(store, flow_id)

    with pytest.raises(ObjectNotFoundError, match=r"^Version group series has no unarchived flows\."):
        create_flow_run(store, version_group_id="series")


def test_an_unknown_version_group_gets_no_runs(store):
    with pytest.raises(ObjectNotFoundError, match=r"^Version group nothing has no unarchived flows\."):
        create_flow_run(store, version_group_id="nothing")


@pytest.mark.parametrize(
    ("meanwhile", "message"),
    [(archive_flow, r"^Flow .* is archived\. "), (delete_flow, r"^Flow .* not found\. ")],
)
def test_a_flow_that_is_archived_or_deleted_in_the_same_instant_gets_no_run(
    store, register, monkeypatch, meanwhile, message
):
    flow_id = register(store)
    create = store.runs.create

    def create_late(run):
        meanwhile(store, flow_id)
        return create(run)

    monkeypatch.setattr(store.runs, "create", create_late)

    with pytest.raises(ClientError, match=message):
        create_flow_run(store, flow_id=flow_id, idempotency_key="once")
    assert list(list_flow_runs(store)) == []


def test_a_run_that_was_picked_up_goes_on_although_its_flow_is_archived_in_the_same_instant(
    store, register, monkeypatch
):
    flow_id = register(store)
    create = store.runs.create

    def create_and_pick_up(run):
        created = create(run)
        claim(store, None, [])
        archive_flow(store, flow_id)
        return created

    monkeypatch.setattr(store.runs, "create", create_and_pick_up)

    run, _ = create_flow_run(store, flow_id=flow_id)

    assert get_flow_run(store, run["id"])["state"]["type"] == "Submitted"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": "gpu"}, "Labels are a list of texts, and 'gpu' is none."),
        ({"labels": ["gpu", 1]}, "Labels are a list of texts, and ['gpu', 1] is none."),
        ({"parameters": ["x"]}, "Each parameter has a name, and ['x'] has none."),
        ({"context": "x=1"}, "Each context value has a name, and 'x=1' has none."),
        ({"name": 5}, "A flow run needs a name, and 5 is none. Choose a text that is not empty."),
    ],
)
def test_what_is_of_the_wrong_kind_is_refused_and_leaves_nothing(store, register, arguments, message):
    with pytest.raises(ClientError) as raised:
        create_flow_run(store, flow_id=register(store), idempotency_key="once", **arguments)

    assert str(raised.value) == message
    assert list(check(store)) == []


# ---- idempotency -----------------------------------------------------------------------------------------------------


def test_the_same_key_finds_the_first_run_and_changes_nothing(store, register):
    flow_id = register(store, parameters={"x": 1})
    first, _ = create_flow_run(store, flow_id=flow_id, idempotency_key="once", parameters={"x": 2})

    second, is_new = create_flow_run(store, flow_id=flow_id, idempotency_key="once", name="other", labels=["a"])

    assert (second, is_new) == (first, False)


def test_the_same_key_finds_a_run_that_has_finished(store, register):
    flow_id = register(store)
    first, _ = create_flow_run(store, flow_id=flow_id, idempotency_key="once")
    set_flow_run_state(store, first["id"], {"type": "Success"})

    second, is_new = create_flow_run(store, flow_id=flow_id, idempotency_key="once")

    assert (second["id"], is_new) == (first["id"], False)


def test_keys_count_within_one_version(store, register):
    version_group_id = store.flows.get(register(store))["version_group_id"]
    first, _ = create_flow_run(store, version_group_id=version_group_id, idempotency_key="once")
    register(store, tasks=("changed",))

    second, is_new = create_flow_run(store, version_group_id=version_group_id, idempotency_key="once")

    assert is_new
    assert second["id"] != first["id"]


def test_without_keys_every_call_makes_a_run(store, register):
    flow_id = register(store)

    assert len({create_flow_run(store, flow_id=flow_id)[0]["id"] for _ in range(3)}) == 3


def test_deleting_a_run_frees_its_key(store, register):
    flow_id = register(store)
    first, _ = create_flow_run(store, flow_id=flow_id, idempotency_key="once")
    flow_runs.delete(store, first["id"])

    _, is_new = create_flow_run(store, flow_id=flow_id, idempotency_key="once")

    assert is_new


# ---- changing and deleting -------------------------------------------------------------------------------------------


@pytest.fixture
def run_id(store, register):
    return create_flow_run(store, flow_id=register(store), name="first")[0]["id"]


def test_a_run_gets_another_name(store, run_id):
    flow_runs.rename(store, run_id, "second")

    assert get_flow_run(store, run_id)["name"] == "second"
    assert names(store.runs.named("second")) == ["second"]


def test_a_name_is_not_empty(store, run_id):
    with pytest.raises(ClientError, match=r"^Invalid name: a flow run's name is a text that is not empty"):
        flow_runs.rename(store, run_id, "")


def test_labels_are_a_list(store, run_id):
    with pytest.raises(ClientError, match=r"^Labels are a list of texts, and 'gpu' is none\.$"):
        flow_runs.set_labels(store, run_id, "gpu")


def test_labels_are_sorted_and_each_there_once(store, run_id):
    flow_runs.set_labels(store, run_id, ["b", "a", "b"])

    assert get_flow_run(store, run_id)["labels"] == ["a", "b"]


def test_a_deleted_run_is_gone(store, run_id):
    assert flow_runs.delete(store, run_id)
    assert not flow_runs.delete(store, run_id)


@pytest.mark.parametrize(
    "act",
    [
        get_flow_run,
        lambda store, id: flow_runs.rename(store, id, "name"),
        lambda store, id: flow_runs.set_labels(store, id, []),
        task_runs,
    ],
)
def test_a_run_that_is_not_there_is_not_found(store, run_id, act):
    flow_runs.delete(store, run_id)

    with pytest.raises(
        ObjectNotFoundError, match=f"^Flow run {run_id} not found. List the runs with 'prefect get flow-runs'.$"
    ):
        act(store, run_id)


# ---- lists -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def listed(clocked_store, clock, register):
    """A store with five runs, created one minute after another."""
    for name, flow, project in [
        ("a", "etl", "demo"),
        ("b", "etl", "other"),
        ("c", "report", "demo"),
        ("d", "etl", "demo"),
        ("e", "report", "demo"),
    ]:
        create_flow_run(clocked_store, flow_id=register(clocked_store, flow, project=project), name=name)
        clock.pass_time(minutes=1)
    return clocked_store


def test_runs_are_listed_newest_first(listed):
    assert names(list_flow_runs(listed)) == ["e", "d", "c", "b", "a"]


def test_a_list_has_its_limit(listed):
    assert names(list_flow_runs(listed, limit=2)) == ["e", "d"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"flow_name": "etl"}, ["d", "b", "a"]),
        ({"flow_name": "etl", "project": "demo"}, ["d", "a"]),
        ({"project": "demo"}, ["e", "d", "c", "a"]),
        ({"flow_name": "nothing"}, []),
        ({"project": "nothing"}, []),
    ],
)
def test_runs_of_a_flow_or_a_project(listed, wanted, expected):
    assert names(list_flow_runs(listed, **wanted)) == expected


def test_runs_in_a_state(listed):
    (a,) = listed.runs.named("a")
    set_flow_run_state(listed, a["id"], {"type": "Failed"})

    assert names(list_flow_runs(listed, state="Failed")) == ["a"]


def test_runs_that_have_begun_are_listed_by_their_start(listed, clock):
    for name in ("d", "b"):
        (run,) = listed.runs.named(name)
        set_flow_run_state(listed, run["id"], {"type": "Running"})
        clock.pass_time(minutes=1)

    assert names(list_flow_runs(listed, started=True)) == ["b", "d"]


def test_a_store_without_runs_lists_none(store):
    assert list(list_flow_runs(store)) == []
