"""Flow runs of a backend, created and executed in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from prefect import Client, Flow
from prefect.backend.execution import run_here
from prefect.engine.state import State
from prefect.orchestration.task_runs import task_runs
from prefect.storage.state.store import Store


@pytest.fixture
def create_run(register: Callable[..., str]) -> Callable[..., str]:
    """Registers a flow and returns the id of a run of it, which is due."""

    def created(flow: Flow, **options: Any) -> str:
        return Client().create_flow_run(flow_id=register(flow), **options)

    return created


@pytest.fixture
def execute(create_run: Callable[..., str]) -> Callable[..., tuple[str, State]]:
    """Registers a flow and executes a run of it here; returns the run's id and its last state."""

    def executed(flow: Flow, **options: Any) -> tuple[str, State]:
        flow_run_id = create_run(flow, **options)
        return flow_run_id, run_here(flow_run_id, flow)

    return executed


@pytest.fixture
def states_of(backend: Store) -> Callable[[str], dict[str, str]]:
    """Returns the types of the states that the store has of a run's task runs, by slug and number of the child."""

    def states(flow_run_id: str) -> dict[str, str]:
        return {
            run["task"] + ("" if run["map_index"] < 0 else f"[{run['map_index']}]"): run["state"]["type"]
            for run in task_runs(backend, flow_run_id)
        }

    return states


@pytest.fixture
def log_of(backend: Store) -> Callable[[str], list[str]]:
    """Returns the messages in the log of a run."""

    def messages(flow_run_id: str) -> list[str]:
        return [line["message"] for line in backend.logs.read(flow_run_id)]

    return messages
