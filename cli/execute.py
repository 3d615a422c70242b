"""``prefect execute``: what agents call.

Source: cli.md §14.1.
"""

from __future__ import annotations

import click

from prefect.cli.group import Group

EPILOG = """\b
Example:
  $ PREFECT__CONTEXT__FLOW_RUN_ID=018f86c9-d443-7c3e-9d02-6f1b2a400000 prefect execute flow-run
"""


@click.group("execute", cls=Group, epilog=EPILOG)
def execute() -> None:
    """Execute flow runs; called by agents."""


@execute.command("flow-run", epilog=EPILOG, short_help="Execute a flow run in this process.")
def flow_run() -> None:
    """Execute the flow run whose id is in PREFECT__CONTEXT__FLOW_RUN_ID, in this process.

    The exit code is 0 also if the flow run fails: its state tells. It is 1 if the flow cannot be loaded.
    """
    from prefect.cli.flow_run_process import execute_flow_run

    execute_flow_run()
