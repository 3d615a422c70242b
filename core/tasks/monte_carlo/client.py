"""The client that tasks for Monte Carlo use.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient


class MonteCarloClient(OutsideClient):
    """Client of the API of Monte Carlo."""
