"""``prefect run --watch``: what happens to a run, line by line, until it is finished.

Source: cli.md §3.9, §3.11, §3.12; DESIGN §4 decisions 3 and 4.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.errors import INTERRUPTED, TERMINATED, TIMED_OUT, CommandError
from prefect.cli.render import branch
from prefect.cli.run_backend import say_how_it_ended
from prefect.cli.signals import StdoutClosed, Terminated, termination_raises

if TYPE_CHECKING:
    from prefect.backend.flow_run import FlowRunLog
    from prefect.cli.render import Narration
    from prefect.cli.run import RunRequest
    from prefect.storage.state.store import Store


def watch_run(store: Store, flow_run_id: str, request: RunRequest, narration: Narration) -> None:
    """Show states and log lines of a run until it is finished, and say how it ended.

    Raises:
        CommandError: It did not succeed, took too long, or watching was interrupted.
    """
    from prefect.backend.flow_run import watch_flow_run

    narration.line("Watching flow run execution...")
    with termination_raises():
        try:
            for log in watch_flow_run(flow_run_id, stream_states=True, stream_logs=not request.no_logs):
                _show(log, request.quiet)
        except KeyboardInterrupt as interrupt:
            _interrupted(interrupt, store, flow_run_id, narration)
            return
        except RuntimeError as error:
            raise CommandError(str(error), exit_code=TIMED_OUT) from error
    say_how_it_ended(store.runs.get(flow_run_id), narration)


def _show(log: FlowRunLog, quiet: bool) -> None:
    """Print a line; with ``--quiet`` standard output has the id alone."""
    time = log.timestamp.astimezone().strftime("%H:%M:%S")
    level = logging.getLevelName(log.level)
    for line in log.message.splitlines() or [""]:
        text = f"{branch()} {time} | {level:<7} | {line}"
        click.secho(text, err=quiet, **_style(log.level))


def _style(level: int) -> dict[str, Any]:
    if level >= logging.ERROR:
        return {"fg": "red"}
    if level >= logging.WARNING:
        return {"fg": "yellow"}
    return {"dim": True} if level <= logging.DEBUG else {}


def _interrupted(interrupt: KeyboardInterrupt, store: Store, flow_run_id: str, narration: Narration) -> None:
    """Ask whether the run is to be cancelled, if there is somebody to ask.

    Raises:
        CommandError: It goes on.
    """
    if isinstance(interrupt, StdoutClosed):
        raise interrupt
    if isinstance(interrupt, Terminated):
        raise CommandError("Terminated by SIGTERM; the flow run goes on.", exit_code=TERMINATED) from None
    narration.line("\nKeyboard interrupt detected!")
    if not _wants_to_cancel():
        raise CommandError(
            "Interrupted by Ctrl-C; the flow run goes on.",
            exit_code=INTERRUPTED,
            hint="Exiting without cancelling flow run!",
        ) from None
    from prefect.orchestration.states import cancel_flow_run

    cancel_flow_run(store, flow_run_id)
    narration.line("Cancelled flow run.", "green")


def _wants_to_cancel() -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    try:
        return click.confirm("Do you want to cancel this flow run?", default=True, err=True)
    except click.Abort:
        return False
