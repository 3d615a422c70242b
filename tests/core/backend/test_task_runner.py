"""One task of a flow run that a backend keeps. Source: backend.md §10.3."""

from __future__ import annotations

import pytest

import prefect
from prefect import Client, Flow, task
from prefect.edge import Edge
from prefect.engine.cloud import CloudTaskRunner
from prefect.engine.results import LocalResult
from prefect.engine.state import Mapped, Resume, Running, Success
from prefect.exceptions import ClientError
from prefect.triggers import manual_only
from prefect.utilities.configuration import set_temporary_config


@task
def number():
    return 1


@task
def double(x):
    return 2 * x


@pytest.fixture
def running(create_run):
    """Registers a flow and returns the id of a run of it, which is running."""

    def begun(flow):
        flow_run_id = create_run(flow)
        Client().set_flow_run_state(flow_run_id, Running())
        return flow_run_id

    return begun


def test_a_task_that_is_run_by_itself_is_reported(running, states_of):
    flow_run_id = running(Flow("f", tasks=[number]))

    with prefect.context(flow_run_id=flow_run_id):
        state = CloudTaskRunner(task=number).run()

    assert state == Success("Task run succeeded.", result=1)
    assert states_of(flow_run_id) == {"number-1": "Success"}


def test_it_goes_on_from_the_state_that_the_backend_has(running, states_of):
    paused = number.copy(trigger=manual_only)
    flow_run_id = running(Flow("f", tasks=[paused]))
    Client().set_task_run_state(Client().get_task_runs(flow_run_id)[0].id, Resume())

    with prefect.context(flow_run_id=flow_run_id):
        assert CloudTaskRunner(task=paused).run().is_successful()


def test_a_mapped_child_is_made_known(running, states_of):
    with Flow("f") as flow:
        double.map([1])
    flow_run_id = running(flow)
    Client().set_task_run_state(Client().get_task_runs(flow_run_id)[1].id, Mapped(map_states=[None]))
    mapped = flow.get_tasks("double")[0]

    CloudTaskRunner(task=mapped).run(
        upstream_states={Edge(number, mapped, key="x"): Success(result=3)},
        context={"flow_run_id": flow_run_id, "map_index": 0},
    )

    assert states_of(flow_run_id)["double-1[0]"] == "Success"


def test_values_are_read_from_where_they_were_stored(running, tmp_path):
    with Flow("f") as flow:
        double(number())
    flow_run_id = running(flow)
    written = LocalResult(dir=str(tmp_path), location="x").write(21)
    last = flow.get_tasks("double")[0]

    with prefect.context(flow_run_id=flow_run_id):
        state = CloudTaskRunner(task=last).run(
            upstream_states={
                Edge(number, last, key="x"): Success(result=LocalResult(str(tmp_path), location=written.location))
            }
        )

    assert state.result == 42


def test_a_run_that_is_not_there_is_told(backend):
    with prefect.context(flow_run_id="018f86c9-d443-7c3e-9d02-6f1b2a400000"), pytest.raises(ClientError):
        CloudTaskRunner(task=number).run()


def test_in_the_run_of_a_whole_flow_it_changes_nothing(execute, states_of):
    with Flow("f") as flow:
        double.map([1, 2])
    with set_temporary_config({"engine.task_runner.default_class": "prefect.engine.cloud.CloudTaskRunner"}):
        flow_run_id, state = execute(flow)

    assert state.is_successful()
    assert [kind for slug, kind in states_of(flow_run_id).items() if "double" in slug] == [
        "Mapped",
        "Success",
        "Success",
    ]
