"""Names that users give to what the store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterable


def checked_name(name: object, what: str) -> str:
    """Return a name as it is; any text will do but an empty one.

    Args:
        name: What the user chose.
        what: What is named, such as ``"A project"``.

    Raises:
        ClientError: The name is empty, or no text.
    """
    if not isinstance(name, str) or not name.strip():
        raise ClientError(f"{what} needs a name, and {name!r} is none. Choose a text that is not empty.")
    return name


def checked_labels(labels: Iterable[str]) -> list[str]:
    """Return labels in order, each once.

    Raises:
        ClientError: They are no list of texts; a text alone would count as its letters.
    """
    found = None if isinstance(labels, str) else list(labels)
    if found is None or not all(isinstance(label, str) for label in found):
        raise ClientError(f"Labels are a list of texts, and {labels!r} is none.", hint="Write them as ['one', 'two'].")
    return sorted(set(found))
