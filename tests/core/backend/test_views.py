"""Views of flows, flow runs, task runs and tenants. Source: backend.md §20.1 - §20.4."""

from __future__ import annotations

import pendulum
import pytest

from prefect import Client, Flow, task
from prefect.backend import FlowRunView, FlowView, TaskRunView, TenantView
from prefect.engine.results import LocalResult
from prefect.engine.state import Failed, Mapped, Pending, Running, Success
from prefect.exceptions import ClientError
from prefect.orchestration import flow_groups, registration
from prefect.run_configs import UniversalRun
from prefect.storage import Local
from prefect.utilities.configuration import set_temporary_config

NOWHERE = "11111111-1111-1111-1111-111111111111"


# ---- flows -----------------------------------------------------------------------------------------------------------


def test_a_flow_shows_what_was_registered(register):
    flow_id = register(labels=["a"])

    view = FlowView.from_flow_id(flow_id)

    assert (view.flow_id, view.name, view.project_name, view.archived) == (flow_id, "etl", "demo", False)
    assert isinstance(view.storage, Local)
    assert isinstance(view.run_config, UniversalRun)
    assert "a" in view.run_config.labels
    assert view.flow_group_labels is None
    assert repr(view) == f"FlowView(flow_id='{flow_id}', name='etl', project_name='demo', storage_type=Local)"


def test_its_flow_can_be_inspected(register):
    flow = FlowView.from_flow_id(register()).flow

    assert sorted(task.name for task in flow.tasks) == ["extract", "x"]


def test_a_flow_shows_the_settings_and_labels_of_its_group(register, backend):
    flow_id = register()
    flow_groups.set_labels(backend, backend.flows.get(flow_id)["flow_group_id"], ["gpu"])

    view = FlowView.from_flow_id(flow_id)

    assert (view.flow_group_labels, view.settings["heartbeat_enabled"]) == (["gpu"], True)


def test_an_id_may_be_that_of_a_group(register, backend):
    register()
    newest = register()
    group_id = backend.flows.get(newest)["flow_group_id"]

    assert FlowView.from_id(newest).flow_id == newest
    assert FlowView.from_id(group_id).flow_id == newest
    assert FlowView.from_flow_group_id(group_id).flow_id == newest


def test_an_unknown_id_is_an_error(backend):
    with pytest.raises(ValueError, match=f"^Given id '{NOWHERE}' is not an existing flow or flow group id"):
        FlowView.from_id(NOWHERE)
    with pytest.raises(ValueError, match=r"^No results found while querying for flows where "):
        FlowView.from_flow_id(NOWHERE)


@pytest.mark.parametrize("method", ["from_id", "from_flow_id", "from_flow_group_id"])
def test_an_id_is_text(method):
    with pytest.raises(TypeError, match=r"^Unexpected type <class 'int'> for `flow_.*id`, expected 'str'\.$"):
        getattr(FlowView, method)(3)


def test_a_name_means_the_newest_version_in_any_project(register):
    register()
    newest = register()

    assert FlowView.from_flow_name("etl").flow_id == newest
    assert FlowView.from_flow_name("etl", project_name="demo").flow_id == newest


def test_an_archived_flow_has_no_name(register, backend):
    registration.archive_flow(backend, register())

    with pytest.raises(ValueError, match=r"^No results found .* The flow of that name is archived\."):
        FlowView.from_flow_name("etl")


def test_one_name_in_two_projects_has_to_be_told_apart(register):
    first = register()
    last = register(project="other")

    with pytest.raises(ValueError, match=r"^Found multiple flows matching .* Name its project as well, one of "):
        FlowView.from_flow_name("etl")
    assert FlowView.from_flow_name("etl", last_updated=True).flow_id == last
    assert FlowView.from_flow_name("etl", project_name="demo").flow_id == first


def test_no_flow_is_without_a_project(register):
    register()

    with pytest.raises(ValueError, match=r"^No results found while querying for flows named 'etl' without a project"):
        FlowView.from_flow_name("etl", project_name=None)


def test_a_view_of_a_server_is_a_client_error():
    with set_temporary_config({"backend": "server"}), pytest.raises(ClientError, match=r"^The backend is 'server'"):
        FlowView.from_flow_id(NOWHERE)


# ---- flow runs -------------------------------------------------------------------------------------------------------


def test_a_run_shows_its_states_in_order(flow_run_id):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running("go"))
    client.set_flow_run_name(flow_run_id, "renamed")
    client.set_flow_run_state(flow_run_id, Success("done"))

    view = FlowRunView.from_flow_run_id(flow_run_id)

    assert (view.name, view.parameters, view.labels) == ("renamed", {"x": 1}, view.run_config.labels and view.labels)
    assert view.state == Success("done")
    assert [state.message for state in view.states] == ["Flow run scheduled.", "go", "done"]
    assert view.states[0].is_scheduled()
    assert sorted(state.timestamp for state in view.states) == [state.timestamp for state in view.states]
    assert view.states[-1].timestamp <= view.updated_at


def test_a_run_says_what_it_is(flow_run_id):
    Client().set_flow_run_name(flow_run_id, "mine")
    view = FlowRunView.from_flow_run_id(flow_run_id)

    assert repr(view) == (
        f"FlowRunView(flow_run_id='{flow_run_id}', name='mine', state={view.state!r}, labels={view.labels!r},"
        " cached_task_runs=0)"
    )


def test_an_unknown_run_is_an_error(backend):
    with pytest.raises(ValueError, match=r"^Flow run nope not found\."):
        FlowRunView.from_flow_run_id("nope")


def test_a_view_does_not_change_but_gives_the_latest(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)
    Client().set_flow_run_state(flow_run_id, Failed("oh"))

    assert view.state.is_scheduled()
    assert view.get_latest().state == Failed("oh")


def test_logs_are_those_after_and_up_to_a_time(flow_run_id):
    times = [f"2024-05-17T12:00:0{second}+00:00" for second in range(4)]
    Client().write_run_logs(
        [{"flow_run_id": flow_run_id, "message": time[17:19], "timestamp": time, "level": "WARNING"} for time in times]
    )
    view = FlowRunView.from_flow_run_id(flow_run_id)

    logs = view.get_logs(start_time=pendulum.parse(times[0]), end_time=pendulum.parse(times[2]))

    assert [(log.message, log.level, log.timestamp) for log in logs] == [
        ("01", 30, pendulum.parse(times[1])),
        ("02", 30, pendulum.parse(times[2])),
    ]
    assert len(view.get_logs()) == 4


def test_a_run_knows_its_flow(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)

    assert view.get_flow_metadata().name == "etl"
    assert view.get_flow_metadata() is view.get_flow_metadata()
    assert view.get_flow_metadata(no_cache=True) is not None


def test_a_task_run_is_found_by_slug_or_id(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)

    by_slug = view.get_task_run(task_slug="extract-1")

    assert (by_slug.task_slug, by_slug.map_index, by_slug.flow_run_id) == ("extract-1", -1, flow_run_id)
    assert view.get_task_run(task_run_id=by_slug.task_run_id) == by_slug


def test_a_task_run_that_does_not_fit_is_an_error(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)
    id = view.get_task_run(task_slug="x").task_run_id

    with pytest.raises(ValueError, match=r"^One of `task_run_id` or `task_slug` must be provided!$"):
        view.get_task_run()
    with pytest.raises(ValueError, match=r"is one of the task 'x', not of 'extract-1'\.$"):
        view.get_task_run(task_run_id=id, task_slug="extract-1")
    with pytest.raises(ValueError, match=r"has the map index -1, not 2\.$"):
        view.get_task_run(task_run_id=id, map_index=2)
    with pytest.raises(ValueError, match="has no task 'nope'"):
        view.get_task_run(task_slug="nope")
    with pytest.raises(ValueError, match="has no task run of 'x' with the number 3"):
        view.get_task_run(task_slug="x", map_index=3)


def test_a_task_run_of_another_run_is_an_error(register):
    flow_id = register()
    first, second = (Client().create_flow_run(flow_id=flow_id) for _ in range(2))
    id = FlowRunView.from_flow_run_id(first).get_task_run(task_slug="x").task_run_id

    with pytest.raises(ValueError, match="belongs to another flow run"):
        FlowRunView.from_flow_run_id(second).get_task_run(task_run_id=id)


def test_finished_task_runs_are_kept(flow_run_id):
    client = Client()
    view = FlowRunView.from_flow_run_id(flow_run_id)
    client.set_task_run_state(view.get_task_run(task_slug="x").task_run_id, Success())

    known = view.get_task_run(task_slug="x")

    assert view.get_task_run(task_slug="x") is known
    assert view.get_latest().get_task_run(task_slug="x") is known
    assert "cached_task_runs=1" in repr(view)
    assert view.get_task_run(task_slug="extract-1") is not view.get_task_run(task_slug="extract-1")


def test_static_task_runs_can_be_read_at_once(flow_run_id):
    client = Client()
    for run in client.get_flow_run_info(flow_run_id).task_runs:
        client.set_task_run_state(run.id, Success())

    assert "cached_task_runs=2" in repr(FlowRunView.from_flow_run_id(flow_run_id, load_static_tasks=True))


def test_all_task_runs_are_listed(flow_run_id):
    view = FlowRunView.from_flow_run_id(flow_run_id)

    assert [run.task_slug for run in view.get_all_task_runs()] == ["extract-1", "x"]
    assert view.get_task_run_ids() == [run.task_run_id for run in view.get_all_task_runs()] == view.task_run_ids


def test_ids_of_a_finished_run_are_read_once(flow_run_id):
    Client().set_flow_run_state(flow_run_id, Success())
    view = FlowRunView.from_flow_run_id(flow_run_id)

    assert view.get_task_run_ids() is view.get_task_run_ids()


# ---- task runs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def mapped(register, tmp_path):
    """A finished run of a flow that maps a task ``double`` over two numbers, with stored results."""

    @task
    def double(x):
        return 2 * x

    client = Client()
    with Flow("mapped") as flow:
        double.map([1, 2])
    flow_run_id = client.create_flow_run(flow_id=register(flow))
    client.set_flow_run_state(flow_run_id, Running())
    parent = next(run for run in client.get_flow_run_info(flow_run_id).task_runs if run.task_slug == "double-1")
    client.set_task_run_state(parent.id, Mapped(n_map_states=2))
    for index in range(2):
        child = client.get_task_run_info(flow_run_id, parent.task_id, map_index=index)
        result = LocalResult(dir=str(tmp_path / "results"), location=f"{index}.pickle").write(2 * (index + 1))
        client.set_task_run_state(child.id, Success(result=result))
    return flow_run_id


def test_a_result_is_read_from_where_it_is_stored_once(mapped, tmp_path):
    view = TaskRunView.from_task_slug("double-1", mapped, map_index=1)

    assert "result=<not loaded>" in repr(view)
    assert view.get_result() == 4
    (tmp_path / "results" / "1.pickle").unlink()
    assert view.get_latest().get_result() == 4
    assert repr(view) == (
        f"TaskRunView(task_run_id='{view.task_run_id}', task_id='{view.task_id}', task_slug='double-1',"
        f" state={view.state!r}, result=4)"
    )


def test_the_result_of_a_mapped_task_is_that_of_all_its_children(mapped):
    view = TaskRunView.from_task_slug("double-1", mapped)

    assert view.get_result() == [2, 4]
    assert [child.map_index for child in view.iter_mapped()] == [0, 1]


def test_a_task_run_that_is_not_mapped_has_no_children(mapped):
    with pytest.raises(TypeError, match=r"is not a mapped task\.$"):
        list(TaskRunView.from_task_slug("double-1", mapped, map_index=0).iter_mapped())


def test_there_is_no_result_before_the_end(flow_run_id):
    with pytest.raises(ValueError, match=r"^The task result cannot be loaded if it is not finished: "):
        TaskRunView.from_task_slug("x", flow_run_id).get_result()


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        (Success(), TypeError, "has no result"),
        (Success(result=3), ValueError, r"^The task result has no `location`"),
    ],
)
def test_a_result_that_was_not_stored_is_an_error(flow_run_id, state, error, message):
    view = TaskRunView.from_task_slug("x", flow_run_id)
    Client().set_task_run_state(view.task_run_id, state)

    with pytest.raises(error, match=message):
        view.get_latest().get_result()


def test_task_runs_are_equal_if_they_show_the_same_state(flow_run_id):
    before = TaskRunView.from_task_slug("x", flow_run_id)
    same = TaskRunView.from_task_run_id(before.task_run_id)
    Client().set_task_run_state(before.task_run_id, Success())

    assert before == same
    assert before != before.get_latest()
    assert before.state == Pending("Task run created")


def test_an_unknown_task_run_is_an_error(backend):
    with pytest.raises(ValueError, match=r"^Task run nope not found\."):
        TaskRunView.from_task_run_id("nope")


# ---- tenants ---------------------------------------------------------------------------------------------------------


def test_the_current_tenant_is_the_first(backend):
    view = TenantView.from_current_tenant()

    assert (view.name, view.slug) == ("default", "default")
    assert TenantView.from_tenant_id(view.tenant_id) == view
    assert repr(view) == f"TenantView(tenant_id='{view.tenant_id}', name='default', slug='default')"


def test_an_unknown_tenant_is_an_error(backend):
    with pytest.raises(ValueError, match=r"^No results found while querying for tenants where "):
        TenantView.from_tenant_id(NOWHERE)
