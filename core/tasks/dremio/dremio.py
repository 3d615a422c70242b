"""A task for Dremio.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient, OutsideTask


class DremioClientAuthMiddleware(OutsideClient):
    """Keeps the token of a connection."""


class DremioClientAuthMiddlewareFactory(OutsideClient):
    """Makes the middleware of a connection."""


class DremioFetch(
    OutsideTask,
    init="username=None, password=None, hostname=None, flightport=32010, tls=False, certs=None, query=None",
    run="username, password, hostname, flightport, tls, certs, query",
):
    """Fetches the result of a query."""
