"""Agents (backend.md §9.1)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.agents import (
    agent_queried,
    agents,
    create_agent_config,
    delete_agent,
    delete_agent_config,
    get_agent,
    get_agent_config,
    register_agent,
    update_agent_config,
)

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"


def test_an_agent_is_known_by_what_it_says_of_itself(clocked_store, clock):
    id = register_agent(clocked_store, "LocalAgent", "box", ["gpu", "a", "gpu"], core_version="1.4.1")

    agent = get_agent(clocked_store, id)

    fields = ("type", "name", "labels", "core_version", "agent_config_id", "last_queried")
    assert [agent[field] for field in fields] == ["LocalAgent", "box", ["a", "gpu"], "1.4.1", None, clock.now()]


def test_a_restarted_agent_keeps_its_id(store):
    id = register_agent(store, "LocalAgent", "box", ["a", "b"], core_version="1")

    assert register_agent(store, "LocalAgent", "box", ["b", "a"], core_version="1") == id
    assert len(agents(store)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"type": "DockerAgent"},
        {"name": "other"},
        {"name": None},
        {"labels": ["a"]},
        {"labels": []},
        {"core_version": "2"},
    ],
)
def test_another_agent_has_another_id(store, other):
    one = {"type": "LocalAgent", "name": "box", "labels": ["a", "b"], "core_version": "1"}
    id = register_agent(store, **one)

    assert register_agent(store, **{**one, **other}) != id
    assert len(agents(store)) == 2


def test_agents_are_listed_by_when_they_last_asked_for_runs(clocked_store, clock):
    first = register_agent(clocked_store, "LocalAgent", "first")
    clock.pass_time(seconds=1)
    second = register_agent(clocked_store, "LocalAgent", "second")
    clock.pass_time(seconds=1)

    agent_queried(clocked_store, first)

    assert [agent["id"] for agent in agents(clocked_store)] == [first, second]
    assert get_agent(clocked_store, first)["last_queried"] == clock.now()


def test_a_deleted_agent_that_still_asks_is_no_error(store):
    id = register_agent(store, "LocalAgent")

    assert (delete_agent(store, id), delete_agent(store, id)) == (True, False)
    agent_queried(store, id)

    assert agents(store) == []


@pytest.mark.parametrize("id", [UNKNOWN, "../x"])
def test_an_unknown_agent_is_not_found(store, id):
    with pytest.raises(ObjectNotFoundError) as caught:
        get_agent(store, id)

    assert str(caught.value) == f"There is no agent with the id {id!r}. Check the id; it may have been deleted."


def test_settings_are_kept_for_agents(store):
    id = create_agent_config(store, "small", {"cpu": 1})
    agent = register_agent(store, "LocalAgent", agent_config_id=id)
    update_agent_config(store, id, "large", {"cpu": 8})

    found = get_agent_config(store, get_agent(store, agent)["agent_config_id"])

    assert (found["name"], found["settings"]) == ("large", {"cpu": 8})


def test_deleted_settings_leave_their_agents(store):
    id = create_agent_config(store, "small", {})
    agent = register_agent(store, "LocalAgent", agent_config_id=id)

    assert (delete_agent_config(store, id), delete_agent_config(store, id)) == (True, False)

    assert get_agent(store, agent)["agent_config_id"] is None


def test_two_settings_cannot_have_one_name(store):
    create_agent_config(store, "small", {})
    id = create_agent_config(store, "large", {})

    with pytest.raises(ClientError, match="Uniqueness violation: an agent configuration named 'small'"):
        update_agent_config(store, id, "small", {})
