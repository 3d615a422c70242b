"""Flows from a Python file or an importable module.

Source: cli.md §3.3; core.md §2.6 (what ``flow.run`` does while its file is loaded).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from prefect.context import context
from prefect.exceptions import PrefectException
from prefect.utilities._suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType, ModuleType

    from prefect.flow import Flow

#: Name under which a file is executed, so that its ``if __name__ == "__main__":`` blocks do not run.
SCRIPT_MODULE_NAME = "<flow>"


class FlowLoadError(PrefectException):
    """No flow could be taken from a file or module.

    Args:
        message: What failed, naming the thing.
        location: The path or module name as it was given.
        hint: What to do about it; may be empty.
    """

    def __init__(self, message: str, *, location: str, hint: str = "") -> None:
        super().__init__(message)
        self.location = location
        self.hint = hint


class SourceNotFoundError(FlowLoadError):
    """There is no such file, module, or attribute of a module."""


class SourceUnusableError(FlowLoadError):
    """The source exists, but flows cannot be looked for in it."""


class SourceRaisedError(FlowLoadError):
    """The user's code is not Python or raised while it was executed; ``__cause__`` is its exception."""


class FlowNotFoundError(FlowLoadError):
    """The source holds no flow, or none of the name asked for.

    Args:
        message: What failed.
        location: The path or module name as it was given.
        names: The names of the flows that are there.
        hint: What to do about it.
    """

    def __init__(self, message: str, *, location: str, names: Sequence[str], hint: str = "") -> None:
        super().__init__(message, location=location, hint=hint)
        self.names = tuple(names)


class FlowAmbiguousError(FlowNotFoundError):
    """The source holds several flows and none was asked for by name."""


def load_flows_from_path(path: str) -> list[Flow]:
    """Execute a Python file and return the flows at its top level, each once, in the order of their definition.

    While the file is executed its folder comes first on ``sys.path``, ``__name__`` is ``"<flow>"``, and the context
    holds ``loading_flow=True`` and ``local_script_path``. ``SystemExit`` and ``KeyboardInterrupt`` pass through.

    Raises:
        SourceNotFoundError: There is no such file.
        SourceUnusableError: The file cannot be read.
        SourceRaisedError: It is not Python, or raised.
    """
    code = _compiled(path)
    module = type(sys)(SCRIPT_MODULE_NAME)
    module.__file__ = path
    module.__package__ = ""
    replaced = sys.modules.get(SCRIPT_MODULE_NAME)
    folder = os.path.dirname(os.path.abspath(path))
    program = sys.argv[0]
    sys.path.insert(0, folder)
    sys.modules[SCRIPT_MODULE_NAME] = module
    sys.argv[0] = path
    try:
        with context(loading_flow=True, local_script_path=path):
            exec(code, module.__dict__)  # noqa: S102 - running the user's file is what was asked for
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise SourceRaisedError(f"{path!r} raised an error while it was loaded.", location=path) from error
    finally:
        sys.argv[0] = program
        # Functions of a module that is not importable are pickled whole, which is what worker processes need.
        if replaced is None:
            sys.modules.pop(SCRIPT_MODULE_NAME, None)
        else:
            sys.modules[SCRIPT_MODULE_NAME] = replaced
        if folder in sys.path:
            sys.path.remove(folder)
    return _distinct_flows(vars(module).values())


def _compiled(path: str) -> CodeType:
    try:
        absolute = os.path.abspath(path)
    except FileNotFoundError:
        raise SourceNotFoundError(
            f"File does not exist: {path!r}", location=path, hint="The current folder does not exist any more."
        ) from None
    try:
        with open(absolute, "rb") as file:
            source = file.read()
    except FileNotFoundError:
        raise SourceNotFoundError(f"File does not exist: {absolute!r}", location=path) from None
    except IsADirectoryError:
        raise SourceUnusableError(
            f"{absolute!r} is a folder.", location=path, hint="Give the path of a Python file in it."
        ) from None
    except OSError as error:
        raise SourceUnusableError(f"Cannot read {absolute!r}: {error.strerror}.", location=path) from error
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ) as error:  # ValueError: null bytes, before Python 3.12
        raise SourceRaisedError(f"{path!r} is not valid Python.", location=path) from error


def load_flows_from_module(name: str) -> list[Flow]:
    """Import a module, or the flow that a dotted path leads to, and return the flows at its top level.

    Raises:
        SourceNotFoundError: There is no such module, and no such attribute of its parent.
        SourceUnusableError: The path leads to something else than a module or a flow.
        SourceRaisedError: The module raised while it was imported.
    """
    from prefect.flow import Flow

    with context(loading_flow=True):
        found = _import_or_attribute(name)
    if isinstance(found, Flow):
        return [found]
    if not isinstance(found, type(sys)):
        raise SourceUnusableError(
            f"Invalid object of type {type(found).__name__!r} found at {name!r}. Expected Module or Flow.",
            location=name,
        )
    return _distinct_flows(vars(found).values())


def _import_or_attribute(name: str) -> Any:
    if not all(part.isidentifier() for part in name.split(".")):
        raise SourceNotFoundError(f"No module named {name!r}", location=name, hint=_module_hint(name))
    try:
        return _imported(name)
    except SourceNotFoundError as error:
        parent, _, attribute = name.rpartition(".")
        if not parent:
            raise
        try:
            module = _imported(parent)
        except SourceNotFoundError as missing:
            raise (error if error.hint else missing) from None
        if not hasattr(module, attribute):
            raise SourceNotFoundError(
                f"Module {parent!r} has no attribute {attribute!r}", location=name, hint=error.hint
            ) from None
        return getattr(module, attribute)


def _imported(name: str) -> ModuleType:
    try:
        __import__(name)
    except (KeyboardInterrupt, SystemExit):
        raise
    except ModuleNotFoundError as error:
        # A module that exists but imports a missing one is the user's error and shown as such.
        if error.name is not None and (error.name == name or name.startswith(error.name + ".")):
            message = f"No module named {error.name!r}"
            raise SourceNotFoundError(message, location=name, hint=_module_hint(name)) from None
        raise SourceRaisedError(f"Module {name!r} raised an error while it was imported.", location=name) from error
    except BaseException as error:
        raise SourceRaisedError(f"Module {name!r} raised an error while it was imported.", location=name) from error
    return sys.modules[name]


def _module_hint(name: str) -> str:
    if os.path.isfile(name):
        return f"To take a file: --path {name}"
    path = name.replace(".", os.sep)
    not_searched = "The current folder is not searched for modules. Set PYTHONPATH=."
    if os.path.isfile(f"{path}.py"):
        return f"{not_searched}, or take the file: --path {path}.py"
    return not_searched if os.path.isfile(os.path.join(path, "__init__.py")) else ""


def _distinct_flows(values: Iterable[object]) -> list[Flow]:
    from prefect.flow import Flow

    flows: list[Flow] = []
    for value in values:
        if isinstance(value, Flow) and not any(value is flow for flow in flows):
            flows.append(value)
    return flows


def select_flow(flows: Sequence[Flow], *, name: str | None, location: str) -> Flow:
    """Return the only flow, or the last one of that name.

    Args:
        flows: What was found.
        name: The name asked for, if any.
        location: Where it was found, for the message.

    Raises:
        FlowNotFoundError: There are none, or none of that name.
        FlowAmbiguousError: There are several and no name was given.
    """
    names = list(_distinct_names(flows))
    listed = ", ".join(repr(known) for known in names)
    if not flows:
        raise FlowNotFoundError(
            f"Found no flows at {location}.",
            location=location,
            names=names,
            hint="A flow must be bound to a variable at the top level of the file or module.",
        )
    if name is not None:
        for flow in reversed(flows):
            if flow.name == name:
                return flow
        message = f"Did not find {name!r} in flows at {location}. Found {listed}"
        raise FlowNotFoundError(message, location=location, names=names, hint=did_you_mean(name, names))
    if len(flows) > 1:
        raise FlowAmbiguousError(
            f"Found multiple flows at {location!r}: {listed}\n\nSpecify a flow name to run.",
            location=location,
            names=names,
            hint="For instance: --name " + (repr(names[0]) if " " in names[0] else names[0]),
        )
    return flows[0]


def _distinct_names(flows: Iterable[Flow]) -> Iterator[str]:
    return iter(dict.fromkeys(flow.name for flow in flows))
