"""``prefect heartbeat``. Source: cli.md §14.2."""

from __future__ import annotations

import os

import pytest

from prefect import Client
from prefect.engine.state import Running, Success
from prefect.orchestration.flow_runs import create_flow_run
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture
def store(backend):
    """That of the configured backend, which the client reaches as well."""
    return backend


@pytest.fixture
def running(backend, register):
    """The id of a run that is running."""
    run, _ = create_flow_run(backend, flow_id=register("etl"))
    Client().set_flow_run_state(run["id"], Running())
    return run["id"]


@pytest.fixture(autouse=True)
def at_once():
    """No time between two heartbeats."""
    with set_temporary_config({"cloud.heartbeat_interval": 0}):
        yield


def test_a_heartbeat_is_sent_as_often_as_asked_for(prefect, running, backend, monkeypatch):
    sent = []
    monkeypatch.setattr(backend.runs, "heartbeat", sent.append)

    assert prefect("heartbeat", "flow-run", "--id", running, "--num", "3") == (0, "", "")
    assert sent == [running] * 3


def test_a_heartbeat_shows_that_a_run_is_being_executed(prefect, running, backend):
    os.utime(backend.layout.active(running), (0, 0))

    prefect("heartbeat", "flow-run", "-i", running, "-n", "1")

    assert backend.runs.last_heartbeat(running) > 0


def test_heartbeats_end_with_the_process_that_wanted_them(prefect, running, monkeypatch):
    parents = [1, 1, 1, 2]
    monkeypatch.setattr(os, "getppid", lambda: parents.pop(0) if len(parents) > 1 else parents[0])

    assert prefect("heartbeat", "flow-run", "-i", running).exit_code == 0


def test_heartbeats_end_with_the_run(prefect, running):
    Client().set_flow_run_state(running, Success())

    assert prefect("heartbeat", "flow-run", "-i", running).exit_code == 0


def test_what_cannot_be_sent_is_told_in_the_log_of_the_run(prefect, running, backend, monkeypatch):
    def refuse(id):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(backend.runs, "heartbeat", refuse)

    assert prefect("heartbeat", "flow-run", "-i", running, "-n", "1").exit_code == 0
    assert [(line["name"], line["level"], line["message"]) for line in backend.logs.read(running)] == [
        ("subprocess_heartbeat", "ERROR", "The heartbeat could not be sent: [Errno 5] Input/output error")
    ]


@pytest.mark.parametrize("id", ["018f86c9-d443-7c3e-9d02-6f1b2a400000", "no id"])
def test_a_run_that_is_not_there_gets_no_heartbeats(prefect, backend, id):
    assert prefect("heartbeat", "flow-run", "-i", id) == (
        3,
        "",
        f"Flow run {id} not found. List the runs with 'prefect get flow-runs'.\n",
    )


def test_heartbeats_of_a_run_that_is_deleted_end(prefect, running, backend, monkeypatch):
    monkeypatch.setattr(backend.runs, "heartbeat", backend.runs.delete)

    assert prefect("heartbeat", "flow-run", "-i", running).exit_code == 3


def test_a_run_has_to_be_named(prefect):
    done = prefect("heartbeat", "flow-run")

    assert done.exit_code == 2
    assert "Missing option '-i' / '--id'" in done.stderr


def test_an_interval_that_is_no_number_is_named(prefect, running):
    with set_temporary_config({"cloud.heartbeat_interval": "often"}):
        done = prefect("heartbeat", "flow-run", "-i", running, "-n", "1")

    assert done == (1, "", "cloud.heartbeat_interval is 'often'. Set it to a number of seconds.\n")
