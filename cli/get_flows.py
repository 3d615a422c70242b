"""``prefect get flows``.

Source: cli.md §11.1.
"""

from __future__ import annotations

import click

from prefect.cli.completion_values import complete_flow_name
from prefect.cli.options import limit_option, output_option, project_option

EPILOG = """\b
Examples:
  $ prefect get flows
  All versions of a flow, archived ones too
    $ prefect get flows --name etl --all-versions
"""


@click.command("flows", epilog=EPILOG)
@click.option("-n", "--name", metavar="NAME", help="Only flows of this name.", shell_complete=complete_flow_name)
@click.option("-v", "--version", type=int, metavar="N", help="Only this version.")
@project_option
@limit_option("flows")
@click.option("--all-versions", is_flag=True, help="Show every version of a flow, archived ones too.")
@output_option()
def get_flows(
    name: str | None, version: int | None, project: str | None, limit: int, all_versions: bool, output: str
) -> None:
    """List the registered flows by name, the newest version of each."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import check_names
    from prefect.cli.tables import ages, print_list
    from prefect.orchestration.flows import list_flows

    store = opened_store()
    found = list_flows(store, name=name, version=version, project=project, limit=limit, all_versions=all_versions)
    fields = (
        "id name version project_name flow_group_id version_group_id created archived is_schedule_active description"
    )
    rows = [{field: flow[field] for field in fields.split()} for flow in found]
    print_list(
        rows,
        {
            "NAME": "name",
            "VERSION": "version",
            "AGE": ages(store.system.now()),
            "ID": "id",
            "PROJECT NAME": "project_name",
        },
        output,
    )
    if not rows:
        check_names(store, flow=name, version=version, project=project)
