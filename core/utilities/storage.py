"""Flows from files and modules, and flows as pickles.

Source: core.md §2.8, §16.3 and §16.6.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.exceptions import FlowStorageError
from prefect.utilities.filesystems import home_dir, keep_file, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.flow import Flow

__all__ = [
    "extract_flow_from_file",
    "extract_flow_from_module",
    "flow_from_bytes_pickle",
    "flow_to_bytes_pickle",
    "load_flow",
    "save_flow",
    "slug",
]

#: Bytes; the name of a file may have 255 on most filesystems, and endings are added.
_LONGEST_SLUG = 100


def extract_flow_from_file(
    file_path: str | None = None, file_contents: str | bytes | None = None, flow_name: str | None = None
) -> Flow:
    """Execute Python code and return one of the flows it defines at its top level.

    ``__name__`` is not ``"__main__"`` there, and ``__file__`` is the path as given.

    Args:
        file_path: File with the code.
        file_contents: The code itself, instead of a file.
        flow_name: Name of the flow; by default the first one is returned.

    Raises:
        ValueError: Both or neither of file and code are given, or there is no such flow.
        TypeError: The code is neither text nor bytes.
        FileNotFoundError: There is no such file.
        Exception: Whatever the code raises.

    Source:
        core.md §16.3.
    """
    if (file_path is None) == (file_contents is None):
        raise ValueError("A flow is taken from a file or from code. Provide either `file_path` or `file_contents`.")
    if file_path is not None:
        return _flow_of_name(flow_name, _flows_of_file(file_path), os.fspath(file_path))
    if not isinstance(file_contents, (str, bytes)):
        raise TypeError(f"`file_contents` is {file_contents!r}. Provide the code as text or bytes.")
    return extract_flow_from_code(file_contents, flow_name, "the given code")


def extract_flow_from_code(code: str | bytes, flow_name: str | None, place: str) -> Flow:
    """Execute Python code and return one of the flows it defines at its top level; see :func:`extract_flow_from_file`.

    Args:
        code: The code.
        flow_name: Name of the flow; by default the first one is returned.
        place: Where the code comes from, for errors and tracebacks.

    Raises:
        ValueError: There is no such flow.
        Exception: Whatever the code raises.
    """
    return _flow_of_name(flow_name, _flows_of_code(code, place, {}), place)


def _flow_of_name(name: str | None, flows: dict[str, Flow], place: str) -> Flow:
    if name is None:
        return next(iter(flows.values()))
    if name not in flows:
        raise ValueError(f"Flow {name!r} not found in {place}. Found flows: {_listed(flows)}.")
    return flows[name]


def extract_registered_flow(file_path: str, registered_name: str) -> Flow:
    """Execute a file and return the flow that was registered from it, or its only one whatever that is named.

    A flow whose name is made when the file is executed has another one on another day or machine.

    Args:
        file_path: File with the code.
        registered_name: Name of the flow when it was registered.

    Raises:
        ValueError: The file holds no flow, or several of other names.
        Exception: Whatever the code raises.

    Source:
        core.md §16.4; 1.x took the first flow of a Git repository's file, whatever its name.
    """
    flows = _flows_of_file(file_path)
    return _flow_of_name(registered_name if len(flows) > 1 else None, flows, file_path)


def _flows_of_file(path: str) -> dict[str, Flow]:
    with open(path, "rb") as file:
        code = file.read()
    return _flows_of_code(code, os.fspath(path), {"__file__": os.fspath(path)})


def _flows_of_code(code: str | bytes, place: str, variables: dict[str, Any]) -> dict[str, Flow]:
    """Execute code and return the flows it defines, at least one, in their order.

    Args:
        code: The code.
        place: Where it comes from, for errors and tracebacks.
        variables: What the code finds at its top level.
    """
    _show_in_tracebacks(code, place)
    # Without `dont_inherit` the code would have the `annotations` of this module's future.
    exec(compile(code, place, "exec", dont_inherit=True), variables)  # noqa: S102 - flows are code
    flows = _flows_by_name(variables.values())
    if not flows:
        raise ValueError(f"No flows found in {place}. Define one at its top level.")
    return flows


def _show_in_tracebacks(code: str | bytes, place: str) -> None:
    """Let tracebacks show lines of code that is in no file, or in one that is gone when they are written."""
    import linecache

    text = code if isinstance(code, str) else code.decode(errors="replace")
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)


def extract_flow_from_module(module_str: str, flow_name: str | None = None) -> Flow:
    """Import a module and return a flow it defines.

    Args:
        module_str: ``package.module``, or ``package.module:attribute.path`` where the attribute is a flow or a function
            without arguments that returns one.
        flow_name: Name the flow has to have; needed if the module holds several and no attribute is given.

    Raises:
        ValueError: There is no such flow or attribute, or several flows to choose from.
        TypeError: The attribute is neither a flow nor a function that returns one.
        Exception: Whatever importing the module raises.

    Source:
        core.md §16.3.
    """
    from importlib import import_module

    module_name, colon, path = module_str.partition(":")
    module: Any = import_module(module_name)
    if colon:
        return _flow_at(module, path, module_str, flow_name)
    flows = _flows_by_name(vars(module).values())
    if flow_name is not None:
        if flow_name not in flows:
            raise ValueError(f"Flow {flow_name!r} not found in {module_str!r}. Found flows: {_listed(flows)}.")
        return flows[flow_name]
    if not flows:
        raise ValueError(f"No flows found in {module_str!r}. Define one at its top level.")
    if len(flows) > 1:
        raise ValueError(f"Several flows found in {module_str!r}: {_listed(flows)}. Choose one with `flow_name`.")
    return next(iter(flows.values()))


def _flow_at(module: Any, path: str, module_str: str, flow_name: str | None) -> Flow:
    from prefect.flow import Flow

    found = module
    for name in path.split("."):
        if not hasattr(found, name):
            raise ValueError(f"There is no flow at {module_str!r}: {found!r} has no attribute {name!r}.")
        found = getattr(found, name)
    if not isinstance(found, Flow) and callable(found):
        found = found()
    if not isinstance(found, Flow):
        raise TypeError(
            f"{module_str!r} is a {type(found).__name__}, not a flow. Name a flow, or a function returning one."
        )
    if flow_name is not None and found.name != flow_name:
        raise ValueError(f"The flow at {module_str!r} is named {found.name!r}, not {flow_name!r}.")
    return found


def _flows_by_name(values: Iterable[Any]) -> dict[str, Flow]:
    from prefect.flow import Flow

    return {value.name: value for value in values if isinstance(value, Flow)}


def _listed(flows: dict[str, Flow]) -> str:
    return ", ".join(map(repr, flows)) or "none"


def flow_to_bytes_pickle(flow: Flow) -> bytes:
    """Return a flow as JSON text that holds its pickle and the versions it was made with.

    Raises:
        Exception: Whatever cloudpickle raises for a flow that cannot be pickled.

    Source:
        core.md §16.6.
    """
    import json
    from base64 import b64encode

    from prefect.utilities._pickling import dumps

    pickled = dumps(flow, protocol=4)  # the highest that every Python which 1.x knows can read
    return json.dumps({"flow": b64encode(pickled).decode(), "versions": _versions()}).encode()


def flow_from_bytes_pickle(data: bytes) -> Flow:
    """Return the flow in what :func:`flow_to_bytes_pickle` made, or in a bare pickle.

    Only for data from your own storage: unpickling executes code.

    Raises:
        FlowStorageError: The data cannot be read as a flow.

    Source:
        core.md §16.6.
    """
    import pickle

    from prefect.flow import Flow

    pickled, built_with = _opened(data)
    mismatches = {
        name: (version, built_with[name])
        for name, version in _versions().items()
        if built_with.get(name, version) != version
    }
    try:
        flow = pickle.loads(pickled)
    except FlowStorageError:
        raise
    except Exception as error:
        raise FlowStorageError(_explanation(error, mismatches)) from error
    if not isinstance(flow, Flow):
        raise FlowStorageError(f"The stored data holds a {type(flow).__name__}, not a flow. Store the flow again.")
    if "prefect" in mismatches:
        import warnings

        here, there = mismatches["prefect"]
        warnings.warn(
            f"The flow {flow.name!r} was stored by version {there} and is loaded by version {here}."
            " Store it again if it does not behave.",
            UserWarning,
            stacklevel=2,
        )
    return flow


def _opened(data: bytes) -> tuple[bytes, dict[str, str]]:
    """Return the pickle and the versions it was made with, which a bare pickle does not tell."""
    import json
    from base64 import b64decode

    try:
        envelope = json.loads(data)
    except ValueError:
        return data, {}
    try:
        return b64decode(envelope["flow"], validate=True), dict(envelope.get("versions") or {})
    except (KeyError, TypeError, ValueError) as error:
        raise FlowStorageError("The stored data is JSON that holds no flow. Store the flow again.") from error


def _versions() -> dict[str, str]:
    import platform

    import cloudpickle

    from prefect._version import __version__

    return {"cloudpickle": cloudpickle.__version__, "prefect": __version__, "python": platform.python_version()}


def _explanation(error: Exception, mismatches: dict[str, tuple[str, str]]) -> str:
    text, end = f"The stored flow cannot be unpickled: {error!r}.", " "
    if mismatches:
        text += "\nIt was made with other versions, which may be the reason:"
        text += "".join(f"\n  - {name}: stored with {there}, here {here}" for name, (here, there) in mismatches.items())
        end = "\n"
    if isinstance(error, ImportError):
        return f"{text}{end}A module that the flow needs is missing here. Install what the flow depends on."
    return f"{text}{end}Store the flow again from the file that defines it."


def save_flow(flow: Flow, fpath: str | None = None) -> str:
    """Pickle a flow into a file.

    Args:
        flow: The flow.
        fpath: The file, in a folder that exists; by default ``<home>/flows/<slug of the name>.prefect``.

    Returns:
        The path.

    Source:
        core.md §2.8.
    """
    content = flow_to_bytes_pickle(flow)
    if fpath is not None:
        replace_file(os.fspath(fpath), content, mode=0o666)
        return os.fspath(fpath)
    path = _default_path(flow.name)
    keep_file(path, content)
    return path


def load_flow(fpath: str) -> Flow:
    """Return the flow pickled in a file.

    Args:
        fpath: Absolute path of the file, or the name of a flow that was saved without a path.

    Raises:
        FileNotFoundError: There is no such file.
        FlowStorageError: The file cannot be read as a flow.

    Source:
        core.md §2.8.
    """
    fpath = os.fspath(fpath)
    path = fpath if os.path.isabs(fpath) else _default_path(fpath)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            error.errno, f"No flow is saved as {fpath!r}; give the name of a saved flow or an absolute path", path
        ) from error
    return flow_from_bytes_pickle(content)


def _default_path(name: str) -> str:
    return os.path.join(home_dir(), "flows", f"{slug(name)}.prefect")


def slug(name: str) -> str:
    """Return a name as lower-case words joined by hyphens, without accents; no part of it can lead to another folder.

    It has 100 bytes at most; of a name without a letter or digit nothing is left.
    """
    import re
    import unicodedata

    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", "-", plain).strip("-")
    return words.encode()[:_LONGEST_SLUG].decode(errors="ignore").strip("-")
