"""Changing the configuration for a while. Source: core.md §17.6."""

from __future__ import annotations

import pytest

import prefect
from prefect.utilities.configuration import set_temporary_config


def test_values_are_set_and_put_back():
    before = prefect.config.to_dict()

    with set_temporary_config({"flows.checkpointing": True, "logging.level": "DEBUG"}):
        assert (prefect.config.flows.checkpointing, prefect.config.logging.level) == (True, "DEBUG")

    assert prefect.config.to_dict() == before


def test_missing_sections_are_made_and_removed():
    with set_temporary_config({"new.section.key": 1, "new.other": 2}):
        assert prefect.config.new.to_dict() == {"section": {"key": 1}, "other": 2}

    assert "new" not in prefect.config


def test_the_context_sees_the_change():
    with set_temporary_config({"new.key": 1}):
        assert prefect.context.config.new.key == 1

    assert "new" not in prefect.context.config


def test_the_block_receives_the_configuration():
    with set_temporary_config({"new.key": 1}) as config:
        assert config is prefect.config


def test_values_come_back_after_an_error():
    with pytest.raises(RuntimeError), set_temporary_config({"debug": True, "new.key": 1}):
        raise RuntimeError

    assert prefect.config.debug is False
    assert "new" not in prefect.config


def test_a_key_below_a_value_is_refused_and_changes_nothing():
    with pytest.raises(ValueError) as caught, set_temporary_config({"backend": "server", "debug.x": 1}):
        raise AssertionError("never entered")

    assert str(caught.value) == "debug.x cannot be set: 'debug' is a value, not a section."
    assert prefect.config.backend == "local"
