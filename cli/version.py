"""``prefect version``."""

import click

EPILOG = """\b
Example:
  $ prefect version
"""


@click.command("version", epilog=EPILOG)
def version() -> None:
    """Print the version."""
    from prefect._version import __version__

    click.echo(__version__)
