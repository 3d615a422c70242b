"""What a backend is told of a run. Source: core.md §22; backend.md §10."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prefect import Client, Flow, task
from prefect.backend.recorder import RunRecorder
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Cached, Cancelled, Cancelling, ClientFailed, Failed, Mapped, Running, Success
from prefect.engine.state import Pending as New
from prefect.tasks.core.constants import Constant


@task(cache_for=timedelta(hours=1), cache_key="shared")
def number(x):
    return x


@pytest.fixture
def flow():
    with Flow("f") as flow:
        number.map([1, 2])
    return flow


@pytest.fixture
def recorder(flow, create_run):
    """Tells of a run of the flow, which this process executes."""
    flow_run_id = create_run(flow)
    client = Client()
    info = client.get_flow_run_info(flow_run_id)
    with client.executing(flow_run_id):
        recorder = RunRecorder(client, info, flow.slugs, client.get_task_runs(flow_run_id), info.state)
        recorder.flow_state_changed(flow, info.state, Running())
        yield recorder


def of(flow):
    return flow.get_tasks("number")[0]


def test_what_is_reported_last_is_remembered(recorder, flow):
    done = Success()
    recorder.flow_state_changed(flow, Running(), done)

    assert recorder.flow_state is done


def test_constants_are_reported_once(recorder, states_of, flow, backend):
    recorder.report_constants()
    (id,) = backend.members.all(next(backend.runs.newest())["id"])

    assert recorder._slugs[next(each for each in flow.tasks if isinstance(each, Constant))] == "[1, 2]-1"
    assert backend.members.get(id)["state"]["message"] == "Constant value."


def test_a_mapped_child_is_made_known_when_it_begins(recorder, flow, states_of, backend):
    recorder.task_state_changed(of(flow), None, New(), Mapped(map_states=[New(), New()]))
    ids = [recorder.task_run_begins(of(flow), index)["task_run_id"] for index in (0, 1, 0)]

    assert ids[0] == ids[2] != ids[1]
    assert backend.members.get(ids[1])["map_index"] == 1


def test_a_state_that_is_kept_by_the_backend_is_the_one_to_go_on_with(recorder, flow):
    state = Running()

    assert recorder.task_state_changed(of(flow), None, New(), state) is state


def test_a_run_that_is_being_cancelled_does_not_become_running(recorder, flow):
    Client().cancel_flow_run(Client().get_flow_run_info(recorder._flow_run_id).id)

    with pytest.raises(ENDRUN) as end:
        recorder.flow_state_changed(flow, New(), Running())
    assert isinstance(end.value.state, Cancelling)


def test_the_backend_out_of_reach_ends_a_task_as_client_failed(recorder, flow, backend, monkeypatch):
    def refuse(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backend.members, "update", refuse)
    done = Success()

    with pytest.raises(ENDRUN) as end:
        recorder.task_state_changed(of(flow), None, New(), done)
    assert isinstance(end.value.state, ClientFailed)
    assert end.value.state.state is done
    assert recorder.task_state_changed(of(flow), None, New(), end.value.state) is None


def test_the_backend_out_of_reach_ends_a_flow_run_with_the_state_at_hand(recorder, flow, backend, monkeypatch):
    def refuse(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backend.runs, "update", refuse)
    failed = Failed()

    with pytest.raises(ENDRUN) as end:
        recorder.flow_state_changed(flow, Running(), failed)
    assert end.value.state is failed


def test_nothing_but_cancellation_is_reported_after_the_end(recorder, flow, backend):
    recorder.end()
    before = backend.members.all(recorder._flow_run_id)

    with pytest.raises(ENDRUN) as task_end:
        recorder.task_state_changed(of(flow), None, New(), Running())
    with pytest.raises(ENDRUN) as flow_end:
        recorder.flow_state_changed(flow, Running(), Success())

    assert task_end.value.state == flow_end.value.state == Cancelled("Flow run is cancelled")
    assert recorder.task_state_changed(of(flow), None, New(), Cancelled()) is None
    assert backend.members.all(recorder._flow_run_id) == before


def test_cached_states_of_earlier_runs_are_found(recorder, flow):
    expiring = Cached("kept", cached_result_expiration=None)
    recorder.task_state_changed(of(flow), None, New(), expiring)

    assert [state.message for state in recorder.cached_states(of(flow))] == ["kept"]


def test_a_task_without_cache_finds_none(recorder, flow):
    assert recorder.cached_states(next(each for each in flow.tasks if isinstance(each, Constant))) == ()
