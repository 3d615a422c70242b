"""What goes wrong becomes a message and an exit code, in one place."""

from __future__ import annotations

import errno
import os
import re

import click
import pytest

from prefect.cli.errors import CommandError, translated, user_traceback
from prefect.cli.signals import StdoutClosed, Terminated
from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.storage.state.errors import Conflict, Corrupt, Locked, NotFound, StoreIO, UnsupportedFormat


def outcome(error: BaseException) -> tuple[int, str]:
    with pytest.raises(click.ClickException) as raised, translated():
        raise error
    return raised.value.exit_code, raised.value.message


@pytest.mark.parametrize(
    ("error", "exit_code", "message"),
    [
        (ClientError("The backend is away."), 1, "The backend is away."),
        (ObjectNotFoundError("No flow named 'x'."), 3, "No flow named 'x'."),
        (KeyboardInterrupt(), 130, "Interrupted by Ctrl-C."),
        (Terminated(), 143, "Terminated by SIGTERM."),
        (StdoutClosed(), 141, ""),
        (BrokenPipeError(), 141, ""),
        (click.UsageError("Wrong."), 2, "Wrong."),
        (click.Abort(), 1, "Aborted."),
        (KeyError("x"), 1, "Internal error: KeyError: 'x'"),
    ],
)
def test_every_exception_has_a_message_and_an_exit_code(error, exit_code, message):
    assert outcome(error) == (exit_code, message)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (NotFound("flow", "x"), 3),
        (Conflict("The flow x has changed meanwhile.", {}), 1),
        (Corrupt("/s/flows/x.jsonl", 2, "it is not JSON"), 5),
        (Locked("/s/flows/x.jsonl", 30), 5),
        (StoreIO("/s", OSError(28, "No space left on device")), 5),
        (UnsupportedFormat("/s/store.json", 99, 1), 5),
    ],
)
def test_what_is_wrong_with_the_store_is_no_bug(error, exit_code):
    assert outcome(error) == (exit_code, str(error))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EMFILE, "Close files or raise the limit ('ulimit -n'), and try again."),
        (errno.ENOSPC, "Make room, for instance with 'prefect store prune', and try again."),
        (errno.EACCES, "Give yourself access to it, or set PREFECT__HOME_DIR to a folder of your own."),
    ],
)
def test_what_the_system_refuses_anywhere_is_no_bug(number, remedy):
    error = OSError(number, os.strerror(number), "/usr/lib/python3/hashlib.py")

    assert outcome(error) == (
        5,
        f"The system refused to work on /usr/lib/python3/hashlib.py: {os.strerror(number)}. {remedy}",
    )


def test_a_bug_asks_for_a_report_and_shows_no_traceback(capsys):
    with pytest.raises(CommandError) as raised, translated():
        raise ZeroDivisionError("here")
    raised.value.show()

    assert capsys.readouterr() == (
        "",
        "Internal error: ZeroDivisionError: here\n"
        "This is a bug in prefect. Set PREFECT__DEBUG=true to see where it happened, and please report it"
        " together with the output of 'prefect diagnostics'.\n",
    )


def test_a_bug_shows_its_traceback_when_debugging(monkeypatch):
    monkeypatch.setenv("PREFECT__DEBUG", "true")

    _, message = outcome(ZeroDivisionError("here"))

    assert message.startswith("Traceback (most recent call last):\n")
    assert message.endswith("ZeroDivisionError: here")


def test_a_regular_exit_passes_through():
    with pytest.raises(SystemExit), translated():
        raise SystemExit(5)


def test_frames_of_this_package_are_left_out_of_causes_too():
    from prefect import Flow

    def build():
        Flow("")

    try:
        try:
            build()
        except ValueError as error:
            raise RuntimeError("wrapped") from error
    except RuntimeError as error:
        shown = user_traceback(error)

    assert set(re.findall(r'File "(.*?)"', shown)) == {__file__}
    assert "direct cause" in shown


def test_an_exception_without_user_frames_has_no_empty_traceback():
    assert user_traceback(ValueError("x")) == "  ValueError: x"
