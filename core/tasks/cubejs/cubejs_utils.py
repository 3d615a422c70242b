"""The client that tasks for Cube.js use.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideClient


class CubeJSClient(OutsideClient):
    """Client of the API of Cube.js."""
