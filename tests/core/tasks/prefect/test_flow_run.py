"""Tasks about runs of other flows. Source: core.md §21.6; backend.md §22.1."""

from __future__ import annotations

import logging
from datetime import timedelta

import pendulum
import pytest

import prefect
from prefect import Client, Flow, Parameter, Task, task
from prefect.backend import FlowRunView
from prefect.backend.flow_run import FlowRunLog
from prefect.engine import signals
from prefect.engine.results import LocalResult
from prefect.engine.state import Cancelled, Failed, Mapped, Running, Success
from prefect.exceptions import ClientError
from prefect.orchestration import artifacts
from prefect.tasks.prefect import StartFlowRun, create_flow_run, get_task_run_result, wait_for_flow_run


def finish(flow_run_id, state):
    Client().set_flow_run_state(flow_run_id, state)


@pytest.mark.parametrize("task", [create_flow_run, wait_for_flow_run, get_task_run_result])
def test_a_flow_with_the_task_can_be_pickled(task):
    """Its function is pickled by value, since the name it has in its module is that of the task."""
    import cloudpickle

    assert cloudpickle.loads(cloudpickle.dumps(task)).name == task.name


# ---- create_flow_run -------------------------------------------------------------------------------------------------


def test_a_run_is_created_by_the_name_of_its_flow(register):
    flow_id = register()

    view = FlowRunView.from_flow_run_id(create_flow_run.run(flow_name="etl", parameters={"x": 3}))

    assert (view.flow_id, view.parameters) == (flow_id, {"x": 3})


def test_a_run_is_created_by_the_id_of_a_flow_or_group(register, backend):
    flow_id = register()
    group_id = backend.flows.get(flow_id)["flow_group_id"]

    runs = [FlowRunView.from_flow_run_id(create_flow_run.run(flow_id=id)) for id in (flow_id, group_id)]

    assert [run.flow_id for run in runs] == [flow_id, flow_id]


def test_a_flow_is_named_in_one_way():
    with pytest.raises(ValueError, match=r"^Received both `flow_id` and `flow_name`\. "):
        create_flow_run.run(flow_id="a", flow_name="b")
    with pytest.raises(ValueError, match=r"^Both `flow_id` and `flow_name` are null\. "):
        create_flow_run.run()


def test_the_name_of_a_run_tells_its_parent(register):
    register()

    with prefect.context(flow_run_name="parent"):
        flow_run_id = create_flow_run.run(flow_name="etl")

    assert FlowRunView.from_flow_run_id(flow_run_id).name == "parent-etl"


def test_a_retry_creates_no_second_run(register):
    register()

    with prefect.context(task_run_id="task-run"):
        ids = {create_flow_run.run(flow_name="etl") for _ in range(2)}

    assert len(ids) == 1


def test_each_mapped_child_creates_its_own_run(register):
    register()
    with Flow("parent") as flow:
        created = create_flow_run.map(flow_name=["etl", "etl"])

    state = flow.run()

    assert len(set(state.result[created].result)) == 2


def test_a_run_may_begin_after_a_while(register):
    register()

    flow_run_id = create_flow_run.run(flow_name="etl", scheduled_start_time=timedelta(hours=1))

    wait = Client().get_flow_run_info(flow_run_id).scheduled_start_time - pendulum.now()
    assert 3590 < wait.total_seconds() <= 3600


def test_where_the_new_run_can_be_seen_is_logged(register, caplog):
    register()

    flow_run_id = create_flow_run.run(flow_name="etl", run_name="mine")

    assert f"Created flow run 'mine': http://localhost:8080/default/flow-run/{flow_run_id}" in caplog.messages


# ---- wait_for_flow_run -----------------------------------------------------------------------------------------------


def test_the_view_of_a_finished_run_is_returned(flow_run_id):
    finish(flow_run_id, Failed("oh"))

    view = wait_for_flow_run.run(flow_run_id)

    assert (view.flow_run_id, view.state) == (flow_run_id, Failed("oh"))


def test_what_happens_is_logged_here(flow_run_id, caplog, monkeypatch):
    def watched(id, **options):
        yield FlowRunLog(pendulum.now(), logging.WARNING, f"{id} {options}")
        finish(id, Success())

    Client().set_flow_run_name(flow_run_id, "child")
    monkeypatch.setattr("prefect.backend.flow_run.watch_flow_run", watched)

    view = wait_for_flow_run.run(flow_run_id, stream_logs=True, max_duration=timedelta(hours=1))

    assert view.state == Success()
    assert caplog.record_tuples == [
        (
            "prefect",
            logging.WARNING,
            f"Flow 'child': {flow_run_id} "
            "{'stream_states': True, 'stream_logs': True, 'max_duration': datetime.timedelta(seconds=3600)}",
        )
    ]


@pytest.mark.parametrize(
    ("state", "signal"), [(Success(), signals.SUCCESS), (Failed(), signals.FAIL), (Cancelled(), signals.ENDRUN)]
)
def test_a_task_can_end_as_the_run_did(flow_run_id, state, signal):
    finish(flow_run_id, state)

    with pytest.raises(signal) as caught:
        wait_for_flow_run.run(flow_run_id, raise_final_state=True)

    assert type(caught.value.state) is type(state)
    assert caught.value.state.message == f"{flow_run_id} finished in state {state!r}"
    assert caught.value.state.result.flow_run_id == flow_run_id


@pytest.mark.parametrize("state", [Success(), Failed(), Cancelled()])
def test_inside_a_flow_the_task_gets_the_state_of_the_run(flow_run_id, state):
    finish(flow_run_id, state)
    with Flow("parent") as flow:
        waited = wait_for_flow_run(flow_run_id, raise_final_state=True)

    assert type(flow.run().result[waited]) is type(state)


def test_the_failure_of_a_run_is_not_that_of_the_task(flow_run_id):
    finish(flow_run_id, Failed())
    with Flow("parent") as flow:
        wait_for_flow_run(flow_run_id)

    assert flow.run().is_successful()


def test_an_unknown_run_cannot_be_waited_for(backend):
    with pytest.raises(ValueError, match=r"^Flow run nope not found"):
        wait_for_flow_run.run("nope")


# ---- get_task_run_result ---------------------------------------------------------------------------------------------


@pytest.fixture
def finished(register, tmp_path):
    """A finished run in which ``double-1`` was mapped over two numbers."""

    @task
    def double(x):
        return 2 * x

    with Flow("mapped") as flow:
        double.map([1, 2])
    client = Client()
    flow_run_id = client.create_flow_run(flow_id=register(flow))
    finish(flow_run_id, Running())
    parent = next(run for run in client.get_flow_run_info(flow_run_id).task_runs if run.task_slug == "double-1")
    client.set_task_run_state(parent.id, Mapped(n_map_states=2))
    for index in range(2):
        child = client.get_task_run_info(flow_run_id, parent.task_id, map_index=index)
        result = LocalResult(dir=str(tmp_path), location=f"{index}").write(2 * (index + 1))
        client.set_task_run_state(child.id, Success(result=result))
    finish(flow_run_id, Success())
    return flow_run_id


def test_the_result_of_a_task_is_read(finished):
    assert get_task_run_result.run(finished, "double-1", map_index=1) == 4
    assert get_task_run_result.run(finished, "double-1") == [2, 4]


def test_the_end_of_the_run_is_waited_for(flow_run_id, tmp_path, monkeypatch):
    def looks(id):
        yield
        result = LocalResult(dir=str(tmp_path), location="x").write(7)
        Client().set_task_run_state(
            FlowRunView.from_flow_run_id(id).get_task_run("x").task_run_id, Success(result=result)
        )
        finish(id, Success())

    monkeypatch.setattr("prefect.backend.following.looks", looks)

    assert get_task_run_result.run(flow_run_id, "x") == 7


def test_a_result_is_that_of_another_run(flow_run_id):
    with prefect.context(flow_run_id=flow_run_id), pytest.raises(ValueError, match=r"is the same as the currently run"):
        get_task_run_result.run(flow_run_id, "x")


def test_a_task_has_to_be_named():
    with pytest.raises(ValueError, match=r"^Required argument `task_slug` is empty\. "):
        get_task_run_result.run("id", "")


# ---- StartFlowRun ----------------------------------------------------------------------------------------------------


def test_the_old_task_starts_the_newest_version(register):
    register()
    newest = register()

    flow_run_id = StartFlowRun(flow_name="etl", project_name="demo", parameters={"x": 5}, run_name="mine").run()

    view = FlowRunView.from_flow_run_id(flow_run_id)
    assert (view.flow_id, view.parameters, view.name) == (newest, {"x": 5}, "mine")


def test_arguments_replace_those_of_the_task(register):
    register()

    flow_run_id = StartFlowRun(flow_name="nope", project_name="demo").run(flow_name="etl")

    assert FlowRunView.from_flow_run_id(flow_run_id).get_flow_metadata().name == "etl"


def test_the_old_task_ends_as_the_run_did_if_it_waits(register, monkeypatch):
    register()
    monkeypatch.setattr(
        "prefect.tasks.prefect.flow_run.wait_for_flow_run.run",
        lambda flow_run_id, **options: finish(flow_run_id, Failed()) or FlowRunView.from_flow_run_id(flow_run_id),
    )

    with pytest.raises(signals.FAIL, match=r"finished in state <Failed>$"):
        StartFlowRun(flow_name="etl", project_name="demo", wait=True).run()


@pytest.mark.parametrize("wanted", [True, False])
def test_the_old_task_leaves_a_link(register, flow_run_id, backend, wanted):
    task_run_id = Client().get_flow_run_info(flow_run_id).task_runs[0].id
    start = StartFlowRun(flow_name="etl", project_name="demo", create_link_artifact=wanted)

    with prefect.context(running_with_backend=True, task_run_id=task_run_id):
        child = start.run()

    links = [artifact["data"]["link"] for artifact in artifacts.artifacts(backend, flow_run_id)]
    assert links == ([f"http://localhost:8080/default/flow-run/{child}"] if wanted else [])


def test_the_old_task_is_named_after_its_flow():
    assert StartFlowRun(flow_name="etl").name == "Flow etl"
    assert StartFlowRun(flow_name="etl", name="mine").name == "mine"
    assert StartFlowRun().name == "StartFlowRun"


def test_flow_and_project_have_to_be_named():
    with pytest.raises(ValueError, match=r"^Must provide a flow name\. Give `flow_name` to StartFlowRun"):
        StartFlowRun().run()
    with pytest.raises(ValueError, match=r"^Must provide a project name\. Give `project_name` to StartFlowRun"):
        StartFlowRun(flow_name="etl").run()


def test_an_interval_is_not_too_short():
    with pytest.raises(ValueError, match=r"^`poll_interval` needs to be at least 3 seconds, not 2\. Leave it out\.$"):
        StartFlowRun(poll_interval=timedelta(seconds=2))


def test_an_interval_is_a_timedelta():
    with pytest.raises(TypeError, match=r"^`poll_interval` is 5\. Give a timedelta, or leave it out\.$"):
        StartFlowRun(poll_interval=5)


@pytest.mark.parametrize("parameters", [{"a": Task()}, {"a": [Parameter("p")]}])
def test_what_tasks_return_is_handed_over_when_the_task_is_called(parameters):
    with pytest.raises(TypeError, match=r"^An instance of `Task` was passed to the `StartFlowRun` constructor"):
        StartFlowRun(parameters=parameters)


def test_a_refused_run_is_a_client_error(register):
    register()

    with pytest.raises(ClientError, match="has no parameter 'y'"):
        StartFlowRun(flow_name="etl", project_name="demo", parameters={"y": 1}).run()
