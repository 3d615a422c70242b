"""Where flows come from: Python files, modules, and JSON files that ``prefect build`` has written.

Source: cli.md §5.2 and §5.3.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from prefect.loading import (
    FlowNotFoundError,
    SourceNotFoundError,
    SourceRaisedError,
    SourceUnusableError,
    load_flows_from_module,
    load_flows_from_path,
)
from prefect.utilities._suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from prefect.flow import Flow
    from prefect.storage import Storage

    Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """What a source holds: flows, or documents of flows that are built already.

    Attributes:
        location: Path, module or URL as it was given.
        file: Absolute path of the Python file, if there is one.
        flows: The flows, in the order of their definition.
        documents: Flows in their JSON form.
        new_storage: Makes the storage of a flow that names none.
    """

    location: str
    file: str | None = None
    flows: tuple[Flow, ...] = ()
    documents: tuple[Document, ...] = ()
    new_storage: Callable[[], Storage] | None = None

    def names(self) -> list[str]:
        """Return the names of what it holds."""
        return [*(flow.name for flow in self.flows), *(document["name"] for document in self.documents)]

    def only(self, names: Sequence[str]) -> LoadedSource:
        """Return the same source with nothing but the flows of these names."""
        return LoadedSource(
            self.location,
            self.file,
            tuple(flow for flow in self.flows if flow.name in names),
            tuple(document for document in self.documents if document["name"] in names),
            self.new_storage,
        )


class FlowSource(Protocol):
    """A place that holds flows."""

    @property
    def location(self) -> str:
        """Path, module or URL as it was given."""

    def file(self) -> str:
        """Return the file whose content decides what the source holds.

        Raises:
            FlowLoadError: There is none.
        """

    def load(self) -> LoadedSource:
        """Return what the source holds.

        Raises:
            FlowLoadError: That cannot be found out.
        """


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A Python file."""

    location: str

    def file(self) -> str:
        """Return its absolute path."""
        return os.path.abspath(self.location)

    def load(self) -> LoadedSource:
        """Execute it; see :func:`prefect.loading.load_flows_from_path`."""
        path = self.file()
        with _exits_are_errors(self.location):
            flows = load_flows_from_path(path)
        return LoadedSource(self.location, path, tuple(flows), new_storage=lambda: _script_storage(path))


def _script_storage(path: str) -> Storage:
    from prefect.storage import Local

    return Local(path=path, stored_as_script=True)


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """An importable module, or a flow in one."""

    location: str

    def file(self) -> str:
        """Return the file of the module; packages above it are imported.

        Raises:
            SourceNotFoundError: There is no such module, or it has no file.
            SourceRaisedError: A package above it raised.
        """
        with _exits_are_errors(self.location):
            found = _file_of_module(self.location)
        if found is None:
            raise SourceNotFoundError(
                f"No module named {self.location!r}",
                location=self.location,
                hint="A module that is watched needs a file.",
            )
        return found

    def load(self) -> LoadedSource:
        """Import it; see :func:`prefect.loading.load_flows_from_module`."""
        import sys

        with _exits_are_errors(self.location):
            flows = load_flows_from_module(self.location)
        # A dotted path to a flow is no module, though its beginning is one.
        module = self.location if self.location in sys.modules else self.location.rpartition(".")[0]
        file = getattr(sys.modules[module], "__file__", None)
        path = None if file is None else os.path.abspath(file)
        return LoadedSource(self.location, path, tuple(flows), new_storage=lambda: _module_storage(module))


def _file_of_module(location: str) -> str | None:
    from prefect.context import context
    from prefect.storage.code.module import file_of_module

    try:
        with context(loading_flow=True):
            return file_of_module(location) or file_of_module(location.rpartition(".")[0] or location)
    except Exception as error:
        message = f"Module {location!r} raised an error while it was imported."
        raise SourceRaisedError(message, location=location) from error


def _module_storage(module: str) -> Storage:
    from prefect.storage import Module

    return Module(module)


@contextmanager
def _exits_are_errors(location: str) -> Iterator[None]:
    """Turn ``sys.exit`` of the user's code into an error of its source."""
    try:
        yield
    except SystemExit as error:
        shown = "" if error.code is None else repr(error.code)
        raise SourceRaisedError(
            f"{location!r} called sys.exit({shown}) while it was loaded.", location=location
        ) from None


@dataclass(frozen=True, slots=True)
class JsonSource:
    """A file or URL that ``prefect build`` has filled."""

    location: str

    def is_remote(self) -> bool:
        """Return whether it is no file of this machine."""
        from prefect.utilities.filesystems import parse_path

        return parse_path(self.location).scheme != "file"

    def file(self) -> str:
        """Return its absolute path.

        Raises:
            SourceUnusableError: It is not on this machine.
        """
        from prefect.utilities.filesystems import parse_path

        if self.is_remote():
            raise SourceUnusableError(f"{self.location!r} is not a file of this machine.", location=self.location)
        return os.path.abspath(parse_path(self.location).path)

    def load(self) -> LoadedSource:
        """Read it; see :func:`prefect.registering.json_file.read_flows`."""
        from prefect.registering.json_file import read_flows

        return LoadedSource(self.location, documents=tuple(read_flows(self.location)))


def find_sources(paths: Iterable[str], modules: Iterable[str], json_files: Iterable[str]) -> list[FlowSource]:
    """Return the sources that a user names, each once.

    Args:
        paths: Files, folders, whose Python files are meant, and patterns, in which ``**`` stands for any folders.
        modules: Modules, and dotted paths of flows.
        json_files: Paths and URLs of what ``prefect build`` has written.

    Raises:
        SourceNotFoundError: There is nothing at one of the paths.
        SourceUnusableError: A folder cannot be read.
    """
    scripts = distinct_scripts(file for path in paths for file in files_at(path))
    others: list[FlowSource] = [*map(ModuleSource, modules), *map(JsonSource, json_files)]
    return [*scripts, *dict.fromkeys(others)]


def distinct_scripts(files: Iterable[str]) -> list[ScriptSource]:
    """Return the sources of files, each once, whatever the ways to write its path."""
    by_path: dict[str, ScriptSource] = {}
    for file in files:
        by_path.setdefault(os.path.abspath(file), ScriptSource(file))
    return list(by_path.values())


def files_at(path: str) -> list[str]:
    """Return the files that a path means, sorted.

    Args:
        path: As for :func:`find_sources`.

    Raises:
        SourceNotFoundError: There are none; a folder may be empty.
        SourceUnusableError: A folder cannot be read.
    """
    if os.path.lexists(path):
        matches = [path]
    else:
        from glob import glob

        matches = sorted(glob(path, recursive=True))
    if not matches:
        raise SourceNotFoundError(f"Path {path!r} doesn't exist", location=path)
    return [file for match in matches for file in (_files_in(match) if os.path.isdir(match) else [match])]


def _files_in(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        message = f"Cannot read the folder {folder!r}: {error.strerror}."
        raise SourceUnusableError(message, location=folder) from error
    return [os.path.join(folder, name) for name in names if name.endswith(".py") and not name.startswith(".")]


def only_named(sources: Sequence[LoadedSource], names: Sequence[str]) -> tuple[list[LoadedSource], list[str]]:
    """Return the sources with the flows of some names only, and the names that none of them holds, sorted.

    Args:
        sources: What was loaded.
        names: The names; none for all flows.
    """
    if not names:
        return list(sources), []
    known = {name for source in sources for name in source.names()}
    return [source.only(names) for source in sources], sorted(set(names) - known)


def names_not_found(missing: Sequence[str], sources: Sequence[LoadedSource]) -> FlowNotFoundError:
    """Return the error that tells which flows are nowhere."""
    known = [name for source in sources for name in source.names()]
    questions = dict.fromkeys(filter(None, (did_you_mean(name, known) for name in missing)))
    return FlowNotFoundError(
        "\n".join(["Failed to find the following flows:", *(f"- {name}" for name in missing)]),
        location=", ".join(source.location for source in sources),
        names=known,
        hint=" ".join(questions),
    )
