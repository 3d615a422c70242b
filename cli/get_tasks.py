"""``prefect get tasks``.

Source: cli.md §11.4.
"""

from __future__ import annotations

from typing import Any

import click

from prefect.cli.completion_values import complete_flow_name
from prefect.cli.errors import NOT_FOUND, CommandError
from prefect.cli.options import limit_option, output_option, project_option

EPILOG = """\b
Example:
  $ prefect get tasks --flow-name etl
"""


@click.command("tasks", epilog=EPILOG)
@click.option("-n", "--name", metavar="NAME", help="Only tasks of this name.")
@click.option(
    "-fn", "--flow-name", metavar="NAME", help="Only of flows of this name.", shell_complete=complete_flow_name
)
@click.option("-fv", "--flow-version", type=int, metavar="N", help="Only of this version of a flow.")
@project_option
@limit_option("tasks")
@output_option()
def get_tasks(
    name: str | None, flow_name: str | None, flow_version: int | None, project: str | None, limit: int, output: str
) -> None:
    """List the tasks of registered flows, the newest first."""
    from heapq import nlargest

    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import check_names
    from prefect.cli.tables import ages, print_list
    from prefect.orchestration.flows import list_flows, tasks_of

    store = opened_store()
    flows = list_flows(store, name=flow_name, version=flow_version, project=project, limit=None, all_versions=True)
    found = (
        {**task, "flow_name": flow["name"], "flow_version": flow["version"]}
        for flow in flows
        for task in tasks_of(flow)
        if name in (None, task["name"])
    )
    rows = nlargest(limit, found, key=lambda task: str(task["created"]))
    print_list(
        rows,
        {
            "NAME": "name",
            "FLOW NAME": "flow_name",
            "FLOW VERSION": "flow_version",
            "AGE": ages(store.system.now()),
            "MAPPED": "mapped",
            "TYPE": "type",
        },
        output,
    )
    if not rows:
        check_names(store, flow=flow_name, version=flow_version, project=project)
        if name is not None:
            raise _no_task(name, flows)


def _no_task(name: str, flows: list[dict[str, Any]]) -> CommandError:
    from prefect.orchestration.flows import tasks_of
    from prefect.utilities._suggestions import did_you_mean

    known = {task["name"] for flow in flows for task in tasks_of(flow)}
    hint = did_you_mean(name, sorted(known)) or "List the tasks of a flow with 'prefect get tasks --flow-name NAME'."
    return CommandError(f"There is no task named {name!r}.", exit_code=NOT_FOUND, hint=hint)
