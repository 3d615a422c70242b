"""Values given as ``key=value`` on the command line, and the JSON file of parameters.

Source: cli.md §3.2, §3.5; users ask for ``-`` as the name of standard input.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from prefect.cli.errors import NOT_FOUND, USAGE, CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Texts that begin so become strings when they are not JSON; Python 3.13 found a better name for one case of the second.
_BARE_WORD_ERRORS = ("Extra data", "Expecting value", "Illegal trailing comma")

_TOO_DEEP = "it is nested too deeply"


def parse_key_values(specs: Iterable[str], kind: str) -> dict[str, Any]:
    """Return the values of ``--param`` or ``--context``; of a repeated key the last one.

    Args:
        specs: ``key=value`` each; the value is JSON, or a bare word.
        kind: ``parameter`` or ``context``, for messages.

    Raises:
        CommandError: One has no ``=`` or no key, or its value is neither.
    """
    values = {}
    for spec in specs:
        key, equals, text = spec.partition("=")
        if not key or not equals:
            raise CommandError(f"Invalid {kind} option {spec!r}. Expected format 'key=value'.", exit_code=USAGE)
        try:
            values[key] = _parse_value(text)
        except (ValueError, RecursionError) as error:
            reason = _TOO_DEEP if isinstance(error, RecursionError) else error
            indented = "\n".join("\t" + line for line in text.split("\n"))
            raise CommandError(
                f"Failed to parse JSON for {kind} {key!r} with value\n\n{indented}\n\nJSON Error: {reason}",
                exit_code=USAGE,
            ) from None
    return values


def _parse_value(text: str) -> Any:
    import json

    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if '"' in text or not error.msg.startswith(_BARE_WORD_ERRORS):
            raise
        return json.loads(f'"{text}"')


def read_parameter_file(path: str) -> dict[str, Any]:
    """Return the parameters of a JSON file, or of standard input for ``-``.

    Raises:
        CommandError: The file cannot be read, or is not a JSON object.
    """
    place = "<stdin>" if path == "-" else os.path.abspath(path)
    import json

    try:
        values = json.loads(_content(path, place))
    except (ValueError, RecursionError) as error:
        reason = _TOO_DEEP if isinstance(error, RecursionError) else error
        raise CommandError(f"Failed to parse JSON at {place!r}: {reason}") from None
    except MemoryError:
        raise CommandError(f"The parameter file {place!r} is too large for the memory of this machine.") from None
    if not isinstance(values, dict):
        raise CommandError(
            f"The JSON at {place!r} is not an object but {_JSON_NAMES[type(values)]}.",
            hint='Write the parameters as {"name": value, ...}.',
        )
    return values


_JSON_NAMES = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}


def _content(path: str, place: str) -> str:
    try:
        if path == "-":
            content = sys.stdin.buffer.read()
        else:
            with open(place, "rb") as file:
                content = file.read()
    except FileNotFoundError:
        raise CommandError(f"Parameter file does not exist: {place!r}", exit_code=NOT_FOUND) from None
    except OSError as error:
        raise CommandError(f"Cannot read the parameter file {place!r}: {error.strerror}.") from None
    if not content.strip():
        raise CommandError(
            f"The parameter file {place!r} is empty.", hint='Write the parameters as {"name": value, ...}.'
        )
    return content.decode("utf-8-sig")
