"""The plugin registries. Source: core.md §1.2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import prefect
from prefect.utilities import plugins
from prefect.utilities.collections import DotDict

REGISTRIES = [
    (prefect.api, plugins.API, plugins.register_api),
    (prefect.models, plugins.MODELS, plugins.register_model),
    (prefect.plugins, plugins.PLUGINS, plugins.register_plugin),
]
each_registry = pytest.mark.parametrize(("registry", "name", "register"), REGISTRIES, ids=["api", "models", "plugins"])


@pytest.fixture(autouse=True)
def emptied_afterwards() -> Iterator[None]:
    yield
    for registry, _, _ in REGISTRIES:
        registry.clear()


def entry() -> None:
    """Something to register."""


@each_registry
def test_the_registries_exist_and_are_empty(registry, name, register):
    assert isinstance(registry, DotDict)
    assert registry is name
    assert len(registry) == 0


@each_registry
def test_what_is_registered_is_an_attribute(registry, name, register):
    assert register("mine")(entry) is entry

    assert registry.mine is entry


@each_registry
def test_a_name_with_dots_leads_through_registries(registry, name, register):
    register("my.first")(entry)
    register("my.second")(DotDict)

    assert (registry.my.first, registry.my.second) == (entry, DotDict)


def test_a_name_can_be_registered_again():
    plugins.register_plugin("mine")(entry)
    plugins.register_plugin("mine")(DotDict)

    assert prefect.plugins.mine is DotDict


def test_a_name_cannot_lead_through_what_was_registered():
    plugins.register_plugin("my.first")(DotDict())
    plugins.register_plugin("my.second")("text")

    with pytest.raises(ValueError) as caught:
        plugins.register_plugin("my.second.deeper")(entry)

    assert str(caught.value) == (
        "'my.second.deeper' cannot be registered: 'second' stands for 'text'."
        " Choose a name that does not go through it."
    )


def test_all_registries_are_in_one():
    assert plugins.REGISTRY.to_dict() == {"api": {}, "models": {}, "plugins": {}}
    assert plugins.REGISTRY.models is prefect.models
