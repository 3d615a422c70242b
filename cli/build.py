"""``prefect build``.

Source: cli.md §7; DESIGN §4 decisions 3 to 5.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from prefect.cli.completion_values import complete_json_file
from prefect.cli.errors import CommandError
from prefect.cli.options import source_options

if TYPE_CHECKING:
    from prefect.cli.flow_processing import FlowOrDocument
    from prefect.cli.render import Narration

EPILOG = """\b
Examples:
  The flows of a file
    $ prefect build -p flow.py
  The flow of a module, besides what the file holds already
    $ prefect build -m prefect.hello_world -o flows.json --update
  Register them later, without their code
    $ prefect register --project demo --json flows.json
"""


@click.command("build", epilog=EPILOG)
@source_options("built")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="flows.json",
    help="JSON file to write. Default: flows.json.",
    shell_complete=complete_json_file,
)
@click.option("-u", "--update", is_flag=True, help="Keep the other flows that the file holds.")
def build(
    paths: tuple[str, ...],
    modules: tuple[str, ...],
    names: tuple[str, ...],
    labels: tuple[str, ...],
    output: str,
    update: bool,
) -> None:
    """Store flows and write their metadata to a JSON file.

    'prefect register --json' registers them from there. If one of the sources cannot be loaded, nothing is written; a flow
    that cannot be stored does not stop the others. The exit code is 1 if there was one.
    """
    from prefect.cli.flow_processing import collect, print_summary, process
    from prefect.registering.json_file import read_flows, write_flows
    from prefect.registering.registration import document_of
    from prefect.registering.sources import find_sources

    built: list[dict[str, Any]] = read_flows(output) if update and os.path.exists(output) else []

    def handle(flow: FlowOrDocument, narration: Narration) -> str:
        built.append(document_of(flow))
        narration.done()
        return "built"

    counts = process(collect(find_sources(paths, modules, ()), names), labels, "Building", handle)
    click.echo(f"Writing output to {output!r}")
    try:
        write_flows(output, built)
    except OSError as error:
        raise CommandError(f"Cannot write {output!r}: {error.strerror}.") from error
    print_summary(counts, "built")
