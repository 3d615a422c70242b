"""A command line tool with one command: what `prefect --help` is compared with."""

import click


@click.group()
def cli():
    """Say something."""


@cli.command()
@click.option("--name", default="world", help="Whom to greet.")
def hello(name):
    """Greet somebody."""
    click.echo(f"Hello, {name}!")


cli()
