"""Names that users give to what the store keeps."""

from __future__ import annotations

from prefect.exceptions import ClientError


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
