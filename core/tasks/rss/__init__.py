"""RSS: feeds."""

from __future__ import annotations

from prefect.tasks.rss.feed import ParseRSSFeed as ParseRSSFeed

__all__ = ["ParseRSSFeed"]
