"""``prefect run`` of registered flows: looked up, created, described. Source: cli.md §3.4, §3.7 - §3.9."""

from __future__ import annotations

import pytest

from prefect import Flow, Parameter
from prefect.orchestration.flow_runs import list_flow_runs
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow


@pytest.fixture
def store(backend):
    """That of the configured backend, which the client reaches as well."""
    return backend


@pytest.fixture
def only_run(store):
    """Returns the one run there is."""

    def only():
        [run] = list_flow_runs(store)
        return run

    return only


def register_with_parameter(store):
    with Flow("greet") as flow:
        flow.add_task(Parameter("name", default="world"))
    register_flow(store, flow.serialize(), create_project(store, "demo"))


def test_a_run_is_created_and_described(prefect, register, only_run):
    register("etl")

    done = prefect("run", "-n", "etl", "--run-name", "first", "--label", "a", "--context", "k=1")

    run = only_run()
    assert done == (
        0,
        f"""\
Looking up flow metadata... Done
Creating run for flow 'etl'... Done
└── Name: first
└── UUID: {run["id"]}
└── Labels: ['a']
└── Parameters: {{}}
└── Context: {{'k': 1}}
└── URL: http://localhost:8080/default/flow-run/{run["id"]}
""",
        "",
    )
    assert run["state"]["type"] == "Scheduled"


def test_a_quiet_run_is_its_id(prefect, register, only_run):
    register("etl")

    done = prefect("run", "-n", "etl", "-q")

    assert done == (0, f"{only_run()['id']}\n", "")


def test_a_flow_can_be_named_by_its_id(prefect, register, only_run):
    flow_id = register("etl")

    prefect("run", "--id", flow_id, "-q")

    assert only_run()["flow_id"] == flow_id


def test_what_a_run_gets_by_default_is_shown(prefect, store):
    register_with_parameter(store)

    assert "└── Parameters: {'name': 'world'}\n" in prefect("run", "-n", "greet").stdout


def test_an_unknown_parameter_is_refused_before_there_is_a_run(prefect, store):
    register_with_parameter(store)

    done = prefect("run", "-n", "greet", "--param", "nmae=x")

    assert (done.exit_code, done.stdout) == (
        1,
        "Looking up flow metadata... Done\nCreating run for flow 'greet'... Error\n",
    )
    assert "'nmae'" in done.stderr
    assert list(list_flow_runs(store)) == []


def test_an_unknown_name_gets_a_suggestion(prefect, register):
    register("etl")

    assert prefect("run", "-n", "elt") == (
        3,
        "Looking up flow metadata... Error\n",
        "No results found while querying for flows where {'name': 'elt', 'archived': False}\nDid you mean 'etl'?\n",
    )


@pytest.mark.parametrize("options", [("-n", "etl"), ("-n", "etl", "--project", "demo"), ("--id", "etl")])
def test_where_nothing_is_registered_it_is_said_how_to_register(prefect, store, options):
    done = prefect("run", *options)

    assert done.exit_code == 3
    assert done.stderr.splitlines()[-1] == (
        "No flow is registered yet. Register one with 'prefect register --project NAME -p FILE'."
    )


def test_a_second_run_with_an_idempotency_key_is_the_first_one(prefect, register, only_run):
    register("etl")
    prefect("run", "-n", "etl", "--idempotency-key", "today", "--run-name", "first")

    again = prefect("run", "-n", "etl", "--idempotency-key", "today", "--run-name", "second")

    assert again == (
        0,
        f"""\
Looking up flow metadata... Done
Creating run for flow 'etl'... Done
There is a flow run with the idempotency key 'today' already. It stays as it was created:
└── Name: first
└── UUID: {only_run()["id"]}
└── Labels: []
└── Parameters: {{}}
└── Context: {{}}
└── URL: http://localhost:8080/default/flow-run/{only_run()["id"]}
""",
        "",
    )


def test_a_log_level_changes_nothing_but_the_level(prefect, store, only_run):
    with Flow("etl") as flow:
        flow.add_task(Parameter("x", default=1))
    serialized = {**flow.serialize(), "run_config": {"type": "LocalRun", "labels": ["a"], "env": {"A": "1"}}}
    register_flow(store, serialized, create_project(store, "demo"))

    prefect("run", "-n", "etl", "--log-level", "debug")

    run = only_run()
    assert run["labels"] == ["a"]
    assert run["run_config"]["type"] == "LocalRun"
    assert run["run_config"]["env"] == {"A": "1", "PREFECT__LOGGING__LEVEL": "DEBUG"}
