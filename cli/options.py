"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from prefect.cli.completion_values import complete_project

if TYPE_CHECKING:
    from collections.abc import Callable

    Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

#: ``-p, --project`` of lists.
project_option = click.option(
    "-p", "--project", metavar="PROJECT", help="Only of the project of this name.", shell_complete=complete_project
)


def output_option(*formats: str, help: str = "Print a table, or a JSON array with more fields.") -> Decorator:
    """Return ``-o, --output``; the first format is the default, and ``table`` and ``json`` are the formats by default."""
    formats = formats or ("table", "json")
    return click.option(
        "-o",
        "--output",
        type=click.Choice(formats),
        default=formats[0],
        metavar=f"[{'|'.join(formats)}]",
        help=f"{help} Default: {formats[0]}.",
    )


def limit_option(what: str) -> Decorator:
    """Return ``-l, --limit`` for a list of ``what``."""
    return click.option(
        "-l",
        "--limit",
        type=click.IntRange(min=1),
        default=10,
        metavar="N",
        help=f"Show N {what} at most. Default: 10.",
    )
