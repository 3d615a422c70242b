"""``prefect get logs``.

Source: cli.md §11.5.
"""

from __future__ import annotations

from typing import Any

import click

from prefect.cli.completion_values import complete_flow_run_id, complete_flow_run_name
from prefect.cli.options import output_option

EPILOG = """\b
Examples:
  $ prefect get logs --name calm-otter
  Only what went wrong
    $ prefect get logs --name calm-otter -o json | jq '.[] | select(.level == "ERROR")'
"""


@click.command("logs", epilog=EPILOG)
@click.option(
    "-n",
    "--name",
    metavar="NAME",
    help="Name of the flow run; of several the one that began last.",
    shell_complete=complete_flow_run_name,
)
@click.option("--id", "flow_run_id", metavar="ID", help="Id of the flow run.", shell_complete=complete_flow_run_id)
@click.option("-i", "--info", is_flag=True, help="Print only what else was noted with a line, one value a line.")
@output_option()
def get_logs(name: str | None, flow_run_id: str | None, info: bool, output: str) -> None:
    """List the log lines of a flow run by their times, which are UTC."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import record_ends, runs_named
    from prefect.cli.tables import print_list
    from prefect.orchestration import logs
    from prefect.orchestration.flow_runs import get_flow_run

    if (name is None) == (flow_run_id is None):
        wrong = "Either --name or --id must be provided" if name is None else "Give either --name or --id, not both"
        raise click.UsageError(f"{wrong}.")
    store = opened_store()
    record_ends(store)
    if flow_run_id is not None:
        run = get_flow_run(store, flow_run_id.lower())
    else:
        run = max(runs_named(store, name or ""), key=lambda run: run["start_time"] or "")
    rows = logs.get_logs(store, run["id"])
    if info:
        _print_infos([row["info"] for row in rows if row.get("info") is not None], output)
    else:
        print_list(rows, {"TIMESTAMP": "timestamp", "LEVEL": "level", "MESSAGE": "message"}, output)


def _print_infos(infos: list[Any], output: str) -> None:
    import json

    if output == "json":
        click.echo(json.dumps(infos, indent=2))
        return
    for info in infos:
        click.echo(info if isinstance(info, str) else json.dumps(info))
