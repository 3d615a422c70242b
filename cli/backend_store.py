"""The store that commands work on.

Source: DESIGN §4 decisions 1 and 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.cli.errors import CommandError

if TYPE_CHECKING:
    from prefect.storage.state.store import Store


def opened_store() -> Store:
    """Return the local store.

    Raises:
        CommandError: Another backend is chosen.
    """
    from prefect.configuration import config

    if config.backend != "local":
        raise CommandError(
            f"The backend is {config.backend!r}, and this version works with the local store only.",
            hint="Switch with 'prefect backend local', or set PREFECT__BACKEND=local.",
        )
    from prefect.orchestration.opening import local_store

    return local_store()
