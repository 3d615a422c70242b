"""Errors of a backend as the views and helpers of 1.x raise them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def value_errors() -> Iterator[None]:
    """Raise ``ValueError``, with the hint in its text, for what the backend refuses inside the ``with`` block."""
    try:
        yield
    except ClientError as error:
        raise ValueError(_with_hint(str(error), error.hint)) from error


def _with_hint(message: str, hint: str) -> str:
    if not hint:
        return message
    return f"{message} {hint}" if message.endswith((".", "?", "!")) else f"{message}. {hint}"


def require_text(value: object, name: str) -> None:
    """Check that an id is text.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(value, str):
        raise TypeError(f"Unexpected type {type(value)!r} for `{name}`, expected 'str'.")
