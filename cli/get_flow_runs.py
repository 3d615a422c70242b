"""``prefect get flow-runs``.

Source: cli.md §11.3.
"""

from __future__ import annotations

import click

from prefect.cli.completion_values import complete_flow_name, complete_state
from prefect.cli.options import limit_option, output_option, project_option

EPILOG = """\b
Examples:
  $ prefect get flow-runs
  What failed of a flow
    $ prefect get flow-runs --flow etl --state Failed
  What began last
    $ prefect get flow-runs --started --limit 20
"""


@click.command("flow-runs", epilog=EPILOG)
@limit_option("runs")
@click.option("-f", "--flow", metavar="NAME", help="Only of flows of this name.", shell_complete=complete_flow_name)
@project_option
@click.option(
    "--state",
    metavar="STATE",
    help="Only those in a state of this type, such as Failed, Running or Scheduled.",
    shell_complete=complete_state,
)
@click.option("-s", "--started", is_flag=True, help="Only those that have begun; those first that began last.")
@output_option()
def get_flow_runs(
    limit: int, flow: str | None, project: str | None, state: str | None, started: bool, output: str
) -> None:
    """List the flow runs, the newest first.

    Times are UTC.
    """
    from prefect.cli.backend_store import opened_store
    from prefect.cli.lookup import check_names, flow_names, record_ends
    from prefect.cli.tables import ages, clock_time, print_list
    from prefect.orchestration.flow_runs import list_flow_runs

    state = None if state is None else _state_type(state)
    store = opened_store()
    record_ends(store)
    found = list(list_flow_runs(store, flow_name=flow, project=project, state=state, started=started, limit=limit))
    names = flow_names(store, found)
    kept = "id name flow_id labels parameters created scheduled_start_time start_time end_time".split()
    rows = [
        {
            **{field: run[field] for field in kept},
            "flow_name": names[run["flow_id"]],
            "state": run["state"]["type"],
            "state_message": run["state"].get("message"),
        }
        for run in found
    ]
    print_list(
        rows,
        {
            "NAME": "name",
            "FLOW NAME": "flow_name",
            "STATE": "state",
            "AGE": ages(store.system.now()),
            "START TIME": lambda row: clock_time(row["start_time"]),
            "ID": "id",
        },
        output,
    )
    if not rows:
        check_names(store, flow=flow, project=project)


def _state_type(word: str) -> str:
    """Return a type of states as it is spelled.

    Raises:
        click.BadParameter: There is no such type.
    """
    from prefect.orchestration.state_rules import TYPES
    from prefect.utilities._suggestions import did_you_mean

    known = {type.lower(): type for type in sorted(TYPES)}
    if word.lower() in known:
        return known[word.lower()]
    hint = did_you_mean(word.capitalize(), known.values()) or f"There are {', '.join(known.values())}."
    raise click.BadParameter(f"There is no state of type {word!r}. {hint}", param_hint="'--state'")
