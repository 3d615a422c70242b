"""``auth.toml`` in the home folder: the key and tenant that were last used with each server.

Source: backend.md §19.3.
"""

from __future__ import annotations

import os
import re

from prefect.config_file import read_toml
from prefect.utilities.filesystems import home_dir, keep_file

_NOT_HOST = re.compile(r"[^a-z0-9.]+")


def load_auth(server: str) -> dict[str, str]:
    """Return what was saved for a server: ``api_key`` and ``tenant_id``, or nothing.

    Raises:
        InvalidConfigurationError: The file cannot be read.
    """
    return _saved().get(_section(server), {})


def save_auth(server: str, auth: dict[str, str]) -> None:
    """Save key and tenant for a server, and keep those of the others; only the owner can read the file.

    Raises:
        InvalidConfigurationError: The file cannot be read.
    """
    sections = {**_saved(), _section(server): auth}
    keep_file(_path(), _toml(sections).encode())


def _toml(sections: dict[str, dict[str, str]]) -> str:
    import json

    lines = ["# Written by prefect."]
    for name, entries in sections.items():
        # JSON writes text as TOML does.
        lines += ["", f"[{json.dumps(name)}]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())]
    return "\n".join(lines) + "\n"


def _saved() -> dict[str, dict[str, str]]:
    path = _path()
    return read_toml(path) if os.path.exists(path) else {}


def _path() -> str:
    return os.path.join(home_dir(), "auth.toml")


def _section(server: str) -> str:
    """Return the name of a server's section: its host and port, as 1.x writes them."""
    host = server.rpartition("://")[2].partition("/")[0]
    return _NOT_HOST.sub("-", host.lower()).strip("-") or "local"
