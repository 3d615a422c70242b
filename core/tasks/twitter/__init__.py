"""Twitter: tweets."""

from __future__ import annotations

from prefect.tasks.twitter.twitter import LoadTweetReplies as LoadTweetReplies

__all__ = ["LoadTweetReplies"]
