"""Which agent could take a run. Source: backend.md §20.5."""

from __future__ import annotations

import pytest

from prefect import Client
from prefect.backend.flow_run import check_for_compatible_agents


@pytest.fixture
def healthy(backend):
    """Registers an agent that has just asked for runs, and returns its id."""
    return lambda name, *labels: Client().register_agent("LocalAgent", name, labels)


@pytest.fixture
def unhealthy(backend, healthy):
    """Registers an agent that asked for runs long ago, and returns its id."""

    def register(name, *labels):
        id = healthy(name, *labels)
        backend.documents("agents").update(id, {"last_queried": "2020-01-01T00:00:00.000000+00:00"})
        return id

    return register


def test_one_agent_should_take_the_run(healthy):
    id = healthy("mine", "a", "b")
    healthy("another", "c")

    assert check_for_compatible_agents(["a"]).startswith(f"Agent {id} (mine) has matching labels and last queried ")
    assert check_for_compatible_agents(["a"]).endswith(" ago. It should deploy your flow run.")


def test_one_of_several_should_take_the_run(healthy):
    healthy("one", "a")
    healthy("two", "a")

    assert check_for_compatible_agents(["a"]) == (
        "Found 2 healthy agents with matching labels. One of them should pick up your flow."
    )


def test_a_run_without_labels_is_for_agents_without_labels(healthy):
    healthy("labelled", "a")

    assert check_for_compatible_agents([]) == (
        "You have 1 healthy agents in your tenant but do not have an agent with empty labels."
        " Start one with empty labels: `prefect agent local start --no-hostname-label`."
    )


def test_agents_with_other_labels_do_not_count(healthy):
    healthy("one", "a")
    healthy("two", "b")

    assert check_for_compatible_agents(["x", "my label"]) == (
        "You have 2 healthy agents in your tenant but do not have an agent with labels {'my label', 'x'}."
        " Start one with labels {'my label', 'x'}: `prefect agent local start --label 'my label' --label x`."
    )


def test_there_may_be_no_agent_at_all(backend):
    assert check_for_compatible_agents(["x"]) == (
        "Your tenant does not have any healthy agents."
        " Start one with labels {'x'}: `prefect agent local start --label x`."
    )


def test_an_agent_that_is_silent_looks_unhealthy(unhealthy):
    id = unhealthy("mine", "x")

    advice = check_for_compatible_agents(["x"])

    assert advice.startswith(f"Agent {id} (mine) has matching labels and last queried ")
    assert advice.endswith(
        " it looks unhealthy. Restart it, or start a new one: `prefect agent local start --label x`."
    )


def test_several_may_look_unhealthy(unhealthy):
    unhealthy("one", "x")
    unhealthy("two", "x")

    assert check_for_compatible_agents(["x"]) == (
        "Found 2 agents with matching labels but they all look unhealthy. Restart one of them, or start a new one:"
        " `prefect agent local start --label x`."
    )


def test_how_long_an_agent_may_be_silent_can_be_said(unhealthy):
    unhealthy("mine", "x")

    assert "It should deploy your flow run." in check_for_compatible_agents(["x"], since_minutes=60 * 24 * 365 * 100)
