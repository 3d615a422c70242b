"""The local agent."""

from __future__ import annotations

from prefect.agent.local.agent import LocalAgent as LocalAgent
