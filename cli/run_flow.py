"""``prefect run flow``, the form of 1.x releases before ``prefect run`` took the options itself.

Source: cli.md §4; DESIGN §4 decisions 3 and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from prefect.cli.completion_values import complete_flow_id, complete_flow_name, complete_project

if TYPE_CHECKING:
    from prefect.storage.state.store import Store

#: Width of a time of the store, and of the longest name of a log level.
_TIME_WIDTH, _LEVEL_WIDTH = 32, 8

EPILOG = """\b
Example:
  $ prefect run flow --name etl --project demo --watch
"""


def _json_object(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, Any]:
    import json

    try:
        parsed = {} if value is None else json.loads(value)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{value!r} is not JSON: {error}", ctx, param) from None
    if not isinstance(parsed, dict):
        raise click.BadParameter(f'{value!r} is not a JSON object such as {{"x": 1}}.', ctx, param)
    return parsed


@click.command("flow", epilog=EPILOG, hidden=True)
@click.option("-i", "--id", "flow_id", metavar="ID", help="Id of the registered flow.", shell_complete=complete_flow_id)
@click.option("--version-group-id", metavar="ID", help="Version group whose flow that is not archived is meant.")
@click.option(
    "-n", "--name", metavar="NAME", help="Name of the flow; goes with --project.", shell_complete=complete_flow_name
)
@click.option("-p", "--project", metavar="PROJECT", help="Project of the flow.", shell_complete=complete_project)
@click.option("-v", "--version", type=int, metavar="N", help="Version of the flow. Default: the highest.")
@click.option(
    "-pf",
    "--parameters-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="JSON file with an object of parameters.",
)
@click.option(
    "-ps",
    "--parameters-string",
    "parameters",
    metavar="JSON",
    callback=_json_object,
    help="JSON object of parameters; wins over --parameters-file.",
)
@click.option("-rn", "--run-name", metavar="NAME", help="Name of the flow run. Default: generated.")
@click.option(
    "-c", "--context", metavar="JSON", callback=_json_object, help="JSON object of values to put into prefect.context."
)
@click.option("-w", "--watch", is_flag=True, help="Wait for the flow run and show its states.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL",
    help="Label of the flow run, replacing those of its flow; may be repeated.",
)
@click.option("-l", "--logs", is_flag=True, help="Wait for the flow run and show its log lines.")
@click.option("--no-url", is_flag=True, help="Print the id of the flow run instead of its address.")
def run_flow(
    flow_id: str | None,
    version_group_id: str | None,
    name: str | None,
    project: str | None,
    version: int | None,
    parameters_file: str | None,
    parameters: dict[str, Any],
    run_name: str | None,
    context: dict[str, Any],
    watch: bool,
    labels: tuple[str, ...],
    logs: bool,
    no_url: bool,
) -> None:
    """Create a run of a registered flow; deprecated in favour of 'prefect run'."""
    click.secho("Warning: `prefect run flow` is deprecated, use `prefect run` instead.", fg="yellow", err=True)
    _check(flow_id, version_group_id, name, project, watch=watch, logs=logs)
    from prefect.cli.backend_store import opened_store
    from prefect.cli.key_values import read_parameter_file
    from prefect.cli.lookup import flow_named
    from prefect.orchestration.flow_runs import create_flow_run

    store = opened_store()
    if name is not None:
        flow_id = flow_named(store, name, version=version, project=project)["id"]
    from_file = {} if parameters_file is None else read_parameter_file(parameters_file)
    run, _ = create_flow_run(
        store,
        flow_id=flow_id,
        version_group_id=version_group_id,
        parameters={**from_file, **parameters},
        context=context,
        labels=list(labels) or None,
        name=run_name,
    )
    _tell(run["id"], no_url=no_url)
    if watch or logs:
        _follow(store, run["id"], logs=logs)


def _check(
    flow_id: str | None,
    version_group_id: str | None,
    name: str | None,
    project: str | None,
    *,
    watch: bool,
    logs: bool,
) -> None:
    if not (flow_id or version_group_id or (name and project)):
        raise click.UsageError(
            "A flow ID, version group ID, or a combination of flow name and project must be provided."
        )
    if sum(given is not None for given in (flow_id, version_group_id, name)) > 1:
        raise click.UsageError("Only one of flow ID, version group ID, or a name/project combination can be provided.")
    if watch and logs:
        raise click.UsageError("Streaming state and logs not currently supported together.")


def _tell(flow_run_id: str, *, no_url: bool) -> None:
    if no_url:
        click.echo(f"Flow Run ID: {flow_run_id}")
        return
    from prefect.client.client import Client

    click.echo(f"Flow Run: {Client().get_cloud_url('flow-run', flow_run_id)}")


def _follow(store: Store, flow_run_id: str, *, logs: bool) -> None:
    """Show states or log lines of a run until it is finished.

    Raises:
        CommandError: It did not succeed.
    """
    from prefect.cli.render import Narration
    from prefect.cli.run_backend import say_how_it_ended
    from prefect.cli.signals import termination_raises

    with termination_raises():
        (_show_logs if logs else _show_states)(flow_run_id)
    say_how_it_ended(store, flow_run_id, Narration(quiet=True))


def _show_states(flow_run_id: str) -> None:
    from prefect.backend.following import FlowRunEvent, follow_flow_run
    from prefect.orchestration.state_rules import FINISHED

    shown = set()
    try:
        for event in follow_flow_run(flow_run_id):
            if isinstance(event, FlowRunEvent) and event.state["type"] not in shown:
                shown.add(event.state["type"])
                click.echo(event.state["type"] + ("" if event.state["type"] in FINISHED else " -> "), nl=False)
    finally:
        click.echo()


def _show_logs(flow_run_id: str) -> None:
    from prefect.backend.following import LogEvent, follow_flow_run

    is_first = True
    for event in follow_flow_run(flow_run_id):
        if not isinstance(event, LogEvent):
            continue
        if is_first:
            click.echo(f"{'TIMESTAMP':<{_TIME_WIDTH}}  {'LEVEL':<{_LEVEL_WIDTH}}  MESSAGE")
            is_first = False
        click.echo(f"{event.timestamp:<{_TIME_WIDTH}}  {event.level:<{_LEVEL_WIDTH}}  {event.message}")
