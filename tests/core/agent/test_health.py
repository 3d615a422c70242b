"""The small HTTP server of an agent. Source: cli.md §8.7."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request

import pytest

from prefect.agent.health import HealthServer, checked_address


@pytest.fixture
def served():
    """The address of a server, and how often it was poked."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    poked = []
    server = HealthServer(address, lambda: poked.append(1))
    server.start()
    yield address, poked
    server.stop()


def get(address):
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status, answer.headers["Content-Type"], answer.read()


def test_health_is_answered_with_an_empty_object(served):
    assert get(served[0] + "/api/health") == (200, "application/json", b"{}")


def test_a_poke_wakes_the_agent(served):
    address, poked = served

    assert get(address + "/api/poke")[::2] == (200, b"")
    assert poked == [1]


def test_anything_else_is_not_found(served):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(served[0] + "/")


@pytest.mark.parametrize(
    ("address", "parts"), [("http://localhost:80", ("localhost", 80)), ("http://:8080", ("", 8080))]
)
def test_an_address_without_host_means_every_interface(address, parts):
    assert checked_address(address) == parts


@pytest.mark.parametrize("address", ["http://localhost", "localhost", "http://localhost:99999", "http://localhost:x"])
def test_an_address_without_port_is_refused(address):
    with pytest.raises(ValueError, match=r"^Must specify port in agent address"):
        checked_address(address)


def test_a_poke_begins_the_next_poll(agent, monkeypatch):
    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (30.0,))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    it = agent(max_polls=1, agent_address=f"http://127.0.0.1:{port}")
    monkeypatch.setattr(it, "look_after_deployed", lambda: get(f"http://127.0.0.1:{port}/api/poke"))

    it.start()
