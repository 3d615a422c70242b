"""Where the records of the configured backend are.

The client and everything above it reach the backend through here, and nowhere else asks which backend it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prefect.configuration import config
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from prefect.storage.state.store import Store


def connected_store(api_server: str | None = None) -> Store:
    """Return the store of the backend ``local``, in which the rules of :mod:`prefect.orchestration` apply.

    Args:
        api_server: Address of a server, if one was named.

    Raises:
        ClientError: The backend is a server.

    Source:
        DESIGN decision 1.
    """
    if config.backend == "local" and not api_server:
        from prefect.orchestration.opening import local_store

        return local_store()
    backend = f"the server at {api_server}" if api_server else f"{config.backend!r}"
    raise ClientError(
        f"The backend is {backend}, and this version talks to the local store only."
        " Run 'prefect backend local', or set PREFECT__BACKEND=local."
    )
