"""The file in which the choice of a backend is kept; see ``prefect backend``.

Source: core.md §1.2 and §17.1; cli.md §1.4 and §9.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from prefect.config_file import read_toml
from prefect.configuration import backend_config_path
from prefect.utilities.filesystems import keep_file


def backend_path() -> Path:
    """Return the absolute path of the file that is written and, at every start, read."""
    return Path(os.path.abspath(backend_config_path()))


def load_backend() -> dict[str, Any]:
    """Return what stands in the file, ``{"backend": …}`` as a rule; an empty dictionary when there is none.

    Raises:
        InvalidConfigurationError: The file cannot be read, or is not TOML.
    """
    path = backend_path()
    return read_toml(str(path)) if path.exists() else {}


def save_backend(backend: str) -> None:
    """Keep a choice for programs that start from now on; what else stands in the file stays.

    Args:
        backend: ``local`` or ``server``; commands refuse another one.

    Raises:
        OSError: The file cannot be written.
    """
    path = str(backend_path())
    keep_file(path, _chosen(path, backend).encode())


def _chosen(path: str, backend: str) -> str:
    """Return the text of the file with another backend."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        text = ""
    line = f"backend = {json.dumps(backend)}\n"
    # Only above the first section; below it the name would mean another key.
    section = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    end = section.start() if section else len(text)
    pattern = r"^[ \t]*backend[ \t]*=.*\n?"
    changed, count = re.subn(pattern, lambda _: line, text[:end], count=1, flags=re.MULTILINE)
    return (changed if count else line + changed) + text[end:]
