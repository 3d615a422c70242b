"""``prefect create``.

Source: cli.md §13.1.
"""

from __future__ import annotations

import click

from prefect.cli.group import Group

EPILOG = """\b
Example:
  $ prefect create project demo
"""


@click.group("create", cls=Group, epilog=EPILOG)
def create() -> None:
    """Create projects."""


PROJECT_EPILOG = """\b
Examples:
  $ prefect create project demo
  With a description
    $ prefect create project demo --description "Flows to try things with"
"""


@create.command("project", epilog=PROJECT_EPILOG)
@click.argument("name")
@click.option("-d", "--description", metavar="TEXT", help="What the project is for; kept when it is created.")
@click.option("--skip-if-exists", is_flag=True, help="Say so if the project exists already. It is no error anyway.")
def project(name: str, description: str | None, skip_if_exists: bool) -> None:
    """Create a project for flows; one that exists stays as it is."""
    from prefect.cli.backend_store import opened_store
    from prefect.exceptions import ClientError
    from prefect.orchestration.projects import create_project, project_named

    store = opened_store()
    done = "created"
    try:
        create_project(store, name, description)
    except ClientError:
        if project_named(store, name) is None:
            raise
        done = "already exists" if skip_if_exists else "created"
    click.secho(f"{name} {done}", fg="green")
