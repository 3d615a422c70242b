"""States of task runs that later runs may take over."""

from __future__ import annotations

import pytest

from prefect.orchestration.caching import cached_states
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.orchestration.states import set_task_run_state
from prefect.storage.state.layout import member

BEGINNING = "2024-05-17T12:00:30.000000+00:00"


@pytest.fixture
def store(clocked_store):
    return clocked_store


@pytest.fixture
def flows(store, serialize):
    """Two flows of one task each: one without a cache key, one with the key ``shared``."""
    project_id = create_project(store, "demo")
    plain, keyed = serialize("plain", tasks=("load",)), serialize("keyed", tasks=("load",))
    keyed["tasks"][0]["cache_key"] = "shared"
    return [register_flow(store, document, project_id)[0] for document in (plain, keyed)]


@pytest.fixture
def cache(store, clock):
    """Lets the task of a flow end in a cached state with a message, one minute after another, and returns its id."""

    def cached(flow_id, message):
        id = member(create_flow_run(store, flow_id=flow_id)[0]["id"], 1)
        set_task_run_state(store, id, {"type": "Cached", "message": message})
        clock.pass_time(minutes=1)
        return id

    return cached


def found(store, flow_id, key=None, since=BEGINNING) -> list[str]:
    return [state["message"] for state in cached_states(store, member(flow_id, 1), key, since)]


def test_cached_states_of_a_task_come_newest_first(store, flows, cache):
    for message in "abc":
        cache(flows[0], message)

    assert found(store, flows[0]) == ["c", "b", "a"]


def test_only_states_since_a_time_count(store, flows, cache):
    for message in "abc":
        cache(flows[0], message)

    assert found(store, flows[0], since="2024-05-17T12:01:30Z") == ["c", "b"]


def test_tasks_with_a_cache_key_share_their_states(store, flows, cache):
    cache(flows[1], "a")

    assert found(store, flows[0], key="shared") == ["a"]


def test_tasks_without_a_cache_key_share_nothing(store, flows, cache):
    cache(flows[0], "a")

    assert found(store, flows[1]) == []


def test_a_state_that_is_cached_no_more_is_not_offered(store, flows, cache):
    id = cache(flows[0], "a")
    set_task_run_state(store, id, {"type": "Pending"})

    assert found(store, flows[0]) == []


def test_states_of_deleted_runs_are_not_offered(store, flows, cache):
    cache(flows[0], "a")
    for run in list(store.runs.newest()):
        store.runs.delete(run["id"])

    assert found(store, flows[0]) == []


def test_each_task_run_is_offered_once(store, flows, cache):
    id = cache(flows[0], "a")
    set_task_run_state(store, id, {"type": "Cached", "message": "b"})

    assert found(store, flows[0]) == ["b"]


def test_other_states_are_not_offered(store, flows):
    id = member(create_flow_run(store, flow_id=flows[0])[0]["id"], 1)
    set_task_run_state(store, id, {"type": "Success"})

    assert found(store, flows[0]) == []
