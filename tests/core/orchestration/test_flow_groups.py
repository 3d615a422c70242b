"""Settings of flow groups (backend.md §5)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ObjectNotFoundError
from prefect.orchestration.flow_groups import (
    get_group,
    group_named,
    is_enabled,
    set_default_parameters,
    set_description,
    set_heartbeat_enabled,
    set_labels,
    set_lazarus_enabled,
    set_run_config,
    set_version_locking_enabled,
)
from prefect.orchestration.flows import get_flow

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"


@pytest.fixture
def flow(store, register):
    return get_flow(store, register(store, "etl"))


def test_a_group_begins_without_settings_of_its_own(store, flow):
    group = get_group(store, flow["flow_group_id"])

    fields = ("name", "description", "labels", "run_config", "schedule", "default_parameters")
    assert [group[field] for field in fields] == [flow["version_group_id"], None, None, None, None, {}]
    assert group_named(store, flow["version_group_id"]) == group


def test_default_parameters_are_replaced_as_a_whole(store, flow):
    set_default_parameters(store, flow["flow_group_id"], {"a": 1})
    set_default_parameters(store, flow["flow_group_id"], {"b": 2})

    assert get_group(store, flow["flow_group_id"])["default_parameters"] == {"b": 2}


@pytest.mark.parametrize(("labels", "kept"), [(["b", "a", "b"], ["a", "b"]), ([], []), (None, None)])
def test_labels_are_set_and_cleared(store, flow, labels, kept):
    set_labels(store, flow["flow_group_id"], ["old"])

    set_labels(store, flow["flow_group_id"], labels)

    assert get_group(store, flow["flow_group_id"])["labels"] == kept


@pytest.mark.parametrize("run_config", [{"type": "LocalRun", "env": {}}, None])
def test_the_run_config_is_set_and_cleared(store, flow, run_config):
    set_run_config(store, flow["flow_group_id"], {"type": "UniversalRun"})

    set_run_config(store, flow["flow_group_id"], run_config)

    assert get_group(store, flow["flow_group_id"])["run_config"] == run_config


def test_the_description_is_set(store, flow):
    set_description(store, flow["flow_group_id"], "# About")

    assert get_group(store, flow["flow_group_id"])["description"] == "# About"


def test_settings_survive_a_new_version(store, flow, register):
    set_labels(store, flow["flow_group_id"], ["gpu"])

    newer = get_flow(store, register(store, "etl"))

    assert get_group(store, newer["flow_group_id"])["labels"] == ["gpu"]


@pytest.mark.parametrize(
    ("switch", "setting", "at_first"),
    [
        (set_heartbeat_enabled, "heartbeat_enabled", True),
        (set_lazarus_enabled, "lazarus_enabled", True),
        (set_version_locking_enabled, "version_locking_enabled", False),
    ],
)
def test_a_switch_is_thrown_by_the_id_of_a_flow(store, flow, switch, setting, at_first):
    assert is_enabled(get_group(store, flow["flow_group_id"]), setting) is at_first

    switch(store, flow["id"], not at_first)

    assert is_enabled(get_group(store, flow["flow_group_id"]), setting) is not at_first


def test_the_old_name_of_the_heartbeat_setting_is_kept_up(store, flow):
    set_heartbeat_enabled(store, flow["id"], False)

    assert get_group(store, flow["flow_group_id"])["settings"]["disable_heartbeat"] is True


@pytest.mark.parametrize(
    ("setting", "meaning"),
    [("heartbeat_enabled", True), ("lazarus_enabled", True), ("version_locking_enabled", False)],
)
def test_a_missing_setting_means_something(setting, meaning):
    assert is_enabled({"settings": {}}, setting) is meaning


def test_an_unknown_flow_has_no_switches(store):
    with pytest.raises(ObjectNotFoundError) as caught:
        set_heartbeat_enabled(store, UNKNOWN, False)

    assert str(caught.value) == (f"Invalid flow ID. There is no flow '{UNKNOWN}'; 'prefect get flows' lists them.")


@pytest.mark.parametrize("id", [UNKNOWN, "../x"])
def test_an_unknown_group_has_no_settings(store, id):
    with pytest.raises(ObjectNotFoundError) as caught:
        set_labels(store, id, ["x"])

    assert str(caught.value) == (f"There is no flow group with the id {id!r}. 'prefect get flows' lists what there is.")
