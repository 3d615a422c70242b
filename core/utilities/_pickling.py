"""Pickles of flows and tasks whose functions still know their file, so that the tracebacks of the user's own code name it.

Since cloudpickle 3.1.3 functions come out of a pickle as ``<dynamic-code>``.

Source: DESIGN §4 decision 5.
"""

from __future__ import annotations

import io
from collections import ChainMap
from types import CodeType
from typing import Any

import cloudpickle

#: What cloudpickle says instead of the name of a file.
_NO_FILE = "<dynamic-code>"


def dumps(value: Any, protocol: int | None = None) -> bytes:
    """Return a value as a pickle; see ``cloudpickle.dumps``.

    Raises:
        Exception: Whatever the value raises when it is pickled.
    """
    file = io.BytesIO()
    Pickler(file, protocol).dump(value)
    return file.getvalue()


def _reduced(code: CodeType) -> tuple[Any, ...]:
    make, values, *rest = cloudpickle.Pickler.dispatch_table[CodeType](code)
    return make, tuple(code.co_filename if value == _NO_FILE else value for value in values), *rest


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Pickles as cloudpickle does, and keeps the names of files."""

    dispatch_table = ChainMap({CodeType: _reduced}, cloudpickle.Pickler.dispatch_table)
