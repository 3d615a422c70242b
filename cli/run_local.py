"""Runs of a flow from a file or module, in this process.

Source: cli.md §3.3, §3.6, §3.9, §3.12, §3.14; DESIGN §4 decisions 3 to 5.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.errors import INTERRUPTED, TERMINATED, CommandError, user_traceback
from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.render import LOG_FORMAT, LOG_TIME_FORMAT, branch, wants_live_view
from prefect.cli.signals import StdoutClosed, Terminated, termination_raises

if TYPE_CHECKING:
    from prefect.cli.render import Narration
    from prefect.cli.run import RunRequest
    from prefect.engine.state import State
    from prefect.flow import Flow

#: Above every level that a log line has.
_NO_LEVEL = 100


def run_local_flow(request: RunRequest, narration: Narration) -> None:
    """Load a flow, run it and say how it went.

    Raises:
        CommandError: The flow cannot be loaded or run, its run failed, or it was interrupted.
        SystemExit: The script ended itself while it was loaded.
    """
    with termination_raises():
        flow = _loaded(request, narration)
        _check_parameters(flow, request.parameters)
        narration.values("Configured local flow run", {"Parameters": request.parameters, "Context": request.context})
        narration.line("Running flow locally...")
        state = _run(flow, request, narration)
    if state is not None and state.is_failed():
        from prefect.cli.failures import failure_reason

        narration.line("Flow run failed!", "red")
        raise CommandError(failure_reason(flow, state))
    narration.line("Flow run succeeded!", "green")


def _loaded(request: RunRequest, narration: Narration) -> Flow:
    from prefect.loading import FlowLoadError, load_flows_from_module, load_flows_from_path, select_flow

    _import_engine()
    collect_garbage_from_now_on()
    narration.begin("Retrieving local flow...")
    try:
        if request.path:
            flows = load_flows_from_path(request.path)
        else:
            flows = load_flows_from_module(request.module or "")
        flow = select_flow(flows, name=request.name, location=request.path or request.module or "")
    except FlowLoadError:
        narration.failed()
        raise
    except SystemExit as error:
        narration.abandoned()
        message = (
            f"{request.path or request.module} called sys.exit({_shown(error)}) while it was loaded; no flow was run."
        )
        click.secho(message, fg="red", err=True)
        raise
    except KeyboardInterrupt as error:
        narration.abandoned()
        raise _stopped(error, " while the flow was loaded; nothing was run") from None
    narration.done()
    if request.path:
        # As for a script of its own: what a task imports may stand beside the file.
        sys.path.insert(0, os.path.dirname(os.path.abspath(request.path)))
    return flow


def _import_engine() -> None:
    """Import what reads the configuration, whose mistakes are the user's.

    Raises:
        CommandError: A setting cannot be used.
    """
    try:
        import prefect.engine.flow_loop
        import prefect.utilities.logging  # noqa: F401 - imported for its checks
    except ValueError as error:
        raise CommandError(str(error)) from error


def _check_parameters(flow: Flow, values: dict[str, Any]) -> None:
    from prefect.engine.flow_loop import check_parameters

    try:
        check_parameters(flow, values)
    except ValueError as error:
        raise CommandError(str(error), hint=_parameter_hint(flow, values)) from error


def _parameter_hint(flow: Flow, values: dict[str, Any]) -> str:
    from prefect.utilities._suggestions import did_you_mean

    parameters = sorted(flow.parameters(), key=lambda parameter: parameter.name)
    if not parameters:
        return f"The flow {flow.name!r} has no parameters."
    names = [parameter.name for parameter in parameters]
    questions = [did_you_mean(name, names) for name in values if name not in names]
    listed = [
        f"{parameter.name} (required)" if parameter.required else f"{parameter.name} = {parameter.default!r}"
        for parameter in parameters
    ]
    return " ".join([*filter(None, questions), f"The parameters of the flow: {', '.join(listed)}."])


def _run(flow: Flow, request: RunRequest, narration: Narration) -> State | None:
    from prefect.context import context
    from prefect.utilities.logging import log_to, temporary_logger_config

    level = _NO_LEVEL if request.no_logs else request.log_level
    options: dict[str, Any] = {}
    try:
        with ExitStack() as stack:
            stack.enter_context(
                temporary_logger_config(level, stream_fmt=f"{branch()} {LOG_FORMAT}", stream_datefmt=LOG_TIME_FORMAT)
            )
            log_to(sys.stderr if request.quiet else sys.stdout)
            stack.callback(log_to, sys.stdout)
            if not request.quiet and wants_live_view():
                from prefect.cli.live_run import LiveRun

                options["observer"] = stack.enter_context(LiveRun())
            stack.enter_context(context(request.context))
            return flow.run(parameters=request.parameters, run_on_schedule=request.schedule, **options)
    except KeyboardInterrupt as error:
        raise _stopped(error, f"; the run of flow {flow.name!r} was stopped before it was finished") from None
    except SystemExit as error:
        narration.line("Flow run failed!", "red")
        raise CommandError(f"A task called sys.exit({_shown(error)}){_place(error)}, which ended the run.") from None
    except EOFError as error:
        narration.line("Flow run failed!", "red")
        message = "A paused task waits for an answer, but standard input has ended."
        raise CommandError(message, hint="Run the flow in a terminal, or answer through a pipe.") from error
    except Exception as error:
        narration.line("Flow run failed!", "red")
        raise _unrunnable(error) from error


def _unrunnable(error: Exception) -> Exception:
    """Return what to raise when ``flow.run`` itself raises: a traceback only if the user's code is in it."""
    shown = user_traceback(error)
    if "Traceback" in shown:
        return CommandError(f"Flow runner encountered an exception!\n{shown}")
    if isinstance(error, (ValueError, RuntimeError)):
        return CommandError(f"The flow could not be run: {error}")
    return error


def _stopped(error: KeyboardInterrupt, what: str) -> BaseException:
    if isinstance(error, StdoutClosed):
        return error
    if isinstance(error, Terminated):
        return CommandError(f"Terminated by SIGTERM{what}.", exit_code=TERMINATED)
    return CommandError(f"Interrupted by Ctrl-C{what}.", exit_code=INTERRUPTED)


def _shown(error: SystemExit) -> str:
    return "" if error.code is None else repr(error.code)


def _place(error: BaseException) -> str:
    """Return in which line of which file an exception was raised."""
    entry = error.__traceback__
    while entry is not None and entry.tb_next is not None:
        entry = entry.tb_next
    return f" in {entry.tb_frame.f_code.co_filename}, line {entry.tb_lineno}" if entry is not None else ""
