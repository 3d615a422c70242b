"""``prefect config``.

Source: cli.md §17; DESIGN §4 decision 2.
"""

from __future__ import annotations

from typing import Any

import click

#: What stands for a secret that is set.
MASK = "********"
#: Settings whose name ends so are secrets, as is all of ``context.secrets``.
_SECRET_ENDINGS = ("api_key", "auth_token", "password", "secret", "token")


EPILOG = """\b
Examples:
  $ prefect config
  Where does each value come from?
    $ PREFECT__LOGGING__LEVEL=DEBUG prefect config --origins | grep level
"""


@click.command("config", epilog=EPILOG)
@click.option(
    "--origins", "with_origins", is_flag=True, help="Print one setting a line, with the file or variable it comes from."
)
def config(with_origins: bool) -> None:
    """Print the configuration in effect.

    One JSON object on one line; secrets that are set are shown as asterisks. Later wins: defaults, the user's file
    (PREFECT__USER_CONFIG_PATH, else config.toml in the home folder), the file of the chosen backend, and variables
    PREFECT__SECTION__KEY.
    """
    import json

    import prefect.configuration

    shown = masked(prefect.configuration.config)
    if not with_origins:
        click.echo(json.dumps(shown, default=_plain))
        return
    origins = prefect.configuration.origins()
    for key, value in _flat(shown):
        click.echo(f"{key} = {json.dumps(value, default=_plain)}  ({_origin(key, origins)})")


def masked(settings: Any, path: tuple[str, ...] = ()) -> Any:
    """Return settings as plain dictionaries, with the secrets that are set replaced by asterisks."""
    if hasattr(settings, "items"):
        return {key: masked(value, (*path, key)) for key, value in settings.items()}
    secret = path[:2] == ("context", "secrets") or path[-1].endswith(_SECRET_ENDINGS)
    return MASK if secret and settings not in ("", None, False) else settings


def _plain(value: Any) -> Any:
    """Return what JSON has no form for: seconds of a duration, the text of anything else."""
    return value.total_seconds() if hasattr(value, "total_seconds") else str(value)


def _flat(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in settings.items():
        if isinstance(value, dict) and value:
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _origin(key: str, origins: dict[str, str]) -> str:
    """Return the origin of a key, or of the setting of which it is a part."""
    while key not in origins and "." in key:
        key = key.rpartition(".")[0]
    return origins.get(key, "default")
