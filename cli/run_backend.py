"""Runs of registered flows: looked up, created, and then watched or executed if that is asked for.

Source: cli.md §§3.4, 3.7 to 3.12; DESIGN §4 decisions 3, 4, 7 and 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from prefect.cli.backend_store import opened_store
from prefect.cli.render import branch

if TYPE_CHECKING:
    from prefect.cli.render import Narration
    from prefect.cli.run import RunRequest
    from prefect.storage.state.store import Store

    Record = dict[str, Any]


def run_from_backend(request: RunRequest, narration: Narration) -> None:
    """Create a run of a registered flow; watch or execute it if that is asked for.

    Raises:
        ClientError: There is no such flow, or the run is refused.
        CommandError: The run failed, or could not be watched or executed.
    """
    store = opened_store()
    flow = _found(store, request, narration)
    run = _created(store, flow, request, narration)
    if request.quiet:
        click.echo(run["id"])
    if request.execute:
        from prefect.cli.run_execute import execute_run

        execute_run(store, run, request, narration)
    elif request.watch:
        from prefect.cli.run_watch import watch_run

        watch_run(store, flow, run, request, narration)


def _found(store: Store, request: RunRequest, narration: Narration) -> Record:
    from prefect.orchestration.flows import find_flow

    narration.begin("Looking up flow metadata...")
    try:
        if request.flow_id:
            flow = find_flow(store, flow_id=request.flow_id, flow_group_id=request.flow_id)
        else:
            flow = find_flow(store, name=request.name, project=request.project)
    except Exception:
        narration.failed()
        raise
    narration.done()
    return flow


def _created(store: Store, flow: Record, request: RunRequest, narration: Narration) -> Record:
    from prefect.orchestration.flow_runs import create_flow_run
    from prefect.orchestration.processes import process_identity

    labels, run_config = _settings(store, flow, request)
    narration.begin(f"Creating run for flow {flow['name']!r}...")
    try:
        run, is_new = create_flow_run(
            store,
            flow_id=flow["id"],
            parameters=request.parameters,
            context=request.context,
            labels=labels,
            run_config=run_config,
            idempotency_key=request.idempotency_key,
            name=request.run_name,
            process=process_identity() if request.execute else None,
        )
    except Exception:
        narration.failed()
        raise
    narration.done()
    if not is_new:
        known = f"There is a flow run with the idempotency key {request.idempotency_key!r} already."
        narration.line(f"{known} It stays as it was created:", "yellow")
    _describe(run, narration)
    return run


def _settings(store: Store, flow: Record, request: RunRequest) -> tuple[list[str] | None, Record | None]:
    """Return the labels and the run config of the new run; None where the flow's own hold."""
    labels = list(request.labels) or None
    run_config = None
    if request.log_level:
        from prefect.orchestration.flow_groups import get_group
        from prefect.orchestration.run_settings import effective_run_config, run_labels

        group = get_group(store, flow["flow_group_id"])
        run_config = dict(effective_run_config(flow, group, None) or {"type": "UniversalRun", "labels": []})
        run_config["env"] = {**(run_config.get("env") or {}), "PREFECT__LOGGING__LEVEL": request.log_level}
        # A run config that is given also gives the labels; only the level is to change.
        labels = run_labels(flow, group, labels, None)
    if request.execute:
        import os

        # No agent has such a label, so that none takes the run away from this process.
        labels = [*request.labels, f"agentless-run-{os.urandom(4).hex()}"]
    return labels, run_config


def _describe(run: Record, narration: Narration) -> None:
    from prefect.client.client import Client

    entries = {
        "Name": run["name"],
        "UUID": run["id"],
        "Labels": run["labels"],
        "Parameters": run["parameters"],
        "Context": run["context"],
        "URL": Client().get_cloud_url("flow-run", run["id"]),
    }
    for name, value in entries.items():
        narration.line(f"{branch()} {name}: {value}")


def say_how_it_ended(store: Store, flow_run_id: str, narration: Narration) -> None:
    """Print the last line about a run, and why it did not succeed.

    Raises:
        CommandError: It did not succeed.
    """
    from prefect.cli.errors import CommandError
    from prefect.orchestration.flow_runs import get_flow_run
    from prefect.orchestration.state_rules import FAILED, SUCCESSFUL

    run = get_flow_run(store, flow_run_id)
    state = run["state"]
    if state["type"] in SUCCESSFUL:
        narration.line("Flow run succeeded!", "green")
        return
    if state["type"] in FAILED:
        from prefect.cli.failures import recorded_failure_reason

        narration.line("Flow run failed!", "red")
        raise CommandError(recorded_failure_reason(store, run))
    shown = f'<{state["type"]}: "{state.get("message") or ""}">'
    narration.line(f"Flow run is in unexpected state: {shown}", "yellow")
    raise CommandError(f"The flow run {run['name']!r} did not succeed: it is {shown}.")
