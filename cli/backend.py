"""``prefect backend``.

Source: cli.md §9; DESIGN §4 decision 1.
"""

from __future__ import annotations

import os

import click

from prefect.cli.errors import USAGE, CommandError

#: What may be chosen.
_BACKENDS = ("local", "server")

EPILOG = """\b
Examples:
  Work with the store of this user, without a server
    $ prefect backend local
  Work with the server whose address is server.endpoint
    $ prefect backend server
"""


def _complete_backend(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in _BACKENDS if name.startswith(incomplete)]


@click.command("backend", epilog=EPILOG)
@click.argument("api", shell_complete=_complete_backend)
def backend(api: str) -> None:
    """Choose the backend.

    API is local, the store of this user, or server. The choice is kept in the file that PREFECT__BACKEND_CONFIG_PATH
    names, else in backend.toml in the home folder. Nothing is asked whether it answers.
    """
    from prefect.utilities.backend import backend_path, save_backend

    _check(api)
    try:
        save_backend(api)
    except OSError as error:
        raise CommandError(
            f"The backend cannot be written to {backend_path()}: {error.strerror}.",
            hint="Make that file writable, or name another with PREFECT__BACKEND_CONFIG_PATH.",
        ) from error
    click.secho(f"Backend switched to {api}", fg="green")
    if api == "server":
        click.echo("The commands of this version work with the local store only: prefect backend local", err=True)
    forced = os.environ.get("PREFECT__BACKEND")
    if forced and forced != api:
        click.echo(f"The variable PREFECT__BACKEND is set to {forced!r}, and it still wins.", err=True)


def _check(api: str) -> None:
    if api in _BACKENDS:
        return
    from prefect.utilities._suggestions import did_you_mean

    hint = "Prefect Cloud is not part of this product." if api == "cloud" else did_you_mean(api, _BACKENDS)
    known = f"Valid ones are {' and '.join(_BACKENDS)}."
    raise CommandError(f"{api} is not a valid backend API", exit_code=USAGE, hint=f"{hint} {known}".strip())
