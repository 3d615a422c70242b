"""``prefect heartbeat``.

Source: cli.md §14.2.
"""

from __future__ import annotations

import os

import click

from prefect.cli.group import Group

EPILOG = """\b
Example:
  $ prefect heartbeat flow-run --id 018f86c9-d443-7c3e-9d02-6f1b2a400000 --num 1
"""


@click.group("heartbeat", cls=Group, epilog=EPILOG)
def heartbeat() -> None:
    """Send heartbeats of flow runs."""


@heartbeat.command("flow-run", epilog=EPILOG)
@click.option("-i", "--id", "flow_run_id", required=True, metavar="ID", help="Id of the flow run.")
@click.option("-n", "--num", type=click.IntRange(min=0), metavar="N", help="Number of heartbeats. Default: endless.")
def flow_run(flow_run_id: str, num: int | None) -> None:
    """Say every cloud.heartbeat_interval seconds that a flow run is being executed.

    It ends when the process that started it is gone, so that a crashed run does not look alive.
    """
    import time

    from prefect.client import Client
    from prefect.configuration import config

    client = Client()
    parent = os.getppid()
    sent = 0
    while (num is None or sent < num) and os.getppid() == parent:
        try:
            client.update_flow_run_heartbeat(flow_run_id)
        except Exception as error:  # noqa: BLE001 - the next heartbeat may get through; the run's log tells of this one
            _write_log(client, flow_run_id, error)
        sent += 1
        _wait(time.monotonic() + float(config.cloud.heartbeat_interval), parent)


def _wait(until: float, parent: int) -> None:
    """Sleep, but look every second whether the parent is still there."""
    import time

    while os.getppid() == parent and (left := until - time.monotonic()) > 0:
        time.sleep(min(1.0, left))


def _write_log(client: object, flow_run_id: str, error: Exception) -> None:
    entry = {
        "flow_run_id": flow_run_id,
        "name": "subprocess_heartbeat",
        "level": "ERROR",
        "message": f"The heartbeat could not be sent: {error}",
    }
    try:
        client.write_run_logs([entry])  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - what cannot be reached for a heartbeat cannot be reached for this either
        click.echo(entry["message"], err=True)
