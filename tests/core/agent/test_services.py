"""What happens now and then for a store. Source: backend.md §1, §12, §13."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest

from prefect import Client, Flow
from prefect.agent.services import Services
from prefect.orchestration.processes import process_identity
from prefect.orchestration.states import set_flow_run_state
from prefect.schedules import IntervalSchedule


@pytest.fixture
def services(backend, monkeypatch):
    """Services that look a hundred times a second."""
    monkeypatch.setattr("prefect.agent.services._TICK_SECONDS", 0.01)
    started = []

    def start():
        started.append(Services(backend, logging.getLogger("prefect.test")))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


def wait_until(condition):
    waited = threading.Event()
    for _ in range(3000):
        if condition():
            return
        waited.wait(0.01)
    raise AssertionError("waited in vain")


def test_schedules_get_their_next_runs(services, register, backend):
    register(Flow("s", schedule=IntervalSchedule(interval=timedelta(hours=1))))
    for run in list(backend.runs.newest()):
        backend.runs.delete(run["id"])

    services()

    wait_until(lambda: len(list(backend.runs.newest())) == 10)


def test_a_run_whose_process_is_gone_fails(services, flow_run_id, backend):
    gone = {**process_identity(), "pid": 4194304, "started": 1}  # the kernel gives no process such a number
    set_flow_run_state(backend, flow_run_id, {"type": "Running"}, process=gone)

    services()

    wait_until(lambda: Client().get_flow_run_state(flow_run_id).is_failed())


def test_one_process_at_a_time_does_it(services, backend, register, monkeypatch):
    with backend.lease("services") as is_ours:
        it = services()
        it.stop()

    assert (is_ours, it._due) == (True, {})


def test_a_service_that_fails_is_told_and_the_others_go_on(services, monkeypatch, caplog, backend):
    done = threading.Event()

    def fails(*args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("prefect.orchestration.scheduler.schedule_all", fails)
    monkeypatch.setattr("prefect.orchestration.liveness.record_dead_runs", lambda store: done.set())
    services()

    assert done.wait(30)
    assert "The service for schedules failed; it is tried again in 5 s." in caplog.text


def test_a_lease_that_cannot_be_had_is_told_and_tried_again(services, monkeypatch, caplog, backend):
    done = threading.Event()
    lease = backend.lease
    failures = [OSError(5, "Input/output error")]

    def asked(name):
        if failures:
            raise failures.pop()
        done.set()
        return lease(name)

    monkeypatch.setattr(backend, "lease", asked)
    services()

    assert done.wait(30)
    assert "The services of the store could not be run; they are tried again." in caplog.text
