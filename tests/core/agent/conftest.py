"""Agents of a store in a temporary folder, which start nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prefect.agent import Agent
from prefect.storage.state.store import Store


class NotingAgent(Agent):
    """Notes which runs it was to deploy."""

    deployed: list[str]
    refuses = False

    def deploy_flow(self, run: dict[str, Any]) -> str:
        if self.refuses:
            raise ValueError("no room here")
        self.deployed.append(run["id"])
        return "PID: 5"


@pytest.fixture
def agent(backend: Store) -> Callable[..., NotingAgent]:
    """Makes an agent."""

    def made(**options: Any) -> NotingAgent:
        made = NotingAgent(**{"labels": [], **options})
        made.deployed = []
        return made

    return made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets polls last a hundredth of a second."""
    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (0.01,))
