"""A task for Fivetran.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class FivetranSyncTask(
    OutsideTask,
    init="connector_id=None",
    run="api_key, api_secret, connector_id=None, poll_status_every_n_seconds=15, manual=True",
):
    """Syncs a connector, and waits until that is done."""
