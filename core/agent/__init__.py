"""Agents: take flow runs that are due out of the queue and start a process for each.

Source: cli.md §8; backend.md §9.
"""

from __future__ import annotations

from prefect.agent.agent import Agent as Agent
