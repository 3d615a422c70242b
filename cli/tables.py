"""Lists: a plain table for people, JSON for programs.

Source: cli.md §11.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Row = dict[str, Any]

#: Up to so many seconds are a few.
_FEW_SECONDS = 10
#: Unit of an age → its length in seconds, the longest first. Months have 30 days, years 365.
_UNITS = {
    "year": 365 * 86_400,
    "month": 30 * 86_400,
    "week": 7 * 86_400,
    "day": 86_400,
    "hour": 3_600,
    "minute": 60,
    "second": 1,
}


def print_list(rows: Sequence[Row], columns: Mapping[str, str | Callable[[Row], object]], output: str) -> None:
    """Print a list on standard output.

    Args:
        rows: What JSON shows whole.
        columns: Header of a column of the table → field of a row, or a function that makes the cell of a row.
        output: ``table`` or ``json``.
    """
    if output == "json":
        import json

        click.echo(json.dumps(rows, indent=2))
        return
    cells = [[row[cell] if isinstance(cell, str) else cell(row) for cell in columns.values()] for row in rows]
    click.echo(table(list(columns), cells))


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with left-aligned columns, two spaces apart.

    Args:
        headers: The first line.
        rows: Cells; None is blank, and a cell of several lines makes its row as high.
    """
    lines = [list(headers)]
    for row in rows:
        cells = [str(cell).splitlines() if cell is not None else [] for cell in row]
        height = max(1, *map(len, cells))
        lines += [[cell[i] if i < len(cell) else "" for cell in cells] for i in range(height)]
    # Nothing stands to the right of the last column, so it needs no filling.
    widths = [*[max(map(_width, column)) for column in zip(*lines)][:-1], 0]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths)).rstrip() for line in lines
    )


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(sign) else 2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def ages(now: str) -> Callable[[Row], str]:
    """Return a function that tells how long ago the time ``created`` of a row was."""
    return lambda row: age(row["created"], now)


def age(time: str, now: str) -> str:
    """Return how long ago a time was, such as ``3 days ago``, rounded down.

    Args:
        time: ISO 8601.
        now: ISO 8601.
    """
    seconds = int((datetime.fromisoformat(now) - datetime.fromisoformat(time)).total_seconds())
    if seconds <= _FEW_SECONDS:
        return "a few seconds ago"
    unit, length = next((unit, length) for unit, length in _UNITS.items() if seconds >= length)
    count = seconds // length
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def clock_time(time: str | None) -> str | None:
    """Return a time of the store as ``YYYY-MM-DD HH:MM:SS`` in UTC; None stays None."""
    return None if time is None else time[:19].replace("T", " ")
