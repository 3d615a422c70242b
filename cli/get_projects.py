"""``prefect get projects``.

Source: cli.md §11.2.
"""

from __future__ import annotations

import click

from prefect.cli.completion_values import complete_project
from prefect.cli.options import output_option

EPILOG = """\b
Example:
  $ prefect get projects
"""


@click.command("projects", epilog=EPILOG)
@click.option("-n", "--name", metavar="NAME", help="Only the project of this name.", shell_complete=complete_project)
@output_option()
def get_projects(name: str | None, output: str) -> None:
    """List the projects by name, with the number of flows in each."""
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import check_names
    from prefect.cli.tables import ages, print_list
    from prefect.orchestration import projects

    store = opened_store()
    rows = [
        {
            "id": project["id"],
            "name": project["name"],
            "flow_count": len(store.flows.names(project["id"])),
            "created": project["created"],
            "description": project["description"],
        }
        for project in projects.projects(store)
        if name in (None, project["name"])
    ]
    print_list(
        rows,
        {
            "NAME": "name",
            "FLOW COUNT": "flow_count",
            "AGE": ages(store.system.now()),
            "DESCRIPTION": "description",
        },
        output,
    )
    if not rows:
        check_names(store, project=name)
