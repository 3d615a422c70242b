"""What a process that executes runs tells the backend. Source: backend.md §19.4."""

from __future__ import annotations

import multiprocessing
import os
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone

import pytest

from prefect import Client, Flow, Task
from prefect.client.run_process import HandOverTimedOut
from prefect.engine.state import Cached, Cancelled, Failed, Mapped, Pending, Queued, Running, Scheduled, Success
from prefect.exceptions import ClientError, ObjectNotFoundError, VersionLockMismatchSignal
from prefect.orchestration import flow_groups
from prefect.orchestration.processes import process_identity
from prefect.orchestration.queue import claim

LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)
EXECUTED_ELSEWHERE = r"^Another process on this machine executes the flow run"


def test_a_run_is_described_with_its_tasks_and_project(register, flow_run_id):
    info = Client().get_flow_run_info(flow_run_id)

    assert (info.project.name, info.version, info.context) == ("demo", 1, {})
    assert [(run.task_slug, run.version, run.state) for run in info.task_runs] == [
        ("extract-1", 1, Pending("Task run created")),
        ("x", 1, Pending("Task run created")),
    ]


def test_states_are_set_and_read_as_objects(flow_run_id):
    client = Client()
    state = Failed("it broke")

    assert client.set_flow_run_state(flow_run_id, state) is state
    assert client.get_flow_run_state(flow_run_id) == Failed("it broke")
    assert client.get_flow_run_state(flow_run_id).message == "it broke"


def test_the_state_of_an_unknown_run_is_not_found(backend):
    with pytest.raises(ObjectNotFoundError, match=r"^Flow run nope not found"):
        Client().get_flow_run_state("nope")


def test_a_version_counts_only_where_the_flow_group_wants_that(flow_run_id, backend):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running(), version=17)
    flow_groups.set_version_locking_enabled(backend, client.get_flow_run_info(flow_run_id).flow_id, True)

    with pytest.raises(VersionLockMismatchSignal):
        client.set_flow_run_state(flow_run_id, Running(), version=17)


def test_a_run_that_has_to_wait_gets_a_queued_state(register, backend):
    from prefect.orchestration.limits import update_flow_concurrency_limit

    update_flow_concurrency_limit(backend, "db", 1)
    client, flow_id = Client(), register()
    first, second = (client.create_flow_run(flow_id=flow_id, labels=["db"]) for _ in range(2))
    client.set_flow_run_state(first, Running())

    state = client.set_flow_run_state(second, Running())

    assert isinstance(state, Queued)
    assert isinstance(state.state, Scheduled)


def test_mapped_children_are_made_known_when_they_are_asked_for(flow_run_id):
    client = Client()
    task_id = client.get_flow_run_info(flow_run_id).task_runs[0].task_id

    first = client.get_task_run_info(flow_run_id, task_id, map_index=0)
    again = client.get_task_run_info(flow_run_id, task_id, map_index=0)

    assert first == again
    assert (first.task_id, first.task_slug, first.version) == (task_id, "extract-1", 1)


def test_all_task_runs_are_listed_with_their_numbers(flow_run_id):
    client = Client()
    parent = client.get_flow_run_info(flow_run_id).task_runs[0]
    client.set_flow_run_state(flow_run_id, Running())
    client.set_task_run_state(parent.id, Mapped(n_map_states=1))
    child = client.get_task_run_info(flow_run_id, parent.task_id, map_index=0)
    client.set_task_run_state(child.id, Success())

    runs = client.get_task_runs(flow_run_id)

    assert [(run.task_slug, run.map_index, type(run.state)) for run in runs] == [
        ("extract-1", -1, Mapped),
        ("x", -1, Pending),
        ("extract-1", 0, Success),
    ]


def test_a_task_run_is_not_running_before_its_flow_run_is(flow_run_id):
    client = Client()
    task_run_id = client.get_flow_run_info(flow_run_id).task_runs[0].id

    with pytest.raises(ClientError, match="is not in a running state"):
        client.set_task_run_state(task_run_id, Running())


def test_a_task_run_can_be_named(flow_run_id, backend):
    client = Client()
    task_run_id = client.get_flow_run_info(flow_run_id).task_runs[0].id

    assert client.set_task_run_name(task_run_id, "monday") is True
    assert backend.members.get(task_run_id)["name"] == "monday"


def test_cached_states_are_found_by_key(register):
    task = Task(name="slow", cache_key="shared", cache_for=timedelta(hours=1))
    client = Client()
    flow_run_id = client.create_flow_run(flow_id=register(Flow("cached", tasks=[task])))
    task_run = client.get_flow_run_info(flow_run_id).task_runs[0]
    client.set_task_run_state(task_run.id, Cached("kept"))

    found = client.get_latest_cached_states(task_run.task_id, "shared", LONG_AGO)

    assert [state.message for state in found] == ["kept"]
    assert client.get_latest_cached_states(task_run.task_id, "other", LONG_AGO) == []


def test_log_lines_are_appended(flow_run_id, backend):
    Client().write_run_logs([{"flow_run_id": flow_run_id, "message": "hello", "name": "me", "level": "ERROR"}])

    assert [(line["message"], line["level"]) for line in backend.logs.read(flow_run_id)] == [("hello", "ERROR")]


def test_the_same_agent_has_the_same_id(backend):
    client = Client()

    assert client.register_agent("LocalAgent", "mine", ["a"]) == client.register_agent("LocalAgent", "mine", ["a"])


def test_the_settings_of_agents_are_found_by_id(backend):
    from prefect.orchestration.agents import create_agent_config

    config_id = create_agent_config(backend, "mine", {"level": "DEBUG"})

    assert Client().get_agent_config(config_id) == {"level": "DEBUG"}


def test_artifacts_are_created_changed_and_deleted(flow_run_id, backend):
    client = Client()
    task_run_id = client.get_flow_run_info(flow_run_id).task_runs[0].id

    artifact_id = client.create_task_run_artifact(task_run_id, "link", {"link": "a"})
    client.update_task_run_artifact(artifact_id, {"link": "b"})
    data = backend.members.get(artifact_id)["data"]
    client.delete_task_run_artifact(artifact_id)

    assert data == {"link": "b"}
    assert [record for record in backend.members.all(flow_run_id).values() if "data" in record] == []


@pytest.mark.parametrize("method", ["update_task_run_artifact", "delete_task_run_artifact"])
def test_an_artifact_needs_an_id(backend, method):
    with pytest.raises(ValueError, match=r"^The ID of an existing task run artifact must be provided\.$"):
        getattr(Client(), method)(None, *([{}] if method.startswith("update") else []))


# ---- executing -------------------------------------------------------------------------------------------------------


def test_whoever_executes_a_run_is_recorded_with_it(flow_run_id, backend):
    client = Client()
    with client.executing(flow_run_id):
        client.set_flow_run_state(flow_run_id, Running())
        is_held = backend.runs.is_held(flow_run_id)

    assert is_held
    assert backend.runs.get(flow_run_id)["process"]["pid"] == os.getpid()


def test_a_run_that_was_cancelled_meanwhile_does_not_begin(flow_run_id):
    client = Client()
    with client.executing(flow_run_id):
        client.cancel_flow_run(flow_run_id)
        with pytest.raises(VersionLockMismatchSignal):
            client.set_flow_run_state(flow_run_id, Running())

    assert isinstance(client.get_flow_run_state(flow_run_id), Cancelled)


def _try_to_execute(flow_run_id, home, answers):
    from prefect.utilities.configuration import set_temporary_config

    with set_temporary_config({"home_dir": home, "store.durability": "process"}):
        try:
            with Client().executing(flow_run_id):
                answers.put("executes")
        except ClientError as error:
            answers.put(str(error))


def test_only_one_process_executes_a_run(flow_run_id, tmp_path):
    spawning = multiprocessing.get_context("fork")
    answers = spawning.Queue()
    with Client().executing(flow_run_id):
        other = spawning.Process(target=_try_to_execute, args=(flow_run_id, str(tmp_path / "home"), answers))
        other.start()
        answer = answers.get(timeout=60)
        other.join()

    assert answer.startswith(f"Another process on this machine executes the flow run {flow_run_id}.")


@pytest.fixture
def leaving(flow_run_id, backend, monkeypatch):
    """Id of a run that its process has left, and still holds until somebody waits for that to end."""
    client = Client()
    with client.executing(flow_run_id):
        client.set_flow_run_state(flow_run_id, Running())
        client.set_task_run_state(client.get_flow_run_info(flow_run_id).task_runs[0].id, Scheduled(start_time=LONG_AGO))
        client.leave_flow_run(flow_run_id)
    with ExitStack() as held:
        held.enter_context(backend.runs.hold(flow_run_id))
        monkeypatch.setattr(backend.system, "sleep", lambda seconds: held.close())
        yield flow_run_id


def test_who_goes_on_with_a_run_waits_until_the_process_before_has_gone(leaving, backend):
    with Client().executing(leaving):
        assert backend.runs.is_held(leaving)


def test_nobody_waits_for_ever_for_a_process_that_has_left_a_run_and_hangs(leaving, backend, monkeypatch):
    slept = []
    monkeypatch.setattr(backend.system, "sleep", slept.append)
    monkeypatch.setattr(backend.system, "monotonic", lambda: sum(slept))

    with pytest.raises(HandOverTimedOut) as caught:
        Client().executing(leaving).__enter__()

    assert sum(slept) == pytest.approx(600, abs=0.1)
    assert str(caught.value) == (
        f"The process that has left the flow run {leaving} has not ended for 600 s, so no other can go on with it."
        f" Find it with 'fuser {backend.layout.active(leaving)}', end it, and run the flow again."
    )


@pytest.mark.parametrize("pid", [os.getpid(), os.getppid()], ids=["handed over", "not handed over yet"])
def test_a_process_of_an_agent_waits_until_the_process_before_has_gone(leaving, backend, pid):
    assert claim(backend, None, None, process=process_identity(pid))

    with Client().executing(leaving):
        assert backend.runs.is_held(leaving)


def test_a_process_that_a_run_was_not_left_to_does_not_wait(leaving, backend):
    assert claim(backend, None, None, process=process_identity(1))

    with pytest.raises(ClientError, match=EXECUTED_ELSEWHERE):
        Client().executing(leaving).__enter__()


def test_a_process_does_not_wait_for_the_one_that_has_started_it_and_executes_the_run(flow_run_id, backend):
    Client().set_flow_run_state(flow_run_id, Running())
    backend.runs.update(flow_run_id, {"process": process_identity(os.getppid())})

    with backend.runs.hold(flow_run_id), pytest.raises(ClientError, match=EXECUTED_ELSEWHERE):
        Client().executing(flow_run_id).__enter__()


def test_a_process_does_not_wait_for_itself(leaving):
    with Client().executing(leaving), pytest.raises(ClientError, match=EXECUTED_ELSEWHERE):
        Client().executing(leaving).__enter__()


def test_a_run_is_due_until_it_is_picked_up(flow_run_id, backend):
    client = Client()

    assert client.due_time(flow_run_id).isoformat(timespec="microseconds") == backend.runs.get(flow_run_id)["due"]
    client.set_flow_run_state(flow_run_id, Running())
    assert client.due_time(flow_run_id) is None


def test_a_run_that_is_left_is_due_when_its_first_task_is(flow_run_id):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())
    later = datetime(2100, 1, 1, tzinfo=timezone.utc)
    task_run_id = client.get_flow_run_info(flow_run_id).task_runs[0].id
    with client.executing(flow_run_id):
        client.set_task_run_state(task_run_id, Scheduled(start_time=later))

    client.leave_flow_run(flow_run_id)

    assert client.due_time(flow_run_id) == later


def test_heartbeats_are_wanted_unless_the_group_says_otherwise(flow_run_id, backend):
    client = Client()
    flow_id = client.get_flow_run_info(flow_run_id).flow_id

    assert client.heartbeat_is_enabled(flow_id) is True
    flow_groups.set_heartbeat_enabled(backend, flow_id, False)
    assert client.heartbeat_is_enabled(flow_id) is False


def test_a_heartbeat_is_noted(flow_run_id, backend):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())

    client.update_flow_run_heartbeat(flow_run_id)

    assert backend.runs.last_heartbeat(flow_run_id) is not None
