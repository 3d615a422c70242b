"""``prefect register --watch``: what changes is registered, in a process of its own so that modules are imported anew.

Source: cli.md §5.6; DESIGN §4 decision 4.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from prefect.cli.backend_store import opened_store
from prefect.cli.errors import OUTPUT_CLOSED, translated
from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.register import RegisterRequest, project_id_of, register_sources
from prefect.cli.signals import StdoutClosed, discard, termination_raises

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect.registering.sources import FlowSource

#: The module path may have been changed by how the command was started.
_REGISTER = """
import pickle, sys
sys.path, color, request, sources = pickle.load(sys.stdin.buffer)
from prefect.cli.register_watch import register_in_child
sys.exit(register_in_child(color, request, sources))
"""


def watch_and_register(
    request: RegisterRequest, paths: Sequence[str], modules: Sequence[str], json_files: Sequence[str]
) -> None:
    """Register everything, and then again what changes, until the process is interrupted.

    Raises:
        CommandError: There is no such project.
        FlowLoadError: There is nothing at one of the paths, or no such module.
        KeyboardInterrupt: This is how it ends.
        click.UsageError: A JSON file is not on this machine.
    """
    from prefect.registering.sources import JsonSource
    from prefect.registering.watching import WatchedSources, changed_sources

    for location in json_files:
        if JsonSource(location).is_remote():
            raise click.UsageError(f"--watch is not supported for remote paths such as {location!r}.")
    watched = WatchedSources(paths, modules, json_files)
    project_id_of(opened_store(), request.project)
    collect_garbage_from_now_on()
    with termination_raises():
        for sources in changed_sources(watched.looks):
            _register_in_new_process(request, sources)


def _register_in_new_process(request: RegisterRequest, sources: list[FlowSource]) -> None:
    """Register sources; what goes wrong has been said by then.

    Raises:
        StdoutClosed: Nobody reads standard output any more.
    """
    import pickle
    import subprocess

    color = click.get_current_context().color
    # In a session of its own Ctrl-C does not reach it: it is for the watching process to answer, once.
    process = subprocess.Popen([sys.executable, "-c", _REGISTER], stdin=subprocess.PIPE, start_new_session=True)
    try:
        process.communicate(pickle.dumps((sys.path, color, request, sources)))
    finally:
        process.terminate()
        process.wait()
    if process.returncode == OUTPUT_CLOSED:
        raise StdoutClosed


def register_in_child(color: bool | None, request: RegisterRequest, sources: list[FlowSource]) -> int:
    """Register sources, without those that cannot be loaded, and return an exit code.

    Args:
        color: Whether to print in colours; None if each stream decides.
        request: What is asked for.
        sources: Where the flows are.
    """
    from prefect.cli.process import prepare_streams

    prepare_streams()
    context = click.Context(click.Command("register"))
    context.color = color
    with context:
        try:
            with translated():
                register_sources(request, sources, skip_unloadable=True)
        except click.ClickException as error:
            error.show()
            if error.exit_code == OUTPUT_CLOSED:
                discard(1)  # what is still waiting to be written
            return error.exit_code
    return 0
