"""A task for Pushbullet.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class PushbulletTask(OutsideTask, init="msg=None", run="msg=None, access_token=None"):
    """Sends a notification."""
