"""A task for Twitter.

Names and arguments only, see :mod:`prefect.tasks.outside`.
"""

from __future__ import annotations

from prefect.tasks.outside import OutsideTask


class LoadTweetReplies(OutsideTask, init="user=None, tweet_id=None", run="user=None, tweet_id=None, credentials=None"):
    """Loads the replies to a tweet."""
