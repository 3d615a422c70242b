"""The pause of garbage collection with which commands begin, and when it ends."""

from __future__ import annotations

import gc

import pytest

from prefect.agent.local import LocalAgent
from prefect.cli import garbage
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.liveness import record_failure
from prefect.registering import watching

FLOW = """
import gc
from prefect import Flow, Task
flow = Flow("etl", tasks=[Task(name="extract")])
print("collects garbage:", gc.isenabled())
"""


@pytest.fixture
def store(backend):
    """That of the configured backend, which the client reaches as well."""
    return backend


@pytest.fixture(autouse=True)
def paused():
    """As a process of the command begins."""
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_an_agent_collects_garbage(prefect, backend, monkeypatch):
    collects = []
    monkeypatch.setattr(LocalAgent, "start", lambda agent: collects.append(gc.isenabled()))

    assert prefect("agent", "local", "start").exit_code == 0
    assert collects == [True]


def test_who_sends_heartbeats_collects_garbage(prefect, backend, register):
    run, _ = create_flow_run(backend, flow_id=register("etl"))

    assert prefect("heartbeat", "flow-run", "--id", run["id"], "--num", "1").exit_code == 0
    assert gc.isenabled()


def test_who_watches_sources_collects_garbage(prefect, backend, register, monkeypatch, tmp_path):
    collects = []
    monkeypatch.setattr(watching, "changed_sources", lambda looks: collects.append(gc.isenabled()) or ())
    register("etl")  # which makes the project, too

    assert prefect("register", "--project", "demo", "--watch", "-p", str(tmp_path)).exit_code == 0
    assert collects == [True]


def test_who_watches_a_run_collects_garbage(prefect, backend, register, monkeypatch):
    collects = []

    def watch(flow_run_id, **options):
        collects.append(gc.isenabled())
        record_failure(backend, flow_run_id, "Enough.")
        return ()

    monkeypatch.setattr("prefect.backend.flow_run.watch_flow_run", watch)
    register("etl")

    assert prefect("run", "-n", "etl", "--watch").exit_code == 1
    assert collects == [True]


@pytest.mark.parametrize("command", [("register", "--project", "demo"), ("build",), ("run",)])
def test_garbage_of_flow_files_is_collected(prefect, backend, register, in_folder, command):
    register("other")
    (in_folder / "flow.py").write_text(FLOW)

    done = prefect(*command, "-p", "flow.py")

    assert done.exit_code == 0
    assert "collects garbage: True\n" in done.stdout


def test_a_short_command_leaves_its_garbage_to_the_end_of_the_process(monkeypatch):
    monkeypatch.setattr(garbage, "_is_paused", True)

    garbage.leave_garbage_behind()

    assert gc.get_freeze_count()


def test_what_code_of_the_user_leaves_is_looked_for_at_the_end_of_the_process(monkeypatch):
    monkeypatch.setattr(garbage, "_is_paused", True)
    garbage.collect_garbage_from_now_on()

    garbage.leave_garbage_behind()

    assert not gc.get_freeze_count()
