"""``prefect heartbeat``.

Source: cli.md §14.2.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from prefect.cli.group import Group

if TYPE_CHECKING:
    from prefect.client import Client

EPILOG = """\b
Example:
  $ prefect heartbeat flow-run --id 018f86c9-d443-7c3e-9d02-6f1b2a400000 --num 1
"""


@click.group("heartbeat", cls=Group, epilog=EPILOG)
def heartbeat() -> None:
    """Send heartbeats of flow runs."""


@heartbeat.command("flow-run", epilog=EPILOG, short_help="Say that a flow run is being executed.")
@click.option("-i", "--id", "flow_run_id", required=True, metavar="ID", help="Id of the flow run.")
@click.option("-n", "--num", type=click.IntRange(min=0), metavar="N", help="Number of heartbeats. Default: endless.")
def flow_run(flow_run_id: str, num: int | None) -> None:
    """Say every cloud.heartbeat_interval seconds that a flow run is being executed.

    It ends when the flow run is over or deleted, or the process that started it is gone: a crashed run does not look alive.
    """
    import time

    from prefect.backend.watcher import configured_seconds
    from prefect.cli.garbage import collect_garbage_from_now_on
    from prefect.client import Client

    seconds = configured_seconds("cloud.heartbeat_interval")
    client = Client()
    parent = os.getppid()
    sent = 0
    collect_garbage_from_now_on()
    while (num is None or sent < num) and os.getppid() == parent:
        try:
            client.update_flow_run_heartbeat(flow_run_id)
        except Exception as error:  # noqa: BLE001 - the next heartbeat may get through; the run's log tells of this one
            _write_log(client, flow_run_id, error)
        sent += 1
        if _is_over(client, flow_run_id):
            return
        _wait(time.monotonic() + seconds, parent)


def _is_over(client: Client, flow_run_id: str) -> bool:
    """Return whether a run has ended.

    Raises:
        ObjectNotFoundError: There is no such run, perhaps no more.
    """
    from prefect.orchestration.flow_runs import get_flow_run
    from prefect.orchestration.state_rules import has_finished
    from prefect.storage.state.errors import StoreError

    try:
        return has_finished(get_flow_run(client.store, flow_run_id))
    except StoreError:
        return False  # what cannot be read now may be read at the next heartbeat


def _wait(until: float, parent: int) -> None:
    """Sleep, but look every second whether the parent is still there."""
    import time

    while os.getppid() == parent and (left := until - time.monotonic()) > 0:
        time.sleep(min(1.0, left))


def _write_log(client: Client, flow_run_id: str, error: Exception) -> None:
    entry = {
        "flow_run_id": flow_run_id,
        "name": "subprocess_heartbeat",
        "level": "ERROR",
        "message": f"The heartbeat could not be sent: {error}",
    }
    try:
        client.write_run_logs([entry])
    except Exception:  # noqa: BLE001 - what cannot be reached for a heartbeat cannot be reached for this either
        click.echo(entry["message"], err=True)
