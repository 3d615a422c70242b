"""``prefect diagnostics``.

Source: cli.md §17.
"""

import click

EPILOG = """\b
Example:
  $ prefect diagnostics > report.json
"""


@click.command("diagnostics", epilog=EPILOG)
@click.option(
    "--include-secret-names", is_flag=True, hidden=True, help="Show the names of local secrets, never their values."
)
def diagnostics(include_secret_names: bool) -> None:
    """Print facts about this installation for a bug report.

    One JSON object: the system, the names of PREFECT__ variables, and which settings differ from the defaults. It holds
    no value of any of them.
    """
    from prefect.utilities.diagnostics import diagnostic_info

    click.echo(diagnostic_info(include_secret_names=include_secret_names))
