"""Reading and writing configuration files.

Source: core.md §17.1, §17.6.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class InvalidConfigurationError(ValueError):
    """A configuration file or variable that cannot be used; the message says which and what to do."""


def read_toml(path: str) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises:
        InvalidConfigurationError: The file cannot be read or is not TOML; the message names file and line.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, encoding="utf-8") as file:
            return tomllib.loads(file.read())
    except OSError as exc:
        raise InvalidConfigurationError(
            f"The configuration file {path} cannot be read: {exc.strerror}. Make it readable or move it away."
        ) from exc
    except ValueError as exc:  # not TOML, or not UTF-8
        raise InvalidConfigurationError(
            f"The configuration file {path} is not valid TOML: {exc}. Correct it or move it away."
        ) from exc


def to_toml(settings: Mapping[str, Any]) -> str:
    """Return a TOML document with these settings.

    Args:
        settings: Dotted key → text, number, boolean or list of these; keys of one section stand together.
    """
    import json

    lines: list[str] = []
    current = ""
    for key, value in settings.items():
        section, _, name = key.rpartition(".")
        if section != current:
            lines += ["", f"[{section}]"]
            current = section
        # JSON writes text, numbers, booleans and lists as TOML does.
        lines.append(f"{name} = {json.dumps(value)}")
    return "\n".join(lines) + "\n"
