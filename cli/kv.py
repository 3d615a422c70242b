"""``prefect kv``.

Source: cli.md §15.
"""

from __future__ import annotations

from typing import Any

import click

from prefect.cli.completion_values import complete_key
from prefect.cli.group import Group
from prefect.cli.options import output_option

EPILOG = """\b
Examples:
  $ prefect kv set region eu-west-1
  $ prefect kv get region
  $ prefect kv list
"""


@click.group("kv", cls=Group, epilog=EPILOG)
def kv() -> None:
    """Keep values under keys, for flows and people.

    Flows use prefect.backend.kv_store.
    """


SET_EPILOG = """\b
Example:
  $ prefect kv set region eu-west-1
"""


# A value may begin with a hyphen.
@kv.command("set", epilog=SET_EPILOG, context_settings={"ignore_unknown_options": True})
@click.argument("key", shell_complete=complete_key)
@click.argument("value")
def set_value(key: str, value: str) -> None:
    """Keep a text under a key, in place of the one it had."""
    from prefect.cli.backend_store import opened_store
    from prefect.orchestration.key_values import set_key_value

    set_key_value(opened_store(), key, value)
    click.secho("Key value pair set successfully", fg="green")


GET_EPILOG = """\b
Examples:
  $ prefect kv get region
  The value alone, for another program
    $ prefect kv get region -o json
"""


@kv.command("get", epilog=GET_EPILOG)
@click.argument("key", shell_complete=complete_key)
@output_option("text", "json", help="Print a sentence, or the value alone as JSON.")
def get_value(key: str, output: str) -> None:
    """Print the value of a key."""
    from prefect.cli.backend_store import opened_store
    from prefect.orchestration.key_values import get_key_value

    value = get_key_value(opened_store(), key)
    if output == "json":
        _print_json(value)
    else:
        click.echo(f"Key {key!r} has value {value!r}")


DELETE_EPILOG = """\b
Example:
  $ prefect kv delete region
"""


@kv.command("delete", epilog=DELETE_EPILOG)
@click.argument("key", shell_complete=complete_key)
def delete_value(key: str) -> None:
    """Delete a key with its value."""
    from prefect.cli.backend_store import opened_store
    from prefect.orchestration.key_values import delete_key

    delete_key(opened_store(), key)
    click.secho(f"Key {key!r} has been deleted", fg="green")


LIST_EPILOG = """\b
Examples:
  $ prefect kv list
  With the values
    $ prefect kv list -o json
"""


@kv.command("list", epilog=LIST_EPILOG)
@output_option("text", "json", help="Print one key a line, or a JSON array of keys and values.")
def list_values(output: str) -> None:
    """Print all keys in order."""
    from prefect.cli.backend_store import opened_store
    from prefect.orchestration.key_values import key_values

    pairs = key_values(opened_store())
    if output == "json":
        _print_json([{field: pair[field] for field in ("key", "value", "created", "updated")} for pair in pairs])
    elif pairs:
        click.echo("\n".join(pair["key"] for pair in pairs))
    else:
        click.secho("No keys found", fg="yellow")


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, indent=2))
