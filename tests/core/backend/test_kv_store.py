"""Values that flows leave for one another. Source: backend.md §18.1."""

from __future__ import annotations

import pytest

from prefect.backend import delete_key, get_key_value, list_keys, set_key_value
from prefect.exceptions import ClientError
from prefect.utilities.configuration import set_temporary_config


def test_a_value_is_there_for_everybody(backend):
    set_key_value("last run", {"rows": [1, 2.5, None, "ü"]})

    assert get_key_value("last run") == {"rows": [1, 2.5, None, "ü"]}


def test_a_key_keeps_its_id_and_loses_its_old_value(backend):
    assert set_key_value("a", 1) == set_key_value("a", 2)
    assert get_key_value("a") == 2


def test_keys_are_listed_in_order(backend):
    set_key_value("b", 1)
    set_key_value("a", 1)

    assert list_keys() == ["a", "b"]


def test_a_key_is_deleted_once(backend):
    set_key_value("a", 1)

    assert delete_key("a") is True
    with pytest.raises(ValueError, match=r"^No key a found to delete"):
        delete_key("a")


def test_an_unknown_key_is_an_error_that_suggests_a_known_one(backend):
    set_key_value("last_run", 1)

    with pytest.raises(ValueError, match=r"^No value found for key: last_rum\. Did you mean 'last_run'\?$"):
        get_key_value("last_rum")


def test_a_value_is_small(backend):
    set_key_value("a", "x" * 9_998)

    with pytest.raises(ValueError, match=r"^The value for the key 'a' has 10001 characters as JSON, over the limit"):
        set_key_value("a", "x" * 9_999)


def test_a_value_is_json(backend):
    with pytest.raises(TypeError, match=r"^The value for the key 'a' cannot be written as JSON"):
        set_key_value("a", object())


def test_a_server_has_no_values_yet():
    with set_temporary_config({"backend": "server"}), pytest.raises(ClientError, match=r"^The backend is 'server'"):
        list_keys()
