"""``prefect describe``.

Source: cli.md §12.
"""

from __future__ import annotations

from typing import Any

import click

from prefect.cli.completion_values import complete_flow_name, complete_flow_run_name, complete_project
from prefect.cli.errors import NOT_FOUND, CommandError
from prefect.cli.group import Group
from prefect.cli.options import output_option

EPILOG = """\b
Examples:
  $ prefect describe flows --name etl
  A flow run as YAML
    $ prefect describe flow-runs --name calm-otter -o yaml
"""

_flow_options = (
    click.option(
        "-n", "--name", required=True, metavar="NAME", help="Name of the flow.", shell_complete=complete_flow_name
    ),
    click.option("-v", "--version", type=int, metavar="N", help="This version. Default: the highest."),
    click.option(
        "-p",
        "--project",
        metavar="PROJECT",
        help="Project of the flow. Default: any.",
        shell_complete=complete_project,
    ),
    output_option("json", "yaml", help="Print JSON or YAML."),
)


@click.group("describe", cls=Group, epilog=EPILOG)
def describe() -> None:
    """Print all about a flow, its tasks or a flow run."""


FLOWS_EPILOG = """\b
Examples:
  $ prefect describe flows --name etl
  An older version
    $ prefect describe flows --name etl --version 1
"""


def _with_flow_options(function: Any) -> Any:
    for option in reversed(_flow_options):
        function = option(function)
    return function


@describe.command("flows", epilog=FLOWS_EPILOG)
@_with_flow_options
def flows(name: str, version: int | None, project: str | None, output: str) -> None:
    """Print one object: a flow with its parameters and storage."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import flow_named

    flow = flow_named(opened_store(), name, version=version, project=project)
    kept = "archived created description name parameters storage version".split()
    described = {
        **{field: flow[field] for field in kept},
        "environment": flow["serialized_flow"].get("environment"),
        "project": {"name": flow["project_name"]},
    }
    _print(described, output)


TASKS_EPILOG = """\b
Example:
  $ prefect describe tasks --name etl
"""


@describe.command("tasks", epilog=TASKS_EPILOG)
@_with_flow_options
def tasks(name: str, version: int | None, project: str | None, output: str) -> None:
    """Print a list of objects: the tasks of a registered flow."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import flow_named
    from prefect.orchestration.flows import tasks_of

    found = tasks_of(flow_named(opened_store(), name, version=version, project=project))
    if not found:
        raise CommandError(f"No tasks found for flow {name}", exit_code=NOT_FOUND)
    kept = "created description mapped max_retries name retry_delay slug type".split()
    _print([{field: task[field] for field in kept} for task in found], output)


FLOW_RUNS_EPILOG = """\b
Examples:
  $ prefect describe flow-runs --name calm-otter
  Which parameters did it run with?
    $ prefect describe flow-runs --name calm-otter | jq .parameters
"""


@describe.command("flow-runs", epilog=FLOW_RUNS_EPILOG)
@click.option(
    "-n",
    "--name",
    required=True,
    metavar="NAME",
    help="Name of the flow run; of several the one that was created last.",
    shell_complete=complete_flow_run_name,
)
@click.option(
    "-fn", "--flow-name", metavar="NAME", help="Name of its flow. Default: any.", shell_complete=complete_flow_name
)
@output_option("json", "yaml", help="Print JSON or YAML.")
def flow_runs(name: str, flow_name: str | None, output: str) -> None:
    """Print one object: a flow run, its parameters, times and state."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import flow_names, record_ends, runs_named

    store = opened_store()
    record_ends(store)
    run = runs_named(store, name, flow_name=flow_name)[0]
    kept = "auto_scheduled created end_time name parameters scheduled_start_time start_time".split()
    described = {
        **{field: run[field] for field in kept},
        "flow": {"name": flow_names(store, [run])[run["flow_id"]]},
        "serialized_state": run["state"],
    }
    _print(described, output)


def _print(value: Any, output: str) -> None:
    if output == "yaml":
        from prefect.cli.yaml_text import to_yaml

        click.echo(to_yaml(value))
        return
    import json

    click.echo(json.dumps(value, indent=2, sort_keys=True))
