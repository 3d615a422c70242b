"""``prefect get``: lists of what the store holds, one file for each.

Source: cli.md §11.
"""

import click

from prefect.cli.group import LazyGroup

EPILOG = """\b
Examples:
  What is registered
    $ prefect get flows
  What ran last
    $ prefect get flow-runs
  The ids of the runs that failed, for another program
    $ prefect get flow-runs --state Failed -o json | jq -r '.[].id'
"""


@click.group("get", cls=LazyGroup, words=("flows", "projects", "flow-runs", "tasks", "logs"), epilog=EPILOG)
def get() -> None:
    """List flows, flow runs, tasks, projects and logs.

    The exit code is 3 if there is no flow, task, project or run of a name that was asked for.
    """
