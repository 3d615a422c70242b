"""Registering flows through the client. Source: backend.md §19.5, §22.2; core.md §2.9; DESIGN decisions 11, 14."""

from __future__ import annotations

import platform
from datetime import timedelta

import pytest

import prefect
from prefect import Client, Flow, Parameter, Task, task
from prefect.exceptions import ClientError
from prefect.schedules import IntervalSchedule, Schedule
from prefect.schedules.clocks import IntervalClock


def etl(**options):
    with Flow("etl", **options) as flow:
        Task(name="extract")(upstream_tasks=[Parameter("x", default=1)])
    return flow


@pytest.fixture(autouse=True)
def project(backend):
    return Client().create_project("demo")


def test_a_registered_flow_is_version_one_of_its_group(backend):
    flow_id = etl().register("demo", no_url=True)

    flow = backend.flows.get(flow_id)
    assert (flow["name"], flow["version"], flow["archived"]) == ("etl", 1, False)
    assert flow["parameters"][0]["name"] == "x"


def test_it_says_where_the_flow_can_be_seen(backend, capsys):
    flow_id = etl().register("demo", labels=["b", "a"], add_default_labels=False)

    group_id = backend.flows.get(flow_id)["flow_group_id"]
    assert capsys.readouterr().out == (
        f"Flow URL: http://localhost:8080/default/flow/{group_id}\n"
        f" └── ID: {flow_id}\n"
        " └── Project: demo\n"
        " └── Labels: ['a', 'b']\n"
    )


def test_it_says_nothing_when_asked_to(capsys):
    etl().register("demo", no_url=True)

    assert capsys.readouterr().out == ""


def test_a_flow_gets_storage_run_config_labels_and_result():
    flow = etl()

    flow.register("demo", labels=["mine"], no_url=True)

    assert (type(flow.storage).__name__, type(flow.run_config).__name__) == ("Local", "UniversalRun")
    assert flow.run_config.labels == {"mine", platform.node()}
    assert flow.result is flow.storage.result


def test_registering_again_makes_a_new_version_and_archives_the_old_one(backend):
    first = etl().register("demo", no_url=True)
    second = etl().register("demo", no_url=True)

    assert backend.flows.get(first)["archived"] is True
    assert backend.flows.get(second)["version"] == 2


def test_the_same_key_makes_no_new_version():
    flow = etl()

    ids = {flow.register("demo", no_url=True, idempotency_key="k", build=False) for _ in range(2)}

    assert len(ids) == 1


def test_a_group_is_chosen_by_its_version_group_id(backend):
    flow_id = etl().register("demo", no_url=True, version_group_id="mine")

    assert backend.flows.get(flow_id)["version_group_id"] == "mine"


def test_where_the_flow_comes_from_is_recorded(backend):
    flow_id = etl().register("demo", no_url=True)

    source = backend.flows.get(flow_id)["source"]
    assert source.keys() == {"path", "sha256", "host", "python", "package"}
    assert (source["host"], source["package"]) == (platform.node(), prefect.__version__)


def test_a_project_has_to_be_named():
    with pytest.raises(TypeError, match=r"^'project_name' is a required field when registering a flow\.$"):
        etl().register(no_url=True)


def test_an_unknown_project_is_an_error_that_says_how_to_create_it():
    with pytest.raises(ValueError) as caught:
        etl().register("nope", no_url=True)

    assert str(caught.value) == "Project nope not found. Run `prefect create project 'nope'` to create it."


def test_a_schedule_has_to_give_required_parameters():
    flow = Flow("scheduled", tasks=[Parameter("x")], schedule=IntervalSchedule(interval=timedelta(hours=1)))

    with pytest.raises(ClientError, match=r"^Flows with required parameters can not be scheduled automatically: "):
        flow.register("demo", no_url=True)


def test_a_schedule_that_gives_required_parameters_is_active(backend):
    clock = IntervalClock(interval=timedelta(hours=1), parameter_defaults={"x": 1})
    flow = Flow("scheduled", tasks=[Parameter("x")], schedule=Schedule(clocks=[clock]))

    flow_id = flow.register("demo", no_url=True)

    assert backend.flows.get(flow_id)["is_schedule_active"] is True
    assert len(list(backend.runs.newest())) == 10


def test_a_schedule_can_be_left_inactive(backend):
    flow = etl(schedule=IntervalSchedule(interval=timedelta(hours=1)))

    flow_id = flow.register("demo", no_url=True, set_schedule_active=False)

    assert backend.flows.get(flow_id)["is_schedule_active"] is False


def test_values_that_go_from_task_to_task_want_a_result():
    @task
    def add(x):
        return x

    with Flow("no result") as flow:
        add(add(1))

    with pytest.warns(UserWarning, match=r"^The flow 'no result' hands values from task to task and has no result"):
        Client().register(flow, "demo", build=False, no_url=True)


def test_a_flow_can_be_registered_without_storing_its_code(backend):
    flow_id = Client().register(etl(), "demo", build=False, no_url=True)

    assert backend.flows.get(flow_id)["storage"] is None
