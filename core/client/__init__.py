"""Talking to a backend, and secrets (core.md §4.4)."""

from __future__ import annotations

from prefect.client.secrets import Secret as Secret

__all__ = ["Secret"]
