"""``prefect register``: what is asked for, checked, and registered flow by flow.

Source: cli.md §5; DESIGN §4 decisions 3, 4 and 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from prefect.cli.completion_values import complete_json_file, complete_project
from prefect.cli.errors import NOT_FOUND, CommandError
from prefect.cli.group import CommandGroup, refuse_options
from prefect.cli.options import source_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prefect.cli.flow_processing import FlowOrDocument
    from prefect.cli.render import Narration
    from prefect.registering.sources import FlowSource
    from prefect.storage.state.store import Store


class RegisterRequest(NamedTuple):
    """What the command line asks for."""

    project: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    force: bool
    set_schedule_active: bool


EPILOG = """\b
Examples:
  The flows of a file
    $ prefect register --project demo -p flow.py
  The flows of all files in a folder, again whenever one of them changes
    $ prefect register --project demo -p flows/ --watch
  Of the files called flow.py below the current folder, the flow "etl"
    $ prefect register --project demo -p "**/flow.py" -n etl
  The flows of a module, with a label
    $ prefect register --project demo -m prefect.hello_world --label gpu
  What 'prefect build' has written
    $ prefect register --project demo --json flows.json
"""


@click.group("register", cls=CommandGroup, words=("flow",), file_hint="To register a file", epilog=EPILOG)
@click.option(
    "--project",
    metavar="PROJECT",
    help="Project to register the flows in; required. 'prefect create project' creates one.",
    shell_complete=complete_project,
)
@source_options("registered")
@click.option(
    "-j",
    "--json",
    "json_files",
    multiple=True,
    metavar="FILE",
    help="File or URL that 'prefect build' has written; may be repeated.",
    shell_complete=complete_json_file,
)
@click.option("-f", "--force", is_flag=True, help="Register flows though nothing of them has changed.")
@click.option(
    "--watch", is_flag=True, help="Go on until Ctrl-C: register what changes, and what is new in folders and patterns."
)
@click.option(
    "--schedule/--no-schedule",
    "set_schedule_active",
    default=True,
    help="Whether the schedules of the flows make runs. Default: they do.",
)
@click.pass_context
def register(
    ctx: click.Context,
    project: str | None,
    paths: tuple[str, ...],
    modules: tuple[str, ...],
    json_files: tuple[str, ...],
    names: tuple[str, ...],
    labels: tuple[str, ...],
    force: bool,
    watch: bool,
    set_schedule_active: bool,
) -> None:
    """Register flows in a project.

    A flow whose metadata and source file are as they were registered last is skipped. If one of the sources cannot be
    loaded, nothing is registered; a flow that cannot be stored or registered does not stop the others. The exit code is 1
    if there was one.
    """
    if ctx.invoked_subcommand is not None:
        refuse_options(ctx)
        return
    if not project:
        raise click.UsageError("Missing required option '--project'.", ctx)
    request = RegisterRequest(project, names, labels, force, set_schedule_active)
    if watch:
        from prefect.cli.register_watch import watch_and_register

        watch_and_register(request, paths, modules, json_files)
        return
    from prefect.registering.sources import find_sources

    register_sources(request, find_sources(paths, modules, json_files))


def register_sources(request: RegisterRequest, sources: Iterable[FlowSource], *, skip_unloadable: bool = False) -> None:
    """Register the flows of sources and print what became of each.

    Args:
        request: What is asked for.
        sources: Where the flows are.
        skip_unloadable: Say what cannot be loaded, and go on with the rest.

    Raises:
        CommandError: There is no such project, or a flow has failed.
        FlowLoadError: A source cannot be loaded, or holds no flow of a name.
    """
    from prefect.cli.backend_store import opened_store
    from prefect.cli.flow_processing import collect, print_summary, process

    store = opened_store()
    project_id = project_id_of(store, request.project)

    def handle(flow: FlowOrDocument, narration: Narration) -> str:
        return _registered(store, project_id, flow, request, narration)

    loaded = collect(sources, request.names, skip_unloadable=skip_unloadable)
    print_summary(process(loaded, request.labels, "Registering", handle), "registered")


def project_id_of(store: Store, name: str) -> str:
    """Return the id of a project.

    Raises:
        CommandError: There is none of that name.
    """
    import shlex

    from prefect.orchestration.projects import project_named, projects
    from prefect.utilities._suggestions import did_you_mean

    found = project_named(store, name)
    if found is None:
        question = did_you_mean(name, [project["name"] for project in projects(store)])
        hint = f"{question} To create it: prefect create project {shlex.quote(name)}".lstrip()
        raise CommandError(f"Project {name!r} does not exist", exit_code=NOT_FOUND, hint=hint)
    return str(found["id"])


def _registered(
    store: Store, project_id: str, flow: FlowOrDocument, request: RegisterRequest, narration: Narration
) -> str:
    from prefect.cli.render import branch
    from prefect.registering.registration import register as register_flow

    done = register_flow(store, project_id, flow, set_schedule_active=request.set_schedule_active, force=request.force)
    if not done.is_new:
        narration.skipped("metadata unchanged")
        return "skipped"
    narration.done()
    facts: dict[str, Any] = {"ID": done.flow_id, "Version": done.version}
    if done.changes:
        facts["Changed"] = ", ".join(done.changes)
    for name, value in facts.items():
        narration.line(f"  {branch()} {name}: {value}")
    return "registered"
