"""``prefect delete``.

Source: cli.md §13.2.
"""

from __future__ import annotations

import click

from prefect.cli.completion_values import complete_project
from prefect.cli.errors import NOT_FOUND, CommandError
from prefect.cli.group import Group

EPILOG = """\b
Example:
  $ prefect delete project demo
"""


@click.group("delete", cls=Group, epilog=EPILOG)
def delete() -> None:
    """Delete projects."""


@delete.command("project", epilog=EPILOG)
@click.argument("name", shell_complete=complete_project)
def project(name: str) -> None:
    """Delete a project with all its flows, their runs and logs.

    Nothing asks whether that is meant, and there is no way back.
    """
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import why_no_project
    from prefect.orchestration.projects import delete_project, project_named

    store = opened_store()
    found = project_named(store, name)
    if found is None or not delete_project(store, found["id"]):
        raise CommandError(f"Project {name} not found.", exit_code=NOT_FOUND, hint=why_no_project(store, name))
    click.secho(f"{name} deleted", fg="green")
