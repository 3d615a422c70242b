"""A backend in a temporary folder, and flows that are registered there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prefect import Client, Flow, Parameter, Task
from prefect.orchestration.opening import local_store
from prefect.storage.state.store import Store
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Store]:
    """The store of the configured backend: empty, and used by everything that talks to a backend."""
    settings = {"backend": "local", "home_dir": str(tmp_path / "home"), "store.durability": "process"}
    with set_temporary_config(settings):
        yield local_store()


@pytest.fixture
def register(backend: Store) -> Callable[..., str]:
    """Registers a flow in the project ``demo`` and returns its id; by default a flow ``etl`` with one parameter."""

    def registered(flow: Flow | None = None, project: str = "demo", **options: Any) -> str:
        if flow is None:
            with Flow("etl") as flow:
                Task(name="extract")(upstream_tasks=[Parameter("x", default=1)])
        Client().create_project(project)
        flow_id = flow.register(project, **{"no_url": True, "labels": [], **options})
        assert flow_id is not None
        return flow_id

    return registered


@pytest.fixture
def flow_run_id(register: Callable[..., str]) -> str:
    """A run of the flow ``etl``, which is due."""
    return Client().create_flow_run(flow_id=register())
