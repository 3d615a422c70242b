"""The client that tasks for Hightouch use.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient


class HightouchClient(OutsideClient):
    """Client of the API of Hightouch."""
