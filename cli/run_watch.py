"""``prefect run --watch``: what happens to a run, line by line, until it is finished.

Source: cli.md §3.9, §3.11, §3.12; DESIGN §4 decisions 3 and 4.
"""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from prefect.cli.errors import INTERRUPTED, TERMINATED, TIMED_OUT, CommandError
from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.render import branch, styled, wants_live_view
from prefect.cli.run_backend import say_how_it_ended
from prefect.cli.signals import StdoutClosed, Terminated, termination_raises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prefect.backend.flow_run import FlowRunLog
    from prefect.backend.following import Event
    from prefect.cli.render import Narration
    from prefect.cli.run import RunRequest
    from prefect.storage.state.store import Store

    Record = dict[str, Any]


def watch_run(store: Store, flow: Record, run: Record, request: RunRequest, narration: Narration) -> None:
    """Show states and log lines of a run until it is finished, and say how it ended.

    Args:
        store: Where the run is kept.
        flow: The registered flow that it runs.
        run: The run.
        request: What the command line asks for.
        narration: Takes the lines about it.

    Raises:
        CommandError: It did not succeed, took too long, or watching was interrupted.
    """
    from prefect.backend.flow_run import watch_flow_run

    narration.line("Watching flow run execution...")
    _say_when_it_begins(store, run, narration)
    collect_garbage_from_now_on()
    with termination_raises():
        try:
            with _live_view(flow, request) as tell:
                for log in watch_flow_run(run["id"], stream_logs=not request.no_logs, tell=tell):
                    _show(log, request.quiet)
        except KeyboardInterrupt as interrupt:
            _interrupted(interrupt, store, run["id"], narration)
        except RuntimeError as error:
            raise CommandError(str(error), exit_code=TIMED_OUT) from error
    say_how_it_ended(store, run["id"], narration)


def _say_when_it_begins(store: Store, run: Record, narration: Narration) -> None:
    """Say that nothing will happen for a while, of a run that is to begin later."""
    if run["due"] is not None and run["due"] > store.system.now():
        from datetime import datetime

        moment = datetime.fromisoformat(run["due"]).astimezone()
        narration.line(f"The flow run is scheduled to begin at {moment:%Y-%m-%d %H:%M:%S %Z}.", "yellow")


@contextmanager
def _live_view(flow: Record, request: RunRequest) -> Iterator[Callable[[Event], None] | None]:
    """Show a live view if somebody watches; yield what is to be told of all that happens."""
    if request.quiet or not wants_live_view():
        yield None
        return
    from prefect.cli.live_watch import LiveWatch

    with LiveWatch(flow) as view:
        yield view.tell


def _show(log: FlowRunLog, quiet: bool) -> None:
    """Print a line; with ``--quiet`` standard output has the id alone."""
    time = log.timestamp.astimezone().strftime("%H:%M:%S")
    level = logging.getLevelName(log.level)
    for line in log.message.splitlines() or [""]:
        text = f"{branch()} {time} | {level:<7} | {line}"
        click.echo(styled(text, **_style(log.level)), err=quiet)


def _style(level: int) -> dict[str, Any]:
    if level >= logging.ERROR:
        return {"fg": "red"}
    if level >= logging.WARNING:
        return {"fg": "yellow"}
    return {"dim": True} if level <= logging.DEBUG else {}


def _interrupted(interrupt: KeyboardInterrupt, store: Store, flow_run_id: str, narration: Narration) -> NoReturn:
    """Ask whether the run is to be cancelled, if there is somebody to ask.

    Raises:
        CommandError: Always; a run that was cancelled has not succeeded either (DESIGN decision 4).
    """
    if isinstance(interrupt, StdoutClosed):
        raise interrupt
    if isinstance(interrupt, Terminated):
        raise CommandError("Terminated by SIGTERM; the flow run goes on.", exit_code=TERMINATED) from None
    can_be_asked = sys.stdin.isatty() and sys.stderr.isatty()
    if can_be_asked:
        click.echo(err=True)  # ends the line with the ^C
    narration.line("Keyboard interrupt detected!")
    if not (can_be_asked and _wants_to_cancel()):
        raise CommandError(
            "Interrupted by Ctrl-C; the flow run goes on.",
            exit_code=INTERRUPTED,
            hint="Exiting without cancelling flow run!",
        ) from None
    from prefect.orchestration.states import cancel_flow_run

    cancel_flow_run(store, flow_run_id)
    narration.line("Cancelled flow run.", "green")
    raise CommandError("", exit_code=INTERRUPTED) from None


def _wants_to_cancel() -> bool:
    try:
        return click.confirm("Do you want to cancel this flow run?", default=True, err=True)
    except click.Abort:
        click.echo(err=True)
        return False
