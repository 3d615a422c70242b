"""Execution of a flow run that a backend keeps: in this process, or in one of its own.

Source: backend.md §10.1, §21; cli.md §3.10, §14.1; DESIGN decision 10.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from prefect.client import Client
from prefect.client.run_process import ExecutedElsewhere, HandOverTimedOut
from prefect.configuration import config
from prefect.context import context as prefect_context
from prefect.engine.state import now_utc
from prefect.exceptions import ClientError
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prefect.backend.flow_run import FlowRunView
    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.run_configs import RunConfig

INTERRUPTED = "Flow run received an interrupt signal."

#: Seconds between two looks at a flow run that waits for its time, or for a person.
_LOOK_SECONDS = 0.5


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
    state = client.get_flow_run_state(flow_run_id)
    if state.is_finished():
        get_logger("CloudFlowRunner").info("Flow run has already finished.")
        return state
    with ExitStack() as block:
        try:
            block.enter_context(client.executing(flow_run_id))
        except ExecutedElsewhere as exc:
            get_logger("CloudFlowRunner").info("%s This process ends.", exc)
            return state
        except HandOverTimedOut as exc:
            _record_failure(client, flow_run_id, str(exc), log_name)
            raise
        try:
            block.enter_context(prefect_context(flow_run_id=flow_run_id, running_with_backend=True))
            block.enter_context(sent_logs(client, flow_run_id))
            flow = flow or block.enter_context(loaded_flow(client, flow_run_id))
            runner = (runner_cls or CloudFlowRunner)(flow=flow)
            if isinstance(runner, CloudFlowRunner):
                runner.client, runner.longest_wait = client, longest_wait
            final: State = runner.run(**kwargs)
        except BaseException as exc:
            _record_failure(client, flow_run_id, _reason(exc), log_name, _traceback(exc))
            raise
    return final


@contextmanager
def loaded_flow(client: Client, flow_run_id: str) -> Iterator[Flow]:
    """Load the flow of a flow run from its storage, with the secrets the storage names.

    While the block runs, tasks can import what stands beside the file of the flow, as in a script of its own.

    Raises:
        ClientError: The flow was registered without storage.
        Exception: Whatever keeps the storage from giving the flow.
    """
    from prefect.backend.flow import FlowView

    view = FlowView.from_flow_id(client.get_flow_run_info(flow_run_id, with_task_runs=False).flow_id)
    storage = view.storage
    if storage is None:
        raise ClientError(f"The flow {view.name!r} was registered without storage. Register it again from its file.")
    secrets = dict(prefect_context.get("secrets") or {})
    if storage.secrets:
        from prefect.client import Secret

        secrets.update({name: Secret(name).get() for name in storage.secrets})
    with _importable(storage.source_file):
        with prefect_context(secrets=secrets, loading_flow=True):
            flow = storage.get_flow(view.name)
        # A script does not say where values are stored; registering has settled that for all processes of the run.
        flow.result = flow.result or storage.result
        yield flow


@contextmanager
def _importable(source_file: str | None) -> Iterator[None]:
    """Let modules be imported from the folder of a file while the block runs."""
    if source_file is None:
        yield
        return
    folder = os.path.dirname(source_file)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _reason(exc: BaseException) -> str:
    """Return why a flow run could not be executed to its end."""
    if isinstance(exc, KeyboardInterrupt):
        return f"Flow run received {exc}." if str(exc) else INTERRUPTED
    if isinstance(exc, SystemExit):
        return f"The code of the flow called sys.exit({'' if exc.code is None else repr(exc.code)})."
    return f"Failed to load and execute flow run: {exc!r}"


def _traceback(exc: BaseException) -> str:
    """Return where the user's code raised what kept a flow run from being executed; empty if it was not that code."""
    from prefect.exceptions import PrefectException
    from prefect.utilities._tracebacks import is_of_user, user_traceback

    told = not isinstance(exc, Exception) or isinstance(exc, PrefectException)
    return "" if told or not is_of_user(exc) else user_traceback(exc)


@contextmanager
def failure_recorded(client: Client, flow_run_id: str) -> Iterator[None]:
    """Record a flow run as failed, unless it has finished, if the block raises or is interrupted.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
    """
    try:
        yield
    except BaseException as exc:
        _record_failure(client, flow_run_id, _reason(exc), "prefect.backend.execution")
        raise


def _record_failure(client: Client, flow_run_id: str, reason: str, log_name: str, traceback: str = "") -> None:
    """Record a flow run as failed unless it has finished."""
    try:
        client.record_failure(flow_run_id, reason, log_name, traceback)
    except Exception as exc:  # noqa: BLE001 - the failure at hand is what the caller has to see
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
    from prefect.backend.flow_run import FlowRunView

    client = Client()
    run = FlowRunView.from_flow_run_id(flow_run_id)
    if not run.state.is_scheduled():
        raise RuntimeError(
            f"Flow run is already in state {run.state!r}! Cannot execute flow run unless it is in a 'Scheduled' state."
        )
    try:
        while becomes_due(client, flow_run_id):
            environ = generate_flow_run_environ(
                flow_run_id, run.flow_id, run.run_config, run_api_key, include_local_env
            )
            returncode = _executed_in_subprocess(environ)
            if returncode:
                client.record_exit(flow_run_id, returncode)
                raise RuntimeError("The flow run process failed.")
    except KeyboardInterrupt as exc:
        _record_failure(client, flow_run_id, _reason(exc), "prefect.backend.execution")
        raise
    except OSError as exc:
        message = f"Flow run encountered unexpected exception during execution: {exc!r}"
        _record_failure(client, flow_run_id, message, "prefect.backend.execution")
        raise RuntimeError(message) from exc
    return run.get_latest()


def _executed_in_subprocess(environ: Mapping[str, str]) -> int:
    import subprocess

    get_logger("backend.execution").info("Creating subprocess to execute flow run...")
    return subprocess.run([sys.executable, "-m", "prefect", "execute", "flow-run"], env=environ, check=False).returncode


def becomes_due(client: Client, flow_run_id: str) -> bool:
    """Wait until a flow run is to be picked up, a paused one until somebody resumes it; return False if it has finished.

    Args:
        client: The way to the backend.
        flow_run_id: Id of the flow run.
    """
    while (due := client.due_time(flow_run_id)) is None or due > now_utc():
        if due is None and client.get_flow_run_state(flow_run_id).is_finished():
            return False
        left = _LOOK_SECONDS if due is None else (due - now_utc()).total_seconds()
        time.sleep(max(0.0, min(left, _LOOK_SECONDS)))
    return True


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


#: Settings that a run config cannot change, as agents set them for every run.
_OF_THE_BACKEND = (
    *("PREFECT__BACKEND", "PREFECT__HOME_DIR", "PREFECT__CONTEXT__FLOW_"),
    *("PREFECT__CLOUD__AGENT", "PREFECT__CLOUD__API", "PREFECT__CLOUD__AUTH_TOKEN", "PREFECT__CLOUD__TENANT_ID"),
)


@contextmanager
def environment(values: Mapping[str, Any]) -> Iterator[None]:
    """Add variables to the environment of this process for the length of a block, and what they configure.

    Args:
        values: Name → value; None sets nothing. What configures the backend does not take effect.
    """
    given = {name: str(value) for name, value in values.items() if value is not None}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        with _configured_by([name for name in given if not name.startswith(_OF_THE_BACKEND)]):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _configured_by(variables: list[str]) -> Iterator[None]:
    """Let settings in the environment apply that were not there when this process read its configuration."""
    if not any(name.startswith("PREFECT__") for name in variables):
        yield
        return
    from prefect.configuration import load_default_config, origins
    from prefect.utilities.collections import dict_to_flatdict
    from prefect.utilities.configuration import set_temporary_config

    settings = {".".join(key): value for key, value in dict_to_flatdict(load_default_config()).items()}
    keys = [key for key, origin in origins().items() if origin in variables]
    with set_temporary_config({key: settings[key] for key in keys}):
        parts = {key.split(".")[1] for key in keys if key.startswith("context.")}
        with prefect_context({part: config.context[part] for part in parts}):
            yield
