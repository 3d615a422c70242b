"""Hightouch: syncs."""

from __future__ import annotations

from prefect.tasks.hightouch.hightouch_tasks import HightouchRunSync as HightouchRunSync

__all__ = ["HightouchRunSync"]
