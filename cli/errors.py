"""The one place where what went wrong becomes a line on stderr and an exit code.

Source: DESIGN §4 decisions 3 to 5; cli.md §1.2; core.md §7.4.
"""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from prefect.cli.signals import StdoutClosed, Terminated
from prefect.exceptions import PrefectException

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The command did what was asked for.
DONE = 0
#: The flow run failed, or the command could not do what was asked for.
FAILED = 1
#: The command line is wrong: an unknown command or option, or a value of the wrong kind.
USAGE = 2
#: What was asked for does not exist, or more than one thing answers to the name.
NOT_FOUND = 3
#: Waiting took longer than allowed.
TIMED_OUT = 4
#: The store is damaged, another process holds it, or the system does not let us use it.
STORE_UNUSABLE = 5
#: Ctrl-C (128 + SIGINT).
INTERRUPTED = 130
#: The reader of standard output went away, as in ``prefect config | head`` (128 + SIGPIPE).
OUTPUT_CLOSED = 141
#: SIGTERM (128 + SIGTERM).
TERMINATED = 143

#: What the system says when it has no room, no rights or no handles to give.
_REFUSALS = (
    errno.EACCES,
    errno.EDQUOT,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
)

#: Code → its meaning, for the reference.
EXIT_CODES = {
    DONE: "The command did what was asked for; a flow run succeeded.",
    FAILED: "The flow run failed, or the command could not do what was asked for.",
    USAGE: "The command line is wrong: an unknown command or option, or a value of the wrong kind.",
    NOT_FOUND: "What was asked for does not exist, or more than one thing answers to the name.",
    TIMED_OUT: "Waiting took longer than allowed.",
    STORE_UNUSABLE: "The store cannot be used: it is damaged, another process holds it, or the system refuses.",
    INTERRUPTED: "Interrupted by Ctrl-C (SIGINT).",
    OUTPUT_CLOSED: "The reader of standard output went away, as in `prefect config | head`.",
    TERMINATED: "Ended by SIGTERM.",
}


class CommandError(click.ClickException):
    """What ends a command early.

    Args:
        message: What failed, naming the thing; empty to say nothing.
        exit_code: One of the codes above.
        hint: What to do about it.
    """

    def __init__(self, message: str, *, exit_code: int = FAILED, hint: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click counts on one code for each class
        self.hint = hint
        context = click.get_current_context(silent=True)
        self._color = context.color if context else None

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message in red and the hint below it, on stderr."""
        try:
            if self.message:
                click.secho(self.message, fg="red", file=file, err=True, color=self._color)
            if self.hint:
                click.echo(self.hint, file=file, err=True)
        except BrokenPipeError:
            return  # nobody is left to be told


def user_traceback(error: BaseException) -> str:
    """Return the traceback of an exception, indented, with the frames of this package and of the import system left out."""
    from prefect.utilities import _tracebacks

    text = _tracebacks.user_traceback(error, everything=debugging())
    return "\n".join("  " + line if line else "" for line in text.splitlines())


def debugging() -> bool:
    """Return whether config ``debug`` is on, without which bugs show no traceback."""
    from prefect.configuration import config

    return bool(config.get("debug"))


def message_of(error: PrefectException) -> CommandError:
    """Return what tells an error of this package to the user."""
    from prefect.exceptions import ObjectNotFoundError
    from prefect.loading import FlowNotFoundError, SourceNotFoundError, SourceRaisedError

    message = str(error)
    if isinstance(error, SourceRaisedError) and error.__cause__ is not None:
        message = f"{message}\n{user_traceback(error.__cause__)}"
    missing = isinstance(error, (FlowNotFoundError, ObjectNotFoundError, SourceNotFoundError))
    return CommandError(message, exit_code=NOT_FOUND if missing else FAILED, hint=getattr(error, "hint", ""))


def _of_others(error: Exception) -> CommandError:
    from prefect.config_file import InvalidConfigurationError
    from prefect.storage.state.errors import Conflict, NotFound, StoreError, StoreIO

    if isinstance(error, NotFound):
        return CommandError(str(error), exit_code=NOT_FOUND)
    if isinstance(error, StoreError):
        return CommandError(str(error), exit_code=FAILED if isinstance(error, Conflict) else STORE_UNUSABLE)
    if isinstance(error, OSError) and error.errno in _REFUSALS:
        # Wherever it comes from, even from an import: no disk, rights or handles are nobody's bug.
        return CommandError(str(StoreIO(str(error.filename or "a file"), error)), exit_code=STORE_UNUSABLE)
    if isinstance(error, FileNotFoundError) and error.filename is None and _current_folder_is_gone():
        return CommandError("The current folder does not exist any more.", hint="Go to one that exists: cd ~")
    return CommandError(str(error)) if isinstance(error, InvalidConfigurationError) else _of_bug(error)


def _current_folder_is_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _of_bug(error: Exception) -> CommandError:
    what = f"Internal error: {type(error).__name__}: {error}".splitlines()[0]
    if os.environ.get("PREFECT__DEBUG", "").lower() in ("true", "1"):
        import traceback

        return CommandError("".join(traceback.format_exception(error)).rstrip())
    return CommandError(
        what,
        hint="This is a bug in prefect. Set PREFECT__DEBUG=true to see where it happened, and please report it"
        " together with the output of 'prefect diagnostics'.",
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn every exception into one that click prints and exits with.

    Raises:
        click.ClickException: For anything but a regular end or ``SystemExit``.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit):
        raise
    except click.Abort:
        raise CommandError("Aborted.") from None
    except PrefectException as error:
        raise message_of(error) from error
    except StdoutClosed:
        raise CommandError("", exit_code=OUTPUT_CLOSED) from None
    except Terminated:
        raise CommandError("Terminated by SIGTERM.", exit_code=TERMINATED) from None
    except KeyboardInterrupt:
        raise CommandError("Interrupted by Ctrl-C.", exit_code=INTERRUPTED) from None
    except BrokenPipeError:
        raise CommandError("", exit_code=OUTPUT_CLOSED) from None
    except Exception as error:
        raise _of_others(error) from error
