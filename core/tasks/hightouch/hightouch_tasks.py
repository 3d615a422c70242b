"""A task for Hightouch.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class HightouchRunSync(
    OutsideTask,
    init=(
        "api_key=None, api_key_env_var=None, sync_id=None, wait_for_completion=False, "
        "wait_time_between_api_calls=10, max_wait_time=None"
    ),
):
    """Runs a sync."""
