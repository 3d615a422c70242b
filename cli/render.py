"""What a run says about itself.

Source: cli.md §3.6, §3.14; DESIGN §4 decision 3.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Format of log lines below the narration; ``%`` fields of logging.
LOG_FORMAT = "%(asctime)s | %(levelname)-7s | %(message)s"
LOG_TIME_FORMAT = "%H:%M:%S"
#: Longest value that the narration shows, in characters; a parameter file may hold millions.
_LONGEST_VALUE = 2_000


def branch() -> str:
    """Return what lines below a headline begin with, in ASCII where the terminal has no box characters."""
    try:
        "└──".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return "|--"
    return "└──"


def wants_live_view() -> bool:
    """Return whether a person watches a terminal that can move its cursor."""
    if os.environ.get("TERM") in (None, "", "dumb") or os.environ.get("CI", "").lower() not in ("", "0", "false"):
        return False
    return sys.stdout.isatty()


class Narration:
    """The lines about a run on standard output.

    Args:
        quiet: Say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._unfinished = False

    def begin(self, text: str) -> None:
        """Announce a step whose outcome will stand on the same line."""
        if not self._quiet:
            click.echo(text, nl=False)
            self._unfinished = True

    def done(self) -> None:
        """Say that the announced step has been done."""
        self._finish(click.style(" Done", fg="green"))

    def failed(self) -> None:
        """Say that the announced step has failed; the error itself is for stderr."""
        self._finish(click.style(" Error", fg="red"))

    def skipped(self, why: str) -> None:
        """Say that the announced step was not needed."""
        self._finish(click.style(f" Skipped ({why})", fg="yellow"))

    def abandoned(self) -> None:
        """End the line of an announced step that has no outcome."""
        self._finish("")

    def line(self, text: str, color: str | None = None) -> None:
        """Print a line, unless a task has closed standard output."""
        if not self._quiet and not sys.stdout.closed:
            click.echo(styled(text, fg=color))

    def _finish(self, text: str) -> None:
        if self._unfinished:
            click.echo(text)
            self._unfinished = False

    def values(self, headline: str, named: Mapping[str, Mapping[str, Any]]) -> None:
        """Print a headline and below it the dictionaries that are not empty; nothing if all are."""
        shown = {name: values for name, values in named.items() if values}
        if not shown or self._quiet:
            return
        click.echo(headline)
        for name, values in shown.items():
            click.echo(f"{branch()} {name}: {shortened(repr(dict(values)), _LONGEST_VALUE)}")


def styled(text: str, **style: Any) -> str:
    """Return text in a style, or as it is if that says nothing: click would still put a reset behind it."""
    return click.style(text, **style) if any(style.values()) else text


def shortened(text: str, longest: int) -> str:
    """Return text, cut after ``longest`` characters with a note of how many there were."""
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"
