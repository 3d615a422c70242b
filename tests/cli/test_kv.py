"""``prefect kv``."""

from __future__ import annotations

import json

import pytest

from prefect.orchestration.key_values import set_key_value


def test_a_value_is_kept_as_text(prefect, store):
    assert prefect("kv", "set", "n", "5") == (0, "Key value pair set successfully\n", "")
    assert prefect("kv", "get", "n") == (0, "Key 'n' has value '5'\n", "")


def test_a_value_may_begin_with_a_hyphen(prefect, store):
    prefect("kv", "set", "n", "-5")

    assert prefect("kv", "get", "n").stdout == "Key 'n' has value '-5'\n"


def test_a_new_value_takes_the_place_of_the_old_one(prefect, store):
    prefect("kv", "set", "n", "1")
    prefect("kv", "set", "n", "2")

    assert prefect("kv", "get", "n").stdout == "Key 'n' has value '2'\n"


def test_a_value_may_be_printed_alone_as_json(prefect, store):
    set_key_value(store, "settings", {"a": [1, None]})

    exit_code, stdout, stderr = prefect("kv", "get", "settings", "-o", "json")

    assert (exit_code, json.loads(stdout), stderr) == (0, {"a": [1, None]}, "")


def test_a_key_is_deleted(prefect, store):
    prefect("kv", "set", "foo", "bar")

    assert prefect("kv", "delete", "foo") == (0, "Key 'foo' has been deleted\n", "")
    assert prefect("kv", "list") == (0, "No keys found\n", "")


def test_keys_are_listed_in_order(prefect, store):
    prefect("kv", "set", "b", "1")
    prefect("kv", "set", "a", "2")

    assert prefect("kv", "list") == (0, "a\nb\n", "")
    assert json.loads(prefect("kv", "list", "-o", "json").stdout) == [
        {"key": key, "value": value, "created": store.system.now(), "updated": store.system.now()}
        for key, value in (("a", "2"), ("b", "1"))
    ]


@pytest.mark.parametrize(
    ("word", "message"), [("get", "No value found for key: fo"), ("delete", "No key fo found to delete")]
)
def test_an_unknown_key_gets_a_suggestion(prefect, store, word, message):
    prefect("kv", "set", "foo", "bar")

    assert prefect("kv", word, "fo") == (3, "", f"{message}\nDid you mean 'foo'?\n")


def test_a_value_has_a_limit(prefect, store):
    exit_code, stdout, stderr = prefect("kv", "set", "big", "x" * 10_000)

    assert (exit_code, stdout) == (1, "")
    assert stderr.startswith("The value for the key 'big' has 10002 characters as JSON, over the limit of 10000")


@pytest.mark.parametrize("args", [["set"], ["set", "a"], ["get"], ["delete"]])
def test_a_missing_argument_is_a_usage_error(prefect, store, args):
    assert prefect("kv", *args).exit_code == 2
