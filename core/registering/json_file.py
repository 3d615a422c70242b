"""The JSON file of flows that ``prefect build`` writes and ``prefect register --json`` reads.

Source: cli.md §5.3 and §7.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from prefect.loading import SourceNotFoundError, SourceUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Document = dict[str, Any]

#: The only version of the file's format.
VERSION = 1
_HINT = "Files of this kind are written by 'prefect build'."


def read_flows(path: str) -> list[Document]:
    """Return the flows of a file or URL in their JSON form.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceUnusableError: It cannot be read, or holds something else.
    """
    try:
        content = json.loads(_content(path))
    except (ValueError, RecursionError):
        raise _invalid(path) from None
    if not isinstance(content, dict) or "version" not in content:
        raise _invalid(path)
    if content["version"] != VERSION:
        raise SourceUnusableError(
            f"{path!r} is version {content['version']!r}, only version {VERSION} is supported", location=path
        )
    flows = content.get("flows")
    if not isinstance(flows, list) or not all(map(_is_named, flows)):
        raise _invalid(path)
    return flows


def _content(path: str) -> bytes:
    from prefect.utilities.filesystems import read_bytes_from_path

    try:
        return read_bytes_from_path(path)
    except FileNotFoundError:
        raise SourceNotFoundError(f"Path {path!r} doesn't exist", location=path) from None
    except IsADirectoryError:
        raise SourceUnusableError(f"{path!r} is a folder.", location=path, hint=_HINT) from None
    except Exception as error:  # whatever a place in a cloud raises
        message = str(error) if path in str(error) else f"{path!r} cannot be read: {error}"
        raise SourceUnusableError(message, location=path) from error


def _is_named(flow: object) -> bool:
    return isinstance(flow, dict) and isinstance(flow.get("name"), str) and flow["name"] != ""


def _invalid(path: str) -> SourceUnusableError:
    return SourceUnusableError(
        f"{path!r} is not a valid Prefect flows `json` file.",
        location=path,
        hint=_HINT,
    )


def write_flows(path: str, flows: Iterable[Document]) -> None:
    """Write flows in their JSON form by name; of several with one name the last is kept.

    Args:
        path: The file; whoever reads it sees the old content or the whole new one.
        flows: The flows.

    Raises:
        OSError: It cannot be written.
    """
    from prefect.utilities.filesystems import replace_file

    by_name = {flow["name"]: flow for flow in flows}
    content = {"flows": [by_name[name] for name in sorted(by_name)], "version": VERSION}
    replace_file(os.path.abspath(path), json.dumps(content, sort_keys=True).encode(), mode=0o666)
