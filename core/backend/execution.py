"""Execution of a flow run that a backend keeps: in this process, or in one of its own.

Source: backend.md §10.1, §21; cli.md §3.10, §14.1; DESIGN decision 10.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.client import Client
from prefect.configuration import config
from prefect.context import context as prefect_context
from prefect.engine.state import Failed
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prefect.backend.flow_run import FlowRunView
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.run_configs import RunConfig

INTERRUPTED = "Flow run received an interrupt signal."


def execute_flow_run(
    flow_run_id: str, flow: Flow | None = None, runner_cls: type | None = None, **kwargs: Any
) -> FlowRunView:
    """Execute a flow run in this process and return what became of it.

    Args:
        flow_run_id: Id of the flow run, which is to be scheduled, submitted or running.
        flow: The flow; by default it is loaded from where it was registered.
        runner_cls: Class that runs the flow; by default ``CloudFlowRunner``.
        **kwargs: Arguments for the ``run`` method of that class.

    Raises:
        Exception: Whatever kept the flow from being loaded or executed, after the flow run was recorded as failed. A flow
            that runs and fails raises nothing.
        KeyboardInterrupt: Likewise.
    """
    from prefect.backend.flow_run import FlowRunView

    run_here(flow_run_id, flow, runner_cls, **kwargs)
    return FlowRunView.from_flow_run_id(flow_run_id)


def run_here(
    flow_run_id: str,
    flow: Flow | None = None,
    runner_cls: type | None = None,
    longest_wait: float | None = 600.0,
    log_name: str = "prefect.backend.execution",
    **kwargs: Any,
) -> State:
    """Execute a flow run in this process and return its state; see :func:`execute_flow_run`.

    Args:
        flow_run_id: Id of the flow run.
        flow: The flow; by default it is loaded from where it was registered.
        runner_cls: Class that runs the flow.
        longest_wait: Seconds to wait for a retry; None waits as long as it takes.
        log_name: Logger in whose name a failure is written to the run's log.
        **kwargs: Arguments for the ``run`` method of that class.
    """
    from prefect.backend.flow_runner import CloudFlowRunner
    from prefect.backend.run_logs import sent_logs

    client = Client()
    try:
        with prefect_context(flow_run_id=flow_run_id, running_with_backend=True), sent_logs(client, flow_run_id):
            flow = flow or load_flow(client, flow_run_id)
            runner = (runner_cls or CloudFlowRunner)(flow=flow)
            if isinstance(runner, CloudFlowRunner):
                runner.longest_wait = longest_wait
            state: State = runner.run(**kwargs)
            return state
    except KeyboardInterrupt:
        _record_failure(client, flow_run_id, INTERRUPTED, log_name)
        raise
    except BaseException as exc:
        _record_failure(client, flow_run_id, f"Failed to load and execute flow run: {exc!r}", log_name)
        raise


def load_flow(client: Client, flow_run_id: str) -> Flow:
    """Load the flow of a flow run from its storage, with the secrets the storage names.

    Raises:
        FlowStorageError: The flow is not where it was registered.
    """
    from prefect.backend.flow import FlowView

    info = client.get_flow_run_info(flow_run_id)
    view = FlowView.from_flow_id(info.flow_id)
    if view.storage is None:
        raise ClientError(f"The flow {view.name!r} was registered without storage. Register it again from its file.")
    secrets = dict(prefect_context.get("secrets") or {})
    if view.storage.secrets:
        from prefect.client import Secret

        secrets.update({name: Secret(name).get() for name in view.storage.secrets})
    with prefect_context(secrets=secrets, loading_flow=True):
        return view.storage.get_flow(view.name)


def _record_failure(client: Client, flow_run_id: str, message: str, log_name: str) -> None:
    """Record a flow run as failed unless it has finished, with a line in its log."""
    try:
        if client.get_flow_run_state(flow_run_id).is_finished():
            return
        client.set_flow_run_state(flow_run_id, Failed(message=message))
        client.write_run_logs([{"flow_run_id": flow_run_id, "name": log_name, "level": "ERROR", "message": message}])
    except Exception as exc:  # noqa: BLE001 - the failure at hand is what the caller has to see
        from prefect.utilities.logging import get_logger

        get_logger("backend.execution").error("The failure of the flow run could not be recorded: %s", exc)


# ---- a process of its own ----------------------------------------------------------------------------------------------


def execute_flow_run_in_subprocess(
    flow_run_id: str, run_api_key: str | None = None, include_local_env: bool = True
) -> FlowRunView:
    """Execute a flow run in a new process, again for each of its later retries, and return what became of it.

    Args:
        flow_run_id: Id of the flow run, which is to be scheduled.
        run_api_key: Handed to the new process.
        include_local_env: Whether the new process gets the environment of this one.

    Raises:
        RuntimeError: The flow run is not scheduled, or its process failed; it is recorded as failed then.
        KeyboardInterrupt: The flow run is recorded as failed then.
    """
    import subprocess
    import sys

    from prefect.backend.flow_run import FlowRunView

    client = Client()
    run = FlowRunView.from_flow_run_id(flow_run_id)
    if not run.state.is_scheduled():
        raise RuntimeError(
            f"Flow run is already in state {run.state!r}! Cannot execute flow run unless it is in a 'Scheduled' state."
        )
    while not run.state.is_finished():
        _sleep_until_due(client, flow_run_id)
        environment = generate_flow_run_environ(flow_run_id, run.flow_id, run.run_config, run_api_key, include_local_env)
        try:
            done = subprocess.run([sys.executable, "-m", "prefect", "execute", "flow-run"], env=environment, check=False)
        except KeyboardInterrupt:
            _record_failure(client, flow_run_id, INTERRUPTED, "prefect.backend.execution")
            raise
        except Exception as exc:
            message = f"Flow run encountered unexpected exception during execution: {exc!r}"
            _record_failure(client, flow_run_id, message, "prefect.backend.execution")
            raise RuntimeError(message) from exc
        if done.returncode:
            client.record_exit(flow_run_id, done.returncode)
            raise RuntimeError("The flow run process failed.")
        run = run.get_latest()
    return run


def _sleep_until_due(client: Client, flow_run_id: str) -> None:
    import time

    from prefect.engine.state import now_utc

    moment = client.due_time(flow_run_id)
    if moment is not None:
        time.sleep(max(0.0, (moment - now_utc()).total_seconds()))


def generate_flow_run_environ(
    flow_run_id: str,
    flow_id: str,
    run_config: RunConfig | None,
    run_api_key: str | None = None,
    include_local_env: bool = False,
) -> dict[str, str]:
    """Return the environment of the process that executes a flow run.

    Args:
        flow_run_id: Id of the flow run.
        flow_id: Id of its flow.
        run_config: Its ``env`` wins over the configuration and the local environment.
        run_api_key: Handed to the process.
        include_local_env: Whether to begin with the environment of this process.

    Source:
        cli.md §3.10.
    """
    logging = config.logging
    values: dict[str, Any] = {
        **(os.environ if include_local_env else {}),
        "PREFECT__LOGGING__LEVEL": logging.level,
        "PREFECT__LOGGING__FORMAT": logging.format,
        "PREFECT__LOGGING__DATEFMT": logging.datefmt,
        "PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": config.cloud.send_flow_run_logs,
        **((run_config.env if run_config is not None else None) or {}),
        "PREFECT__BACKEND": config.backend,
        "PREFECT__HOME_DIR": config.home_dir,
        "PREFECT__CLOUD__API": config.cloud.api,
        "PREFECT__CLOUD__TENANT_ID": "",
        "PREFECT__CLOUD__API_KEY": run_api_key or "",
        "PREFECT__CLOUD__AUTH_TOKEN": run_api_key or "",
        "PREFECT__CONTEXT__FLOW_RUN_ID": flow_run_id,
        "PREFECT__CONTEXT__FLOW_ID": flow_id,
        "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
    }
    return {name: str(value) for name, value in values.items() if value is not None}


@contextmanager
def environment(values: Mapping[str, Any]) -> Iterator[None]:
    """Add variables to the environment of this process for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: str(value) for name, value in values.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
