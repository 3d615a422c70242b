"""Who looks after a run while it is executed. Source: backend.md §8.6, §12.1."""

from __future__ import annotations

import signal
import threading

import pytest

from prefect import Client
from prefect.backend.watcher import Watcher
from prefect.engine.state import Running, Success
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture
def watch(flow_run_id, monkeypatch):
    """Makes a watcher of a running flow run, which looks a hundred times a second."""
    monkeypatch.setattr("prefect.backend.watcher.LOCAL_INTERVAL", 0.01)
    client = Client()
    client.set_flow_run_state(flow_run_id, Running())
    return lambda beats=False, on_cancel=lambda: None: Watcher(client, flow_run_id, beats, on_cancel)


def wait_in(watcher, act):
    with watcher:
        act()
        threading.Event().wait(30)


def test_a_cancellation_interrupts_the_block(watch, flow_run_id):
    heard = []
    watcher = watch(on_cancel=lambda: heard.append(1))

    with pytest.raises(KeyboardInterrupt):
        wait_in(watcher, lambda: Client().cancel_flow_run(flow_run_id))

    assert watcher.cancelled.is_set()
    assert heard == [1]


def test_a_cancellation_interrupts_the_block_where_a_shell_ignores_ctrl_c(watch, flow_run_id):
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt):
            wait_in(watch(), lambda: (signal.raise_signal(signal.SIGINT), Client().cancel_flow_run(flow_run_id)))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_run_that_is_not_cancelled_is_left_alone(watch, flow_run_id):
    with watch() as watcher:
        Client().set_flow_run_state(flow_run_id, Success())
        watcher.wait(0.05)

    assert not watcher.cancelled.is_set()


def test_a_cancellation_after_the_block_interrupts_nothing(watch, flow_run_id):
    with watch() as watcher:
        pass
    Client().cancel_flow_run(flow_run_id)
    watcher._thread.join(30)

    assert not watcher.cancelled.is_set()


@pytest.mark.parametrize("beats", [True, False])
def test_heartbeats_are_sent_if_they_are_wanted(watch, backend, flow_run_id, beats, monkeypatch):
    beaten = threading.Event()
    monkeypatch.setattr(backend.runs, "heartbeat", lambda id: beaten.set())

    with watch(beats=beats):
        assert beaten.wait(30 if beats else 0.05) is beats


def test_what_keeps_the_watcher_from_looking_is_said_once(watch, backend, monkeypatch, caplog):
    asked = []

    def refuse(id):
        asked.append(id)
        raise OSError(5, "Input/output error")

    watcher = watch()
    monkeypatch.setattr(backend.runs, "get", refuse)
    with watcher:
        while len(asked) < 3:
            watcher.wait(0.005)

    assert caplog.text.count("The state of the flow run could not be read: [Errno 5] Input/output error") == 1


def test_another_backend_is_asked_as_often_as_the_configuration_says():
    with set_temporary_config({"backend": "server", "cloud.check_cancellation_interval": 15}):
        assert Watcher(Client(), "id", False, lambda: None).interval == 15.0


def test_an_interval_that_is_no_number_is_named_before_the_block_begins(watch):
    with (
        set_temporary_config({"cloud.heartbeat_interval": "often"}),
        pytest.raises(ValueError, match=r"^cloud\.heartbeat_interval is 'often'\. Set it to a number of seconds\.$"),
    ):
        watch()
