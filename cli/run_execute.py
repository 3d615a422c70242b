"""``prefect run --execute``: a registered flow run, executed in this process without an agent.

Source: cli.md §3.10, §3.12; DESIGN §4 decisions 4 and 10.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from prefect.cli.errors import INTERRUPTED, TERMINATED, CommandError
from prefect.cli.flow_run_process import not_executed
from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.render import LOG_FORMAT, LOG_TIME_FORMAT, branch, wants_live_view
from prefect.cli.run_backend import say_how_it_ended
from prefect.cli.signals import StdoutClosed, Terminated, termination_raises

if TYPE_CHECKING:
    from prefect.cli.render import Narration
    from prefect.cli.run import RunRequest
    from prefect.storage.state.store import Store

    Record = dict[str, Any]

#: Above every level that a log line has.
_NO_LEVEL = 100


def execute_run(store: Store, run: Record, request: RunRequest, narration: Narration) -> None:
    """Execute a run when it is due, waiting for its retries however long they take, and say how it ended.

    Raises:
        CommandError: It is not scheduled, did not succeed, or was interrupted.
    """
    from prefect.orchestration.state_rules import SCHEDULED

    if run["state"]["type"] not in SCHEDULED:
        narration.line("Flow run failed!", "red")
        raise CommandError(
            f"Flow run is already in state {run['state']['type']}! Cannot execute flow run unless it is in a 'Scheduled'"
            " state.",
            hint="A run with this idempotency key exists already; use another key for a new one.",
        )
    narration.line("Executing flow run...")
    with termination_raises():
        try:
            _execute(run, request)
        except KeyboardInterrupt as interrupt:
            raise _interrupted(interrupt, narration) from None
        except Exception as error:
            narration.line("Flow run failed!", "red")
            raise not_executed(error) from error
    say_how_it_ended(store, run["id"], narration)


def _execute(run: Record, request: RunRequest) -> None:
    import prefect.backend.flow_runner  # noqa: F401 - all that stays is imported before garbage is collected
    from prefect.backend.execution import becomes_due, environment, failure_recorded, run_here
    from prefect.client import Client
    from prefect.utilities.logging import get_logger, log_to, temporary_logger_config

    collect_garbage_from_now_on()
    # As for `python -m`: a flow registered as a module may stand in the folder in which the command was given.
    with suppress(FileNotFoundError):
        sys.path.insert(0, os.getcwd())

    own_environment = (run["run_config"] or {}).get("env") or {}
    level = own_environment.get("PREFECT__LOGGING__LEVEL")
    client = Client()
    with ExitStack() as stack:
        stack.enter_context(failure_recorded(client, run["id"]))
        stack.enter_context(environment(own_environment))
        stack.enter_context(
            temporary_logger_config(
                level and level.upper(), stream_fmt=f"{branch()} {LOG_FORMAT}", stream_datefmt=LOG_TIME_FORMAT
            )
        )
        if request.no_logs:
            stack.enter_context(_silent_stdout_handlers())
        log_to(sys.stderr if request.quiet else sys.stdout)
        stack.callback(log_to, sys.stdout)
        if run["due"] is not None and run["due"] > client.store.system.now():
            get_logger("backend.execution").info("Waiting for the start time of the flow run, %s", run["due"])
        if not becomes_due(client, run["id"]):
            return
        observer = None
        if not request.quiet and wants_live_view():
            from prefect.cli.live_run import LiveRun

            observer = stack.enter_context(LiveRun())
        run_here(run["id"], longest_wait=None, observer=observer)


def _silent_stdout_handlers() -> Any:
    """Keep log lines from being shown; they still go to the run's log."""
    from contextlib import contextmanager

    from prefect.utilities.logging import StdoutHandler, get_logger

    @contextmanager
    def silenced() -> Any:
        handlers = [handler for handler in get_logger().handlers if isinstance(handler, StdoutHandler)]
        before = [handler.level for handler in handlers]
        for handler in handlers:
            handler.setLevel(_NO_LEVEL)
        try:
            yield
        finally:
            for handler, level in zip(handlers, before):
                handler.setLevel(level)

    return silenced()


def _interrupted(interrupt: KeyboardInterrupt, narration: Narration) -> BaseException:
    if isinstance(interrupt, StdoutClosed):
        return interrupt
    if isinstance(interrupt, Terminated):
        narration.line("Flow run failed!", "red")
        return CommandError("Terminated by SIGTERM; the flow run is recorded as failed.", exit_code=TERMINATED)
    narration.line("Keyboard interrupt detected! Aborting...")
    narration.line("Flow run failed!", "red")
    return CommandError("Interrupted by Ctrl-C; the flow run is recorded as failed.", exit_code=INTERRUPTED)
