"""What the shell offers as the value of an option.

Whatever goes wrong offers nothing and says nothing: the command itself will explain.

Source: users ask for completion of option values; DESIGN §2 (completions).
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import click

    from prefect.flow import Flow
    from prefect.storage.state.store import Store

#: Longest time, in seconds, that a flow file may take to load while somebody waits for the names in it.
LOAD_SECONDS = 2.0
#: Longest time, in seconds, that the store is searched; what was found until then is offered.
STORE_SECONDS = 0.5
#: The newest runs, of which names and ids are offered.
_MOST_RUNS = 200
#: The values of ``--log-level``.
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def complete_log_level(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the levels as the help spells them, whatever the version of click."""
    return [level for level in LOG_LEVELS if level.startswith(incomplete.upper())]


def complete_path(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer Python files and folders."""
    return _files(incomplete, ".py")


def complete_json_file(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer JSON files and folders."""
    return _files(incomplete, ".json")


def _files(incomplete: str, ending: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    folder, start = os.path.split(incomplete)
    offered = []
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            for entry in entries:
                hidden = entry.name.startswith(".") and not start.startswith(".")
                if not entry.name.startswith(start) or hidden or entry.name == "__pycache__":
                    continue
                path = os.path.join(folder, entry.name)
                if entry.is_dir():
                    offered.append(path + "/")
                elif entry.name.endswith(ending):
                    offered.append(path)
    except OSError:
        return []
    return [CompletionItem(path) for path in sorted(offered)]


def complete_module(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer modules, and below a dot those of a package, without importing any."""
    import pkgutil

    parent, dot, _ = incomplete.rpartition(".")
    folders = sys.path if not dot else _package_folders(parent.split("."))
    names = sorted(
        parent + dot + module.name
        for module in pkgutil.iter_modules(folders)
        if not module.name.startswith("_") and (dot or module.name not in sys.stdlib_module_names)
    )
    return [name for name in names if name.startswith(incomplete)]


def _package_folders(parts: list[str]) -> list[str]:
    folders = sys.path
    for part in parts:
        folders = [
            os.path.join(folder, part)
            for folder in folders
            if os.path.isfile(os.path.join(folder, part, "__init__.py"))
        ][:1]
    return folders


def complete_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the names of the flows in the file or module given before, or of those that are registered."""
    if not ctx.params.get("path") and not ctx.params.get("module"):
        return complete_flow_name(ctx, param, incomplete)
    return sorted({flow.name for flow in _flows(ctx) if flow.name.startswith(incomplete)})


def complete_source_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the names of the flows in the files, folders and modules given before."""
    names: set[str] = set()
    with suppress(Exception, KeyboardInterrupt), _silence(), _time_limit(LOAD_SECONDS):
        from prefect.registering.sources import find_sources

        paths = [os.path.expanduser(path) for path in ctx.params.get("paths") or ()]
        for source in find_sources(paths, ctx.params.get("modules") or (), ()):
            with suppress(Exception):
                names.update(source.load().names())
    return sorted(name for name in names if name.startswith(incomplete))


def complete_param(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer ``name=`` for each parameter of the flow given before."""
    from click.shell_completion import CompletionItem

    if not ctx.params.get("path") and not ctx.params.get("module"):
        return _stored(lambda store: _registered_parameters(store, ctx), incomplete)
    wanted = ctx.params.get("name")
    found = {}
    for flow in _flows(ctx):
        if wanted is None or flow.name == wanted:
            for parameter in flow.parameters():
                found[parameter.name] = _about_parameter(parameter.required, parameter.default)
    return [
        CompletionItem(f"{name}=", help=text) for name, text in sorted(found.items()) if name.startswith(incomplete)
    ]


def _about_parameter(required: bool, default: object) -> str:
    return "required" if required else f"default {default!r}"


def _flows(ctx: click.Context) -> list[Flow]:
    from prefect.loading import load_flows_from_module, load_flows_from_path

    path, module = ctx.params.get("path"), ctx.params.get("module")
    if not path and not module:
        return []
    try:
        with _silence(), _time_limit(LOAD_SECONDS):
            return load_flows_from_path(os.path.expanduser(path)) if path else load_flows_from_module(module or "")
    except (Exception, SystemExit, KeyboardInterrupt):  # noqa: BLE001 - see the docstring of this module
        return []


# ---- from the store ------------------------------------------------------------------------------------------------------


def complete_project(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the names of projects."""

    def found(store: Store) -> Iterator[tuple[str, str | None]]:
        for project in store.documents("projects").all():
            yield project["name"], project["description"]

    return _stored(found, incomplete)


def complete_flow_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the names of registered flows, of the project given before or of all."""
    wanted = ctx.params.get("project")

    def found(store: Store) -> Iterator[tuple[str, str | None]]:
        for project in store.documents("projects").all():
            if wanted in (None, project["name"]):
                for name in store.flows.names(project["id"]):
                    yield name, project["name"]

    return _stored(found, incomplete)


def complete_flow_id(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the ids of the registered flows, the newest version of each."""

    def found(store: Store) -> Iterator[tuple[str, str | None]]:
        from prefect.orchestration.flows import list_flows

        for flow in list_flows(store, limit=None):
            yield flow["id"], f"{flow['name']} in {flow['project_name']}"

    return _stored(found, incomplete)


def _registered_parameters(store: Store, ctx: click.Context) -> Iterator[tuple[str, str | None]]:
    from prefect.orchestration.flows import find_flow

    id = ctx.params.get("flow_id")
    name, project = ctx.params.get("name"), ctx.params.get("project")
    flow = find_flow(store, flow_id=id, flow_group_id=id, name=name, project=project, newest=True)
    for parameter in sorted(flow["parameters"], key=lambda parameter: str(parameter["name"])):
        yield f"{parameter['name']}=", _about_parameter(parameter["required"], parameter["default"])


def complete_flow_run_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the names of the newest flow runs."""
    return _stored(lambda store: ((run["name"], run["state"]["type"]) for run in _newest_runs(store)), incomplete)


def complete_flow_run_id(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the ids of the newest flow runs."""
    return _stored(lambda store: ((run["id"], run["name"]) for run in _newest_runs(store)), incomplete)


def complete_key(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the keys that have a value."""
    return _stored(lambda store: ((pair["name"], None) for pair in store.documents("kv").all()), incomplete)


def complete_state(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the types of states."""
    from prefect.orchestration.state_rules import TYPES

    return [type for type in sorted(TYPES) if type.lower().startswith(incomplete.lower())]


def _newest_runs(store: Store) -> Iterator[dict[str, Any]]:
    from itertools import islice

    return islice(store.runs.newest(), _MOST_RUNS)


def _stored(find: Callable[[Store], Iterable[tuple[str, str | None]]], incomplete: str) -> list[Any]:
    """Return what is found in the store and begins as given, with its explanation, each once."""
    from click.shell_completion import CompletionItem

    found: dict[str, str | None] = {}
    with suppress(Exception, KeyboardInterrupt), _silence(), _time_limit(STORE_SECONDS):
        from prefect.cli.backend_store import opened_store

        for word, text in find(opened_store()):
            if word.startswith(incomplete):
                found.setdefault(word, text)
    return [CompletionItem(word, help=text) for word, text in found.items()]


# ---- bounds ----------------------------------------------------------------------------------------------------------------


class _TooSlow(KeyboardInterrupt):
    """Looking took too long; a kind of interrupt, which user code does not swallow."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    import signal

    def stop(number: int, frame: Any) -> None:
        raise _TooSlow

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextmanager
def _silence() -> Iterator[None]:
    """Give user code nothing to read, and nowhere to write, so that it cannot spoil the line being typed."""
    kept = [os.dup(descriptor) for descriptor in (0, 1, 2)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    try:
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for descriptor, copy in enumerate(kept):
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(nowhere)
