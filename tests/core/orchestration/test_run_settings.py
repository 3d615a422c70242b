"""What a new flow run gets from its flow, its group and whoever creates it, without a store."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration.run_settings import effective_parameters, effective_run_config, run_labels

INPUT = {"type": "LocalRun", "labels": ["input-config"]}
GROUP = {"type": "LocalRun", "labels": ["group-config"]}
FLOW = {"type": "LocalRun", "labels": ["flow-config"]}


def flow(run_config=None, parameters=()) -> dict:
    return {"name": "etl", "run_config": run_config, "parameters": list(parameters)}


def group(**settings) -> dict:
    return {"labels": None, "run_config": None, "default_parameters": {}, **settings}


def parameter(name: str, default: object = None, required: bool = False) -> dict:
    return {"name": name, "slug": name, "default": default, "required": required}


@pytest.mark.parametrize(
    ("labels", "run_config", "group_settings", "expected"),
    [
        (["b", "a", "b"], INPUT, {"labels": ["group"], "run_config": GROUP}, ["a", "b"]),
        ([], INPUT, {"labels": ["group"], "run_config": GROUP}, []),
        (None, INPUT, {"labels": ["group"], "run_config": GROUP}, ["input-config"]),
        (None, {"type": "LocalRun"}, {"labels": ["group"], "run_config": GROUP}, []),
        (None, None, {"labels": ["group"], "run_config": GROUP}, ["group"]),
        (None, None, {"labels": [], "run_config": GROUP}, []),
        (None, None, {"run_config": GROUP}, ["group-config"]),
        (None, None, {"run_config": {"type": "LocalRun"}}, []),
        (None, None, {}, ["flow-config"]),
    ],
)
def test_labels_come_from_the_first_place_that_says_anything(labels, run_config, group_settings, expected):
    assert run_labels(flow(FLOW), group(**group_settings), labels, run_config) == expected


def test_without_any_word_about_labels_there_are_none():
    assert run_labels(flow(), group(), None, None) == []


def test_the_run_config_is_the_given_one_else_the_groups_else_the_flows():
    assert effective_run_config(flow(FLOW), group(run_config=GROUP), INPUT) == INPUT
    assert effective_run_config(flow(FLOW), group(run_config=GROUP), None) == GROUP
    assert effective_run_config(flow(FLOW), group(), None) == FLOW
    assert effective_run_config(flow(), group(), None) is None


def test_given_parameters_win_over_the_groups_and_those_over_the_flows():
    known = [parameter("a", 1), parameter("b", 1), parameter("c", 1)]

    values = effective_parameters(flow(parameters=known), group(default_parameters={"b": 2, "c": 2}), {"c": 3})

    assert values == {"a": 1, "b": 2, "c": 3}


def test_all_defaults_but_null_are_copied():
    known = [parameter(name, default) for name, default in zip("abcde", (0, "", False, [], None))]

    assert effective_parameters(flow(parameters=known), group(), {}) == {"a": 0, "b": "", "c": False, "d": []}


def test_null_may_be_given():
    assert effective_parameters(flow(parameters=[parameter("a", 1)]), group(), {"a": None}) == {"a": None}


def test_the_groups_defaults_supply_required_parameters():
    known = [parameter("a", required=True)]

    assert effective_parameters(flow(parameters=known), group(default_parameters={"a": 1}), {}) == {"a": 1}


def test_all_missing_parameters_are_named():
    known = [parameter("b", required=True), parameter("a", required=True), parameter("c", 1)]

    with pytest.raises(ClientError) as raised:
        effective_parameters(flow(parameters=known), group(), {})

    assert str(raised.value) == "Required parameters were not supplied: {'a', 'b'}."
    assert raised.value.hint == "Give a value for 'a', 'b'."


def test_all_unknown_parameters_are_named_with_what_was_perhaps_meant():
    known = [parameter("country", 1), parameter("year", 1)]

    with pytest.raises(ClientError) as raised:
        effective_parameters(flow(parameters=known), group(), {"zone": 1, "contry": 2})

    assert str(raised.value) == "The flow 'etl' has no parameters 'contry', 'zone'."
    assert raised.value.hint == "Did you mean 'country'? It has the parameters 'country', 'year'."


def test_a_misspelt_required_parameter_is_named_as_it_is_and_as_it_should_be():
    with pytest.raises(ClientError) as raised:
        effective_parameters(flow(parameters=[parameter("year", required=True)]), group(), {"yaer": 2024})

    assert str(raised.value) == (
        "The flow 'etl' has no parameter 'yaer'. Required parameters were not supplied: {'year'}."
    )


def test_a_flow_without_parameters_takes_none():
    with pytest.raises(ClientError) as raised:
        effective_parameters(flow(), group(), {"x": 1})

    assert str(raised.value) == "The flow 'etl' has no parameter 'x'."
    assert raised.value.hint == "It has no parameters at all."


def test_unknown_parameters_are_kept_where_that_is_asked_for():
    assert effective_parameters(flow(), group(), {"x": 1}, allow_unknown=True) == {"x": 1}


def test_defaults_of_the_group_that_the_flow_knows_no_more_are_left_out():
    assert effective_parameters(flow(), group(default_parameters={"old": 1}), {}) == {}
