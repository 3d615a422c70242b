"""A task for feeds.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class ParseRSSFeed(OutsideTask, init="feed_url=None"):
    """Fetches and parses a feed."""
