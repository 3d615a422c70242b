"""Options that several commands share."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.completion_values import (
    complete_module,
    complete_path,
    complete_project,
    complete_source_name,
)

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
        callback=lambda ctx, param, limit: min(limit, sys.maxsize),  # no list is longer
        default=10,
        metavar="N",
        help=f"Show N {what} at most. Default: 10.",
    )


def source_options(done: str) -> Decorator:
    """Return ``-p``, ``-m``, ``-n`` and ``-l``: which flows are to be ``done``, such as ``registered``, and their labels."""
    options = (
        click.option(
            "-p",
            "--path",
            "paths",
            multiple=True,
            metavar="PATH",
            help="Python file, folder of such files, or pattern of paths, in which '**' stands for any folders; may be"
            " repeated.",
            shell_complete=complete_path,
        ),
        click.option(
            "-m",
            "--module",
            "modules",
            multiple=True,
            metavar="MODULE",
            help="Importable module, or dotted path to a flow in it; may be repeated.",
            shell_complete=complete_module,
        ),
        click.option(
            "-n",
            "--name",
            "names",
            multiple=True,
            metavar="NAME",
            help=f"Only flows of this name are {done}; may be repeated.",
            shell_complete=complete_source_name,
        ),
        click.option(
            "-l",
            "--label",
            "labels",
            multiple=True,
            metavar="LABEL",
            help="Label added to those of the flows; may be repeated.",
        ),
    )

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return add
