"""Registered flows that this process has read before."""

from __future__ import annotations

import pytest

from prefect.orchestration.known_flows import known_flow
from prefect.storage.state.errors import NotFound


def test_a_flow_is_read_once(store, register, monkeypatch):
    flow_id = register(store)
    first = known_flow(store, flow_id)
    monkeypatch.setattr(store.flows, "get", None)

    assert known_flow(store, flow_id) is first


def test_a_flow_that_has_changed_is_read_again(store, register):
    flow_id = register(store)
    before = known_flow(store, flow_id)["archived"]
    store.flows.update(flow_id, {"archived": True})

    assert (before, known_flow(store, flow_id)["archived"]) == (False, True)


def test_a_flow_that_was_deleted_is_not_found(store, register):
    flow_id = register(store)
    known_flow(store, flow_id)
    store.flows.delete(flow_id)

    with pytest.raises(NotFound):
        known_flow(store, flow_id)


@pytest.mark.parametrize("id", ["2e156b2c-54a9-4324-b555-f01746c00000", "no id", "../x"])
def test_an_unknown_flow_is_not_found(store, id):
    with pytest.raises(NotFound):
        known_flow(store, id)


def test_a_process_does_not_remember_flows_without_end(store, register, monkeypatch):
    monkeypatch.setattr("prefect.orchestration.known_flows._MOST", 2)
    monkeypatch.setattr("prefect.orchestration.known_flows._known", known := {})

    for name in ("a", "b", "c"):
        known_flow(store, register(store, name))

    assert [flow["name"] for _, flow in known.values()] == ["b", "c"]
