"""Values that flows leave for one another under a key.

Source: backend.md §18.1.
"""

from __future__ import annotations

from typing import Any

from prefect.backend.errors import value_errors
from prefect.client.transport import connected_store


def set_key_value(key: str, value: Any) -> str:
    """Keep a value under a key, in place of the one it had, and return the id of the pair.

    Args:
        key: Any text but an empty one.
        value: What JSON can hold.

    Raises:
        TypeError: JSON cannot hold the value.
        ValueError: The key is empty, or the JSON text of the value is longer than 10,000 characters.
    """
    from prefect.orchestration import key_values

    store = connected_store()
    with value_errors():
        return key_values.set_key_value(store, key, value)


def get_key_value(key: str) -> Any:
    """Return the value of a key.

    Raises:
        ValueError: It has none.
    """
    from prefect.orchestration import key_values

    store = connected_store()
    with value_errors():
        return key_values.get_key_value(store, key)


def delete_key(key: str) -> bool:
    """Delete a key with its value, and return True.

    Raises:
        ValueError: There is no such key.
    """
    from prefect.orchestration import key_values

    store = connected_store()
    with value_errors():
        return key_values.delete_key(store, key)


def list_keys() -> list[str]:
    """Return all keys in order."""
    from prefect.orchestration import key_values

    return key_values.list_keys(connected_store())
