"""Watching a run. Source: backend.md §20.5; cli.md §3.11."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone

import pendulum
import pytest

from prefect import Client
from prefect.backend.flow_run import FlowRunLog, stream_flow_run_logs, watch_flow_run
from prefect.engine.state import Failed, Running, Scheduled, Submitted, Success
from prefect.exceptions import ObjectNotFoundError
from prefect.storage.state.system import System


class Time:
    """A clock that goes on while somebody sleeps; at some seconds something happens."""

    def __init__(self, **happenings):
        self.seconds = 0.0
        self.happenings = {float(at.removeprefix("at_")): happening for at, happening in happenings.items()}

    def __call__(self):
        return self.seconds

    def sleep(self, seconds):
        self.seconds += 1
        happening = self.happenings.pop(self.seconds, None)
        if happening:
            happening()


@pytest.fixture
def set_state(flow_run_id):
    return lambda state: Client().set_flow_run_state(flow_run_id, state)


@pytest.fixture
def overdue(register, backend):
    """A run with the label ``x`` that has been due for a day."""
    flow_run_id = Client().create_flow_run(flow_id=register(), labels=["x"])
    backend.system = _Tomorrow()
    return flow_run_id


class _Tomorrow(System):
    """A system whose time is a day ahead."""

    def now(self):
        return (datetime.now(timezone.utc) + timedelta(days=1)).isoformat(timespec="microseconds")


def test_states_and_logs_are_shown_as_lines(flow_run_id, set_state):
    set_state(Running("go"))
    Client().write_run_logs([{"flow_run_id": flow_run_id, "message": "hello", "level": "WARNING"}])
    time = Time(at_1=lambda: set_state(Success("done")))

    lines = list(watch_flow_run(flow_run_id, sleep=time.sleep, clock=time))

    assert [(logging.getLevelName(line.level), line.message) for line in lines] == [
        ("INFO", "Entered state <Scheduled>: Flow run scheduled."),
        ("INFO", "Entered state <Running>: go"),
        ("WARNING", "hello"),
        ("INFO", "Entered state <Success>: done"),
    ]
    assert all(isinstance(line.timestamp, pendulum.DateTime) for line in lines)


def test_a_state_without_a_message_is_its_name(flow_run_id, set_state):
    time = Time(at_1=lambda: set_state(Failed()))

    *_, last = watch_flow_run(flow_run_id, sleep=time.sleep, clock=time)

    assert last.message == "Entered state <Failed>"


@pytest.mark.parametrize(
    ("streams", "messages"),
    [
        ({"stream_logs": False}, ["Entered state <Scheduled>: Flow run scheduled.", "Entered state <Success>"]),
        ({"stream_states": False}, ["hello"]),
        ({"stream_states": False, "stream_logs": False}, []),
    ],
)
def test_either_can_be_left_out(flow_run_id, set_state, streams, messages):
    Client().write_run_logs([{"flow_run_id": flow_run_id, "message": "hello"}])
    time = Time(at_1=lambda: set_state(Success()))

    lines = watch_flow_run(flow_run_id, sleep=time.sleep, clock=time, **streams)

    assert [line.message for line in lines] == messages


def test_of_a_run_that_is_over_only_that_is_said(flow_run_id, set_state):
    set_state(Success())

    [line] = watch_flow_run(flow_run_id)

    assert line.message.startswith("Your flow run finished ")
    assert line.message.endswith(" ago")
    assert line.level == logging.INFO


def test_of_a_run_that_is_over_nothing_is_said_without_states(flow_run_id, set_state):
    set_state(Success())

    assert list(watch_flow_run(flow_run_id, stream_states=False)) == []


def test_watching_ends_after_a_while(flow_run_id, set_state):
    set_state(Running("still"))
    time = Time()

    with pytest.raises(RuntimeError) as caught:
        list(watch_flow_run(flow_run_id, max_duration=timedelta(minutes=2), sleep=time.sleep, clock=time))

    assert str(caught.value) == (
        f"The flow run {flow_run_id} was watched for 0:02:00 and is not finished: it is"
        ' <Running: "still">. Watch it again, with a longer `max_duration`.'
    )
    assert time.seconds == 121


def test_a_longest_time_that_is_none_is_refused(flow_run_id):
    with pytest.raises(TypeError) as caught:
        list(watch_flow_run(flow_run_id, max_duration=60))

    assert str(caught.value) == "`max_duration` is 60. Give a timedelta, such as timedelta(hours=1)."


def test_a_run_that_nobody_takes_gets_advice_again_and_again(overdue):
    time = Time(at_60=lambda: Client().set_flow_run_state(overdue, Running()), at_120=lambda: _finish(overdue))

    lines = list(watch_flow_run(overdue, sleep=time.sleep, clock=time))

    assert [line.message.split(".")[0] for line in lines if line.level == logging.WARNING] == [
        "It has been 15 seconds and your flow run has not been submitted by an agent",
        "It has been 45 seconds and your flow run has not been submitted by an agent",
    ]
    assert lines[1].message == (
        "It has been 15 seconds and your flow run has not been submitted by an agent. Your tenant does not have any"
        " healthy agents. Start one with labels {'x'}: `prefect agent local start --label x`."
    )


def _finish(flow_run_id):
    Client().set_flow_run_state(flow_run_id, Success())


def test_advice_belongs_to_the_states(overdue):
    time = Time(at_60=lambda: _finish(overdue))

    assert list(watch_flow_run(overdue, stream_states=False, sleep=time.sleep, clock=time)) == []


def test_a_run_that_an_agent_has_taken_needs_no_advice(overdue):
    Client().set_flow_run_state(overdue, Submitted(state=Scheduled()))
    time = Time(at_60=lambda: _finish(overdue))

    lines = watch_flow_run(overdue, sleep=time.sleep, clock=time)

    assert [line for line in lines if line.level == logging.WARNING] == []


def test_a_run_that_is_not_yet_due_needs_no_advice(register):
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    flow_run_id = Client().create_flow_run(flow_id=register(), scheduled_start_time=tomorrow)
    time = Time(at_60=lambda: _finish(flow_run_id))

    lines = watch_flow_run(flow_run_id, sleep=time.sleep, clock=time)

    assert [line for line in lines if line.level == logging.WARNING] == []


def test_a_run_that_does_not_exist_cannot_be_watched(backend):
    with pytest.raises(ObjectNotFoundError, match=r"^Flow run nope not found"):
        list(watch_flow_run("nope"))
    with pytest.raises(TypeError, match=r"^Unexpected type <class 'int'> for `flow_run_id`, expected 'str'\.$"):
        list(watch_flow_run(3))


def test_a_run_can_be_streamed_to_stdout(flow_run_id, set_state, capsys, monkeypatch):
    moment = pendulum.datetime(2024, 5, 17, 12, 30, 15)
    lines = [FlowRunLog(moment, logging.INFO, "hello"), FlowRunLog(moment, logging.WARNING, "careful")]
    monkeypatch.setattr("prefect.backend.watching.watch_flow_run", lambda *args, **kwargs: iter(lines))

    stream_flow_run_logs(flow_run_id)

    assert capsys.readouterr().out == "12:30:15 | INFO    | hello\n12:30:15 | WARNING | careful\n"


def test_a_line_can_be_made_of_what_a_backend_says():
    line = FlowRunLog.from_dict({"timestamp": "2020-01-01T00:00:00+00:00", "level": "INFO", "message": "x"})

    assert line == (pendulum.datetime(2020, 1, 1), logging.INFO, "x")
