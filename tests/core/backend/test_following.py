"""What happens to a run, as it happens. Source: store.md §7.4; DESIGN §3 steps 5 and 6."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prefect import Client
from prefect.backend.following import FlowRunEvent, LogEvent, TaskRunEvent, follow_flow_run, looks
from prefect.engine.state import Failed, Mapped, Running, Success
from prefect.exceptions import ObjectNotFoundError
from prefect.orchestration import flow_runs
from prefect.orchestration.processes import process_identity
from prefect.orchestration.states import set_flow_run_state


class Time:
    """A clock that only goes on while somebody sleeps, and what is to happen then."""

    def __init__(self, *steps):
        self.seconds = 0.0
        self.steps = list(steps)

    def __call__(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += seconds
        if self.steps:
            self.steps.pop(0)()


def kinds(events):
    return [
        (type(event).__name__, event.state["type"] if hasattr(event, "state") else event.message) for event in events
    ]


def log(flow_run_id, message, **fields):
    Client().write_run_logs([{"flow_run_id": flow_run_id, "message": message, **fields}])


def test_all_that_has_happened_comes_first_in_the_order_of_its_times(flow_run_id):
    client = Client()
    task_run = client.get_flow_run_info(flow_run_id).task_runs[0]
    client.set_flow_run_state(flow_run_id, Running())
    log(flow_run_id, "hello")
    client.set_task_run_state(task_run.id, Success())
    client.set_flow_run_state(flow_run_id, Success())

    events = list(follow_flow_run(flow_run_id))

    assert kinds(events) == [
        ("FlowRunEvent", "Scheduled"),
        ("FlowRunEvent", "Running"),
        ("LogEvent", "hello"),
        ("TaskRunEvent", "Success"),
        ("FlowRunEvent", "Success"),
    ]


def test_what_happens_later_comes_when_it_happens(flow_run_id):
    client = Client()
    time = Time(
        lambda: client.set_flow_run_state(flow_run_id, Running()),
        lambda: log(flow_run_id, "hello"),
        lambda: None,
        lambda: client.set_flow_run_state(flow_run_id, Failed()),
    )

    seen = [kinds(look.events) for look in looks(flow_run_id, sleep=time.sleep, clock=time)]

    assert seen == [
        [("FlowRunEvent", "Scheduled")],
        [("FlowRunEvent", "Running")],
        [("LogEvent", "hello")],
        [],
        [("FlowRunEvent", "Failed")],
    ]
    assert time.seconds == pytest.approx(0.2)


def test_what_happens_during_a_look_comes_with_the_next_one(flow_run_id):
    """What led to it may stand in a file that was read before. A time to come has the same effect."""
    time = Time(
        lambda: log(flow_run_id, "hello", timestamp="2999-12-31T00:00:00+00:00"),
        lambda: None,
        lambda: Client().set_flow_run_state(flow_run_id, Success()),
    )

    seen = [kinds(look.events) for look in looks(flow_run_id, sleep=time.sleep, clock=time)]

    assert seen == [
        [("FlowRunEvent", "Scheduled")],
        [],
        [("LogEvent", "hello")],
        [("FlowRunEvent", "Success")],
    ]


def test_events_say_all_that_is_needed_to_show_them(flow_run_id):
    client = Client()
    client.set_flow_run_state(flow_run_id, Running("go"))
    task_run = client.get_flow_run_info(flow_run_id).task_runs[0]
    client.set_task_run_state(task_run.id, Mapped(n_map_states=1))
    child = client.get_task_run_info(flow_run_id, task_run.task_id, map_index=0)
    log(flow_run_id, "hello", name="me", level="ERROR", task_run_id=child.id, timestamp="2024-05-17T12:00:00+00:00")
    client.set_flow_run_state(flow_run_id, Success())

    events = list(follow_flow_run(flow_run_id))

    assert LogEvent("2024-05-17T12:00:00.000000+00:00", "ERROR", "me", "hello", child.id) in events
    assert [
        (event.task_slug, event.map_index, event.task_run_id, event.state["type"])
        for event in events
        if isinstance(event, TaskRunEvent)
    ] == [("extract-1", -1, task_run.id, "Mapped"), ("extract-1", 0, child.id, "Pending")]
    assert [event.state["message"] for event in events if isinstance(event, FlowRunEvent)][:2] == [
        "Flow run scheduled.",
        "go",
    ]


def test_a_new_name_is_no_event(flow_run_id):
    client = Client()
    task_run = client.get_flow_run_info(flow_run_id).task_runs[0]
    client.set_task_run_state(task_run.id, Success())
    client.set_task_run_name(task_run.id, "named")
    client.set_flow_run_name(flow_run_id, "named")
    client.set_flow_run_state(flow_run_id, Success())

    assert [kind for kind, _ in kinds(follow_flow_run(flow_run_id))] == ["FlowRunEvent", "TaskRunEvent", "FlowRunEvent"]


def test_artifacts_are_no_events(flow_run_id):
    client = Client()
    task_run = client.get_flow_run_info(flow_run_id).task_runs[0]
    artifact_id = client.create_task_run_artifact(task_run.id, "link", {"link": "a"})
    client.delete_task_run_artifact(artifact_id)
    client.set_flow_run_state(flow_run_id, Success())

    assert [kind for kind, _ in kinds(follow_flow_run(flow_run_id))] == ["FlowRunEvent", "FlowRunEvent"]


def test_a_run_that_is_started_again_goes_on(flow_run_id):
    from prefect.engine.state import Scheduled

    client = Client()
    client.set_flow_run_state(flow_run_id, Failed())
    client.set_flow_run_state(flow_run_id, Scheduled())
    time = Time(lambda: client.set_flow_run_state(flow_run_id, Success()))

    seen = [kind for look in looks(flow_run_id, sleep=time.sleep, clock=time) for _, kind in kinds(look.events)]

    assert seen == ["Scheduled", "Failed", "Scheduled", "Success"]


def dead_process():
    """The identity of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = process_identity(process.pid)
    process.communicate(b"\n")
    return identity


def test_a_run_whose_process_is_gone_ends(flow_run_id, backend):
    set_flow_run_state(backend, flow_run_id, {"type": "Running"}, process=dead_process())

    states = [event.state for event in follow_flow_run(flow_run_id) if isinstance(event, FlowRunEvent)]

    assert [state["type"] for state in states] == ["Scheduled", "Running", "Failed"]
    assert "ended without a word" in states[-1]["message"]


def test_a_process_that_goes_while_its_run_is_followed_is_noticed_within_a_second(flow_run_id, backend):
    def begin():
        set_flow_run_state(backend, flow_run_id, {"type": "Running"}, process=dead_process())

    time = Time(begin)

    *_, last = looks(flow_run_id, sleep=time.sleep, clock=time)

    assert last.run["state"]["type"] == "Failed"
    assert 1.0 <= time.seconds <= 1.1


def test_a_run_that_does_not_exist_cannot_be_followed(backend):
    with pytest.raises(ObjectNotFoundError, match=r"^Flow run nope not found; it may have been deleted\. "):
        list(follow_flow_run("nope"))


def test_a_run_that_is_deleted_is_not_found_any_more(flow_run_id, backend):
    time = Time(lambda: flow_runs.delete(backend, flow_run_id))

    with pytest.raises(ObjectNotFoundError, match="it may have been deleted"):
        list(looks(flow_run_id, sleep=time.sleep, clock=time))


def test_following_imports_nothing_slow(tmp_path):
    code = (
        "import sys, prefect.backend.following\n"
        "print([name for name in 'pendulum rich cloudpickle dataclasses subprocess'.split() if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    assert (done.stdout, done.stderr) == ("[]\n", "")
