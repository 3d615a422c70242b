"""Functions by name: core.md §20.2."""

from __future__ import annotations

from functools import partial

import pytest

from prefect import triggers
from prefect.serialization.function_references import CACHE_VALIDATORS, TRIGGERS, reference, resolve


def custom(states):
    return True


def factory(limit, other=None):
    def made(states):
        return limit, other

    return made


class Callable:
    def __call__(self, states):
        return True

    def method(self, states):
        return True


def test_a_function_is_referred_to_by_its_qualified_name():
    assert reference(triggers.all_failed) == {"fn": "prefect.triggers.all_failed", "kwargs": {}}
    assert reference(custom) == {"fn": f"{__name__}.custom", "kwargs": {}}


def test_a_method_is_referred_to_through_its_class():
    assert reference(Callable().method) == {"fn": f"{__name__}.Callable.method", "kwargs": {}}


def test_an_instance_is_referred_to_by_its_class():
    assert reference(Callable()) == {"fn": f"{__name__}.Callable", "kwargs": {}}


def test_a_partial_is_referred_to_by_its_function_and_keywords():
    assert reference(partial(custom, states=3)) == {"fn": f"{__name__}.custom", "kwargs": {"states": 3}}


def test_a_builtin_has_no_values_around_it():
    assert reference(len) == {"fn": "builtins.len", "kwargs": {}}


def test_a_nested_function_tells_the_values_around_it():
    assert reference(factory(3, [1])) == {
        "fn": f"{__name__}.factory.<locals>.made",
        "kwargs": {"limit": 3, "other": [1]},
    }


def test_a_value_that_is_not_yet_there_is_left_out():
    def use(states):
        return later

    document = reference(use)
    later = 1

    assert document["kwargs"] == {}


def test_sets_are_written_as_sorted_lists():
    assert reference(factory({"b", "a"}))["kwargs"]["limit"] == ["a", "b"]


def test_a_value_that_json_cannot_hold_is_described_by_its_type():
    assert reference(factory(Callable(), {"a": object()}))["kwargs"] == {
        "limit": f"<{__name__}.Callable>",
        "other": "<builtins.dict>",
    }


def test_what_a_factory_made_is_referred_to_by_the_factory():
    assert reference(triggers.some_failed(at_least=1)) == {
        "fn": "prefect.triggers.some_failed",
        "kwargs": {"at_least": 1, "at_most": None},
    }


@pytest.mark.parametrize("name", [name for name in (*TRIGGERS, *CACHE_VALIDATORS) if "always_run" not in name])
def test_every_known_function_comes_back(name):
    known = {**TRIGGERS, **CACHE_VALIDATORS}

    found = resolve({"fn": name, "kwargs": {}}, known, "It")

    assert reference(found)["fn"] == name


def test_always_run_is_all_finished():
    assert resolve({"fn": "prefect.triggers.always_run"}, TRIGGERS, "It") is triggers.all_finished


def test_a_factory_gets_its_arguments_back():
    document = reference(triggers.some_successful(at_least=0.5))

    assert reference(resolve(document, TRIGGERS, "It")) == document


@pytest.mark.parametrize(
    "name", ["os.system", "prefect.triggers.context", "prefect.engine.cache_validators.all_inputs"]
)
def test_nothing_else_is_looked_up(name):
    assert resolve({"fn": name, "kwargs": {}}, TRIGGERS, "It") is None
