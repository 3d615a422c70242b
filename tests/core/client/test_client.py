"""Projects, flow runs, limits: what people ask a client for. Source: backend.md §19.4; core.md §22.1."""

from __future__ import annotations

from datetime import datetime, timezone

import pendulum
import pytest

from prefect import Client, Flow, Parameter
from prefect.engine.state import Cancelled, Running, Scheduled
from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.run_configs import LocalRun
from prefect.utilities.configuration import set_temporary_config


def test_the_first_use_creates_no_project(backend):
    with pytest.raises(ValueError, match=r"^Project demo not found\. "):
        Client().delete_project("demo")


def test_creating_a_project_again_gives_its_id(backend):
    client = Client()

    first = client.create_project("demo", "what it is for")
    second = client.create_project("demo")

    assert first == second
    assert backend.documents("projects").named("demo")["description"] == "what it is for"


def test_a_project_without_a_name_is_refused(backend):
    with pytest.raises(ClientError, match=r"^A project needs a name"):
        Client().create_project("")


def test_a_deleted_project_is_gone(backend):
    client = Client()
    client.create_project("demo")

    assert client.delete_project("demo") is True
    assert backend.documents("projects").named("demo") is None


def test_deleting_needs_a_name(backend):
    with pytest.raises(TypeError, match=r"^'project_name' is a required field for deleting a project"):
        Client().delete_project(None)


# ---- flow runs -------------------------------------------------------------------------------------------------------


def test_the_published_example_creates_a_run(register):
    flow_id = register()

    flow_run_id = Client().create_flow_run(
        flow_id=flow_id,
        parameters={"x": 2},
        flow_run_name="my-run",
        scheduled_start_time=pendulum.now().add(minutes=10),
        idempotency_key="key",
    )

    info = Client().get_flow_run_info(flow_run_id)
    assert (info.name, info.parameters, info.flow_id) == ("my-run", {"x": 2}, flow_id)
    assert isinstance(info.state, Scheduled)
    assert 0 < (info.scheduled_start_time - pendulum.now()).total_seconds() <= 600


@pytest.mark.parametrize("name", ["run_name", "flow_run_name"])
def test_a_run_is_named_by_either_keyword(register, name):
    flow_run_id = Client().create_flow_run(flow_id=register(), **{name: "mine"})

    assert Client().get_flow_run_info(flow_run_id).name == "mine"


def test_both_keywords_for_the_name_are_too_many(backend):
    with pytest.raises(TypeError, match=r"^`run_name` and `flow_run_name` are the same\. Give one of them\.$"):
        Client().create_flow_run(flow_id="x", run_name="a", flow_run_name="b")


def test_a_run_needs_a_flow(backend):
    with pytest.raises(ValueError, match=r"^One of flow_id, flow_group_id or version_group_id must be provided\.$"):
        Client().create_flow_run()


def test_a_group_stands_for_its_newest_version(register, backend):
    register()
    newest = register()
    flow = backend.flows.get(newest)
    client = Client()

    of_flow_group = client.create_flow_run(flow_group_id=flow["flow_group_id"])
    of_version_group = client.create_flow_run(version_group_id=flow["version_group_id"])

    assert {client.get_flow_run_info(id).flow_id for id in (of_flow_group, of_version_group)} == {newest}


@pytest.mark.parametrize(
    "start",
    [
        pendulum.datetime(2030, 1, 1, 12, tz="Europe/Berlin"),
        datetime(2030, 1, 1, 11, tzinfo=timezone.utc),
        datetime(2030, 1, 1, 11),  # noqa: DTZ001 - it counts as UTC
        "2030-01-01T11:00:00",
    ],
)
def test_a_start_time_may_be_spelled_in_several_ways(register, start):
    flow_run_id = Client().create_flow_run(flow_id=register(), scheduled_start_time=start)

    assert Client().get_flow_run_info(flow_run_id).scheduled_start_time == pendulum.datetime(2030, 1, 1, 11)


def test_the_same_key_gives_the_same_run_and_no_key_a_new_one(register):
    client, flow_id = Client(), register()

    with_key = {client.create_flow_run(flow_id=flow_id, idempotency_key="k") for _ in range(2)}
    without = {client.create_flow_run(flow_id=flow_id) for _ in range(2)}

    assert (len(with_key), len(without)) == (1, 2)


@pytest.mark.parametrize("run_config", [LocalRun(env={"A": "b"}), LocalRun(env={"A": "b"}).serialize()])
def test_a_run_config_is_given_as_an_object_or_as_json(register, backend, run_config):
    flow_run_id = Client().create_flow_run(flow_id=register(), run_config=run_config)

    stored = backend.runs.get(flow_run_id)["run_config"]
    assert (stored["type"], stored["env"]) == ("LocalRun", {"A": "b"})


@pytest.mark.parametrize(
    ("run_config", "message"),
    [
        ("LocalRun", "'str' is no run config that can be written as a document. Use one of DockerRun, "),
        ({"type": "Nope"}, "The run config 'Nope' is of an unknown type. The known ones are DockerRun, "),
        ({"type": "LocalRun", "env": 3}, "The run config 'LocalRun' has 3 as its 'env', which has another type"),
    ],
)
def test_what_is_no_run_config_is_refused(register, backend, run_config, message):
    with pytest.raises(ClientError) as caught:
        Client().create_flow_run(flow_id=register(), run_config=run_config)

    assert str(caught.value).startswith(message)


def test_labels_replace_those_of_the_flow(register, backend):
    flow_run_id = Client().create_flow_run(flow_id=register(labels=["theirs"]), labels={"mine"})

    assert backend.runs.get(flow_run_id)["labels"] == ["mine"]


def test_an_unknown_parameter_is_refused(register):
    with pytest.raises(ClientError, match=r"^The flow 'etl' has no parameter 'y'\.$"):
        Client().create_flow_run(flow_id=register(), parameters={"y": 1})


def test_a_missing_parameter_is_refused(register):
    flow = Flow("needy", tasks=[Parameter("x")])

    with pytest.raises(ClientError, match=r"^Required parameters were not supplied: \{'x'\}\.$"):
        Client().create_flow_run(flow_id=register(flow))


def test_cancelling_a_waiting_run_ends_it(flow_run_id):
    client = Client()

    assert client.cancel_flow_run(flow_run_id) == "Cancelled"
    assert isinstance(client.get_flow_run_state(flow_run_id), Cancelled)


def test_cancelling_a_running_run_asks_its_process(flow_run_id):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())

    assert client.cancel_flow_run(flow_run_id) == "Cancelling"


def test_a_run_can_be_renamed(flow_run_id):
    assert Client().set_flow_run_name(flow_run_id, "new") is True
    assert Client().get_flow_run_info(flow_run_id).name == "new"


def test_an_unknown_run_is_not_found(backend):
    with pytest.raises(ObjectNotFoundError, match=r'^Flow run ID not found: "nope"\. '):
        Client().get_flow_run_info("nope")


# ---- limits, secrets -------------------------------------------------------------------------------------------------


def test_a_tag_has_no_limit_until_it_gets_one(backend):
    client = Client()

    assert client.get_task_tag_limit("db") is None
    client.update_task_tag_limit("db", 3)
    assert client.get_task_tag_limit("db") == 3


def test_a_limit_is_not_negative(backend):
    with pytest.raises(ValueError, match=r"^Concurrency limits must be >= 0$"):
        Client().update_task_tag_limit("db", -1)


def test_a_limit_is_deleted_once(backend):
    client = Client()
    client.update_task_tag_limit("db", 3)
    limit_id = backend.documents("tag-limits").named("db")["id"]

    client.delete_task_tag_limit(limit_id)

    assert client.get_task_tag_limit("db") is None
    with pytest.raises(ValueError, match=r"^There is no limit with the id "):
        client.delete_task_tag_limit(limit_id)


def test_secrets_are_not_kept():
    with pytest.raises(ClientError, match=r"^The secret 'TOKEN' cannot be kept, .*PREFECT__CONTEXT__SECRETS__TOKEN"):
        Client().set_secret("TOKEN", "x")


def test_another_home_is_another_backend(backend, tmp_path):
    Client().create_project("demo")

    with set_temporary_config({"home_dir": str(tmp_path / "other")}), pytest.raises(ValueError):
        Client().delete_project("demo")
