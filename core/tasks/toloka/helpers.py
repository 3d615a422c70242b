"""A helper of flows for Toloka.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import outside_task

download_json = outside_task("download_json", __name__, "url")
