"""A task for Census.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class CensusSyncTask(OutsideTask, init="api_trigger=None", run="api_trigger, poll_status_every_n_seconds=60"):
    """Triggers a sync, and waits until it is done."""
