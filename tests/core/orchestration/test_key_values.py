"""The key-value store (backend.md §18.1)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.key_values import (
    delete_key,
    delete_key_value,
    get_key_value,
    key_values,
    list_keys,
    set_key_value,
)


@pytest.mark.parametrize("value", ["text", 5, 0.5, None, True, ["a", {"b": None}], {"ä": "🦦"}, ""])
def test_a_value_comes_back(store, value):
    set_key_value(store, "last-run", value)

    assert get_key_value(store, "last-run") == value


def test_a_key_is_set_anew_under_the_same_id(store):
    id = set_key_value(store, "last-run", 1)

    assert set_key_value(store, "last-run", 2) == id

    assert [(pair["id"], pair["key"], pair["value"]) for pair in key_values(store)] == [(id, "last-run", 2)]


@pytest.mark.parametrize("key", ["a/b", "..", "nul\0byte", "🦦", "x" * 300])
def test_any_text_is_a_key(store, key):
    set_key_value(store, key, 1)

    assert (get_key_value(store, key), list_keys(store)) == (1, [key])


def test_an_empty_key_is_refused(store):
    with pytest.raises(ClientError, match="A key-value pair needs a name, and '' is none"):
        set_key_value(store, "", 1)


def test_keys_are_listed_in_order(store):
    for key in ("b", "a", "C"):
        set_key_value(store, key, 1)

    assert list_keys(store) == ["C", "a", "b"]


def test_an_unknown_key_has_no_value(store):
    set_key_value(store, "last-run", 1)

    with pytest.raises(ObjectNotFoundError) as caught:
        get_key_value(store, "lastrun")

    assert (str(caught.value), caught.value.hint) == ("No value found for key: lastrun", "Did you mean 'last-run'?")


def test_a_key_is_deleted(store):
    set_key_value(store, "last-run", 1)

    assert delete_key(store, "last-run") is True

    assert list_keys(store) == []


def test_an_unknown_key_cannot_be_deleted(store):
    with pytest.raises(ObjectNotFoundError) as caught:
        delete_key(store, "zz")

    assert (str(caught.value), caught.value.hint) == (
        "No key zz found to delete",
        "List the keys with 'prefect kv list'.",
    )


def test_a_pair_is_deleted_by_its_id(store):
    id = set_key_value(store, "last-run", 1)

    assert (delete_key_value(store, id), delete_key_value(store, id)) == (True, False)


def test_a_value_may_have_10000_characters_as_json(store):
    set_key_value(store, "big", "x" * 9_998)

    with pytest.raises(ClientError) as caught:
        set_key_value(store, "big", "y" * 9_999)

    assert str(caught.value) == (
        "The value for the key 'big' has 10001 characters as JSON, over the limit of 10000 (10 KB)."
        " Keep it in a file and its path under the key."
    )
    assert get_key_value(store, "big") == "x" * 9_998


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan")])
def test_what_json_cannot_hold_is_refused(store, value):
    with pytest.raises(TypeError, match="The value for the key 'odd' cannot be written as JSON"):
        set_key_value(store, "odd", value)
