"""``prefect store``: the local store itself, whatever backend is chosen.

Source: store.md §6.8, §11; DESIGN §4 decision 4.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from prefect.cli.errors import STORE_UNUSABLE, CommandError
from prefect.cli.group import Group

if TYPE_CHECKING:
    from prefect.storage.state.check import Finding

#: Unit of a duration → its length in seconds.
_UNITS = {"m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400}
# Five digits of weeks are as far back as the calendar goes.
_DURATION = re.compile(r"(?P<number>[0-9]{1,5})(?P<unit>[mhdw])")
_COLORS = {"error": "red", "warning": "yellow"}

EPILOG = """\b
Examples:
  Where is everything kept?
    $ prefect store path
  Is all of it in order?
    $ prefect store check
  Delete the history of what finished more than a month ago
    $ prefect store prune --older-than 30d
"""


@click.group("store", cls=Group, epilog=EPILOG)
def store() -> None:
    """Look after the store, which keeps flows and their runs.

    It is a folder of plain JSON files.
    """


PATH_EPILOG = """\b
Examples:
  $ prefect store path
  How much room does it take?
    $ du -sh "$(prefect store path)"
"""


@store.command("path", epilog=PATH_EPILOG)
def print_path() -> None:
    """Print the folder of the store, which need not be there yet."""
    from prefect.orchestration.opening import local_store

    click.echo(local_store().root)


CHECK_EPILOG = """\b
Examples:
  $ prefect store check
  After a power cut, or on a copy
    $ prefect store check --repair
"""


@store.command("check", epilog=CHECK_EPILOG)
@click.option("--repair", is_flag=True, help="Mend what can be mended; what is taken out goes into quarantine/.")
@click.pass_context
def check_store(ctx: click.Context, repair: bool) -> None:
    """Look whether all files of the store are as they should be.

    Prints one line for each finding: how severe it is, the file, and what is wrong. Flows and agents may go on running
    meanwhile. The exit code is 5 if something is wrong and was not mended.
    """
    from prefect.orchestration.opening import local_store
    from prefect.storage.state.check import check

    opened = local_store()
    count = repaired = 0
    for finding in check(opened, repair=repair):
        _print_finding(finding)
        count += 1
        repaired += finding.repaired
    if not count:
        is_there = opened.system.exists(opened.root)
        click.echo(
            f"The store at {opened.root} is in order." if is_there else f"There is no store at {opened.root} yet."
        )
        return
    mended = f", {repaired} repaired" if repair else ""
    click.echo(f"{_counted(count, 'finding')} in the store at {opened.root}{mended}.")
    if not repair:
        click.echo("Mend what can be mended with 'prefect store check --repair'.", err=True)
    if repaired < count:
        ctx.exit(STORE_UNUSABLE)


def _print_finding(finding: Finding) -> None:
    severity = click.style(finding.severity, fg=_COLORS[finding.severity])
    # Somebody else's file may have a name that would break the line, or that has no UTF-8.
    path = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in finding.path)
    click.echo(f"{severity}: {path}: {finding.message}{' Repaired.' if finding.repaired else ''}")


PRUNE_EPILOG = """\b
Examples:
  How much would go?
    $ prefect store prune --older-than 30d --dry-run
  Without being asked, as from cron
    $ prefect store prune --older-than 12w --yes
"""


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> int:
    found = _DURATION.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no duration. Give minutes, hours, days or weeks: 90m, 12h, 30d, 2w.")
    return int(found["number"]) * _UNITS[found["unit"]]


@store.command("prune", epilog=PRUNE_EPILOG)
@click.option(
    "--older-than",
    "seconds",
    required=True,
    metavar="DURATION",
    callback=_seconds,
    help="Delete flow runs that finished, or were last changed, so long ago: minutes, hours, days or weeks, such as"
    " 90m, 12h, 30d, 2w.",
)
@click.option("--dry-run", is_flag=True, help="Say how many flow runs would be deleted, and delete nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask on a terminal whether that is meant.")
def prune_store(seconds: int, dry_run: bool, yes: bool) -> None:
    """Delete old flow runs with their task runs and logs.

    Runs that have not finished, paused ones among them, stay whatever their age; so do registered flows. There is no way
    back.
    """
    from prefect.orchestration.opening import local_store
    from prefect.orchestration.state_rules import has_finished
    from prefect.orchestration.times import later
    from prefect.storage.state.maintenance import prunable, prune

    opened = local_store()
    before = later(opened.system.now(), -seconds)
    since = f"last changed before {before[:19].replace('T', ' ')} UTC"
    asks = not (yes or dry_run) and _is_on_a_terminal()
    count = sum(1 for _ in prunable(opened, before, has_finished)) if dry_run or asks else 0
    if dry_run:
        click.echo(f"{_counted(count, 'flow run')} {since} would be deleted.")
        return
    if count and not click.confirm(f"Delete {_counted(count, 'flow run')} {since}? There is no way back.", err=True):
        raise CommandError("Nothing was deleted.")
    click.echo(f"Deleted {_counted(prune(opened, before, has_finished), 'flow run')} {since}.")


def _is_on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
