"""``prefect register flow``, the form of 1.x releases before ``prefect register`` took the options itself.

Source: cli.md §6; DESIGN §4 decisions 3 and 4.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from prefect.cli.completion_values import complete_path, complete_project

if TYPE_CHECKING:
    from prefect.flow import Flow

EPILOG = """\b
Example:
  $ prefect register flow --file flow.py --project demo
"""


@click.command("flow", epilog=EPILOG, hidden=True)
@click.option(
    "-f",
    "--file",
    required=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Python file that holds the flow.",
    shell_complete=complete_path,
)
@click.option("-n", "--name", metavar="NAME", help="Name of the flow. Default: the first one of the file.")
@click.option(
    "-p",
    "--project",
    required=True,
    metavar="PROJECT",
    help="Project to register the flow in.",
    shell_complete=complete_project,
)
@click.option(
    "-l", "--label", "labels", multiple=True, metavar="LABEL", help="Label added to those of the flow; may be repeated."
)
@click.option(
    "--skip-if-flow-metadata-unchanged",
    "skip_if_unchanged",
    is_flag=True,
    help="Register no new version of a flow whose metadata and source file are as they were registered last.",
)
def register_flow(file: str, name: str | None, project: str, labels: tuple[str, ...], skip_if_unchanged: bool) -> None:
    """Register the flow of a file; deprecated in favour of 'prefect register'."""
    click.secho(
        "Warning: `prefect register flow` is deprecated, use `prefect register` instead.", fg="yellow", err=True
    )
    from prefect.cli.backend_store import opened_store
    from prefect.cli.register import project_id_of
    from prefect.context import context
    from prefect.registering.sources import ScriptSource

    loaded = ScriptSource(file).load()
    flow = _chosen(loaded.flows, name, file)
    project_id_of(opened_store(), project)
    with context(local_script_path=os.path.abspath(file)):
        _register(flow, project, labels, skip_if_unchanged)


def _register(flow: Flow, project: str, labels: tuple[str, ...], skip_if_unchanged: bool) -> None:
    from prefect.cli.errors import CommandError, user_traceback
    from prefect.cli.flow_processing import is_of_user
    from prefect.exceptions import PrefectException

    try:
        key = _idempotency_key(flow, labels) if skip_if_unchanged else None
        flow.register(project, labels=labels, idempotency_key=key)
    except Exception as error:
        if isinstance(error, PrefectException) or not is_of_user(error):
            raise
        raise CommandError(f"Error registering {flow.name!r}:\n{user_traceback(error)}") from error


def _chosen(flows: tuple[Flow, ...], name: str | None, file: str) -> Flow:
    from prefect.loading import FlowNotFoundError, select_flow

    try:
        return select_flow(flows if name is not None else flows[:1], name=name, location=file)
    except FlowNotFoundError as error:
        if name is None:
            raise
        listed = "\n".join(f"- {known}" for known in error.names)
        raise FlowNotFoundError(
            f"Flow {name!r} not found in file. Found flows:\n{listed}",
            location=file,
            names=error.names,
            hint=error.hint,
        ) from None


def _idempotency_key(flow: Flow, labels: tuple[str, ...]) -> str:
    from prefect.registration import idempotency_hash, prepare, source_of

    prepare(flow, labels, add_to_storage=False)
    return idempotency_hash(flow.serialize(), source_of(flow))
