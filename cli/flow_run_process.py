"""The process of a flow run, which agents start: ``prefect execute flow-run``, begun without click.

Every run waits for what is imported here.

Source: cli.md §14.1; DESIGN §6.
"""

from __future__ import annotations

from prefect.cli.garbage import collect_garbage_from_now_on
from prefect.cli.signals import reader_may_leave, termination_raises


def main() -> int:
    """Execute the flow run of this process and return the exit code."""
    with reader_may_leave() as stdout:
        if stdout is not None:
            stdout.ending = True  # the run goes on when nobody reads any more what it prints
        try:
            execute_flow_run()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the boundary of this command
            return _shown(error)
    return 0


def execute_flow_run() -> None:
    """Execute the flow run whose id is in the context.

    Raises:
        CommandError: There is no id, or the flow cannot be loaded and run.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the flow run is recorded as failed.
    """
    from prefect.context import context

    flow_run_id = context.get("flow_run_id")
    if not flow_run_id:
        from prefect.cli.errors import CommandError

        raise CommandError(
            "Not currently executing a flow within a Cloud context.",
            hint="Set PREFECT__CONTEXT__FLOW_RUN_ID to the id of the flow run, as agents do.",
        )
    import prefect.backend.flow_runner  # noqa: F401 - all that stays is imported before garbage is collected
    from prefect.backend.execution import run_here

    collect_garbage_from_now_on()
    with termination_raises():
        try:
            run_here(str(flow_run_id), log_name="execute flow-run")
        except Exception as error:
            raise not_executed(error) from error


def not_executed(error: Exception) -> Exception:
    """Return what to raise when a flow could not be executed: a traceback only if the user's code is in it."""
    from prefect.cli.errors import TIMED_OUT, CommandError, message_of, user_traceback
    from prefect.client.run_process import HandOverTimedOut
    from prefect.exceptions import ObjectNotFoundError, PrefectException
    from prefect.storage.state.errors import StoreError
    from prefect.utilities._tracebacks import is_of_user

    if isinstance(error, (ObjectNotFoundError, StoreError)):
        return error
    if isinstance(error, HandOverTimedOut):
        return CommandError(str(error), exit_code=TIMED_OUT)
    what = "The flow run could not be executed"
    if isinstance(error, PrefectException):
        told = message_of(error)
        return CommandError(f"{what}: {told.message}", exit_code=told.exit_code, hint=told.hint)
    message = f"{what}: {error.args[0] if isinstance(error, KeyError) and error.args else error}"
    return CommandError(f"{message}\n{user_traceback(error)}" if is_of_user(error) else message)


def _shown(error: BaseException) -> int:
    """Say what went wrong as every other command does, and return the exit code."""
    import click

    from prefect.cli.errors import translated
    from prefect.cli.process import leave_threads_behind

    try:
        with translated():
            raise error
    except click.ClickException as shown:
        shown.show()
        leave_threads_behind(shown.exit_code)
        return shown.exit_code
