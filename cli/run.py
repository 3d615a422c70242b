"""``prefect run``: what is asked for, checked, and handed on.

Source: cli.md §3.1, §3.2, §3.13.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from prefect.cli.completion_values import (
    LOG_LEVELS,
    complete_flow_id,
    complete_log_level,
    complete_module,
    complete_name,
    complete_param,
    complete_path,
    complete_project,
)
from prefect.cli.group import CommandGroup, refuse_options
from prefect.cli.key_values import parse_key_values, read_parameter_file
from prefect.cli.render import Narration

_LOOKUP_HELP = """
Look up a flow to run with one of

    --id
    --name
    --project and --name
    --path (and --name if there are multiple flows in the script)
    --module (and --name if there are multiple flows in the module)

See `prefect run --help` for more."""


class RunRequest(NamedTuple):
    """What the command line asks for, with its values parsed."""

    flow_id: str | None
    project: str | None
    path: str | None
    module: str | None
    name: str | None
    labels: tuple[str, ...]
    run_name: str | None
    context: dict[str, Any]
    parameters: dict[str, Any]
    log_level: str | None
    idempotency_key: str | None
    execute: bool
    schedule: bool
    quiet: bool
    no_logs: bool
    watch: bool


EPILOG = """\b
Examples:
  Run the flow of a file
    $ prefect run -p hello.py
  Run the flow of a module
    $ prefect run -m prefect.hello_world
  Give it a parameter
    $ prefect run -m prefect.hello_world --param name=Marvin
  Take the parameters from another program
    $ echo '{"name": "Marvin"}' | prefect run -m prefect.hello_world --param-file -
  Run a registered flow and watch it
    $ prefect run -n "hello-world" --watch
  Give the run labels
    $ prefect run -n "hello-world" --label example --label hello
  Run a registered flow by its id
    $ prefect run -i "9a1cd70c-37d7-4cd4-ab91-d41c2700300d"
  Hand the id of the run to another program
    $ prefect run -n "hello-world" --quiet | post_run.sh
  Run a registered flow without an agent
    $ prefect run -n "hello-world" --execute
"""


@click.group("run", cls=CommandGroup, words=("flow",), file_hint="To run a file", epilog=EPILOG)
@click.option(
    "-i",
    "--id",
    "flow_id",
    metavar="ID",
    help="Id of the registered flow, or flow group, to run.",
    shell_complete=complete_flow_id,
)
@click.option(
    "--project",
    metavar="PROJECT",
    help="Project of the registered flow; goes with --name.",
    shell_complete=complete_project,
)
@click.option(
    "-p",
    "--path",
    metavar="FILE",
    help="Python file that holds the flow to run in this process.",
    shell_complete=complete_path,
)
@click.option(
    "-m",
    "--module",
    metavar="MODULE",
    help="Importable module, or dotted path to a flow in it, to run in this process.",
    shell_complete=complete_module,
)
@click.option(
    "-n",
    "--name",
    metavar="NAME",
    help="Name of the flow: which of several in a file or module, or which registered one.",
    shell_complete=complete_name,
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="LABEL",
    help="Label of the flow run, replacing those of its flow; may be repeated. Registered flows only.",
)
@click.option("--run-name", metavar="NAME", help="Name of the flow run. Registered flows only. Default: generated.")
@click.option(
    "--context",
    "context_specs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Value to put into prefect.context, as JSON or a bare word; may be repeated.",
)
@click.option(
    "--param",
    "param_specs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Value of a parameter, as JSON or a bare word; may be repeated, and wins over --param-file.",
    shell_complete=complete_param,
)
@click.option(
    "--log-level",
    type=click.Choice(LOG_LEVELS, case_sensitive=False),
    metavar=f"[{'|'.join(LOG_LEVELS)}]",
    help="Least level of the log lines of the run. Default: logging.level of the configuration, which the variable"
    " PREFECT__LOGGING__LEVEL sets.",
    shell_complete=complete_log_level,
)
@click.option(
    "--param-file",
    metavar="FILE",
    help="JSON file with an object of parameters; '-' reads standard input.",
    type=click.Path(),
)
@click.option(
    "--idempotency-key",
    metavar="KEY",
    help="Create the flow run only if none was created with this key before. Registered flows only.",
)
@click.option(
    "--execute", is_flag=True, help="Execute the flow run in this process, without an agent. Registered flows only."
)
@click.option(
    "-s",
    "--schedule",
    is_flag=True,
    help="Follow the schedule of the flow: wait for each of its times and run then. Files and modules only.",
)
@click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="Print nothing on stdout but the id of the flow run, or what the tasks of a file or module print; logs go to stderr.",
)
@click.option("--no-logs", is_flag=True, help="Do not show the log lines of the run.")
@click.option(
    "-w", "--watch", is_flag=True, help="Wait for the flow run and show its states and logs. Registered flows only."
)
@click.pass_context
def run(
    ctx: click.Context,
    flow_id: str | None,
    project: str | None,
    path: str | None,
    module: str | None,
    name: str | None,
    labels: tuple[str, ...],
    run_name: str | None,
    context_specs: tuple[str, ...],
    param_specs: tuple[str, ...],
    log_level: str | None,
    param_file: str | None,
    idempotency_key: str | None,
    execute: bool,
    schedule: bool,
    quiet: bool,
    no_logs: bool,
    watch: bool,
) -> None:
    """Run a flow.

    The flow of a file or module runs in this process. A registered flow gets a flow run, which an agent executes. Options
    for registered flows only are accepted for a file or module, too; a line on stderr says that they change nothing.
    The exit code is 0 if the run succeeded, 1 if it failed, and 3 if there is no such flow or more than one.
    """
    if ctx.invoked_subcommand is not None:
        refuse_options(ctx)
        return
    _check_lookup({"--id": flow_id, "--project": project, "--path": path, "--module": module}, name)
    _check_key(idempotency_key)
    narration = Narration(quiet=quiet)
    context = parse_key_values(context_specs, "context")
    request = RunRequest(
        flow_id=flow_id,
        project=project,
        path=path,
        module=module,
        name=name,
        labels=labels,
        run_name=run_name,
        context=context,
        parameters=_merged_parameters(param_file, param_specs, narration),
        log_level=log_level.upper() if log_level else None,
        idempotency_key=idempotency_key,
        execute=execute,
        schedule=schedule,
        quiet=quiet,
        no_logs=no_logs,
        watch=watch,
    )
    if path or module:
        from prefect.cli.run_local import run_local_flow

        _tell_what_is_ignored(request)
        run_local_flow(request, narration)
        return
    if schedule:
        raise click.UsageError("`--schedule` can only be specified for local flow runs")
    if project and not name:
        raise click.UsageError(f"Missing required option `--name` when looking up a flow by project.\n{_LOOKUP_HELP}")
    from prefect.cli.run_backend import run_from_backend

    run_from_backend(request, narration)


def _check_lookup(lookups: dict[str, str | None], name: str | None) -> None:
    given = [option for option, value in lookups.items() if value is not None]
    if not given and name is None:
        raise click.UsageError(f"Received no options to look up the flow.\n{_LOOKUP_HELP}")
    if "--id" in given and name is not None:
        raise click.UsageError(
            f"Received too many options to look up the flow. Cannot specify both `--name` and `--id`.\n{_LOOKUP_HELP}"
        )
    if len(given) > 1:
        raise click.UsageError(f"Received too many options to look up the flow: {', '.join(given)}\n{_LOOKUP_HELP}")
    for option, value in {**lookups, "--name": name}.items():
        if value == "":
            raise click.UsageError(f"The value of {option} is empty.\n{_LOOKUP_HELP}")


def _check_key(idempotency_key: str | None) -> None:
    if idempotency_key == "":
        # That of a variable that is not set, mostly: all runs but the first would be lost without a word.
        raise click.UsageError(
            "The value of --idempotency-key is empty. Leave the option out to create a run each time."
        )


def _tell_what_is_ignored(request: RunRequest) -> None:
    """Name options that were given and mean nothing for a file or module; 1.x takes them, so they stay no mistake."""
    options = {
        "--label": request.labels,
        "--run-name": request.run_name,
        "--idempotency-key": request.idempotency_key,
        "--execute": request.execute,
        "--watch": request.watch,
    }
    given = [option for option, value in options.items() if value]
    if given:
        click.echo(f"Without effect on the run of a file or module: {', '.join(given)}.", err=True)


def _merged_parameters(param_file: str | None, specs: tuple[str, ...], narration: Narration) -> dict[str, Any]:
    from_file = read_parameter_file(param_file) if param_file is not None else {}
    given = parse_key_values(specs, "parameter")
    both = {key: given[key] for key in given if key in from_file}
    if both:
        narration.line(f"The following parameters were specified by file and CLI, the CLI value will be used: {both}")
    return {**from_file, **given}
