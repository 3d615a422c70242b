"""Values that flows leave for one another under a key.

Source: backend.md §18.1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.naming import checked_name

if TYPE_CHECKING:
    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: The longest JSON text of a value, in characters.
LONGEST_VALUE = 10_000


def set_key_value(store: Store, key: str, value: Any) -> str:
    """Keep a value under a key, in place of the one it had, and return the id of the pair.

    Args:
        store: The store.
        key: Any text but an empty one.
        value: What JSON can hold.

    Raises:
        ClientError: The key is empty, or the JSON text of the value is longer than 10,000 characters.
        TypeError: JSON cannot hold the value.
    """
    checked_name(key, "A key-value pair")
    length = len(_json(value, key))
    if length > LONGEST_VALUE:
        raise ClientError(
            f"The value for the key {key!r} has {length} characters as JSON, over the limit of {LONGEST_VALUE} (10 KB)."
            " Keep it in a file and its path under the key."
        )
    return str(store.documents("kv").put(key, {"value": value})["id"])


def get_key_value(store: Store, key: str) -> Any:
    """Return the value of a key.

    Raises:
        ObjectNotFoundError: It has none ("No value found for key").
    """
    found = store.documents("kv").named(key)
    if found is None:
        raise ObjectNotFoundError(f"No value found for key: {key}", hint=_suggestion(store, key))
    return found["value"]


def delete_key(store: Store, key: str) -> bool:
    """Delete a key with its value, and return True.

    Raises:
        ObjectNotFoundError: There is no such key ("No key … found to delete").
    """
    found = store.documents("kv").named(key)
    if found is None or not store.documents("kv").delete(found["id"]):
        raise ObjectNotFoundError(f"No key {key} found to delete", hint=_suggestion(store, key))
    return True


def delete_key_value(store: Store, id: str) -> bool:
    """Delete the pair of an id; return whether there was one."""
    return store.documents("kv").delete(id)


def list_keys(store: Store) -> list[str]:
    """Return all keys in order."""
    return sorted(pair["name"] for pair in store.documents("kv").all())


def key_values(store: Store) -> list[Record]:
    """Return all pairs by key, each with ``id``, ``key``, ``value``, ``created`` and ``updated``."""
    return [{**pair, "key": pair["name"]} for pair in store.documents("kv").all()]


def _json(value: Any, key: str) -> str:
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(
            f"The value for the key {key!r} cannot be written as JSON ({error})."
            " Use text, numbers, true, false, None, lists and dictionaries of these only."
        ) from error


def _suggestion(store: Store, key: str) -> str:
    from prefect.utilities._suggestions import did_you_mean

    return did_you_mean(key, list_keys(store)) or "List the keys with 'prefect kv list'."
