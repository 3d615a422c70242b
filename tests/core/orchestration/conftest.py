"""What the tests of the rules share: a store in a temporary folder, its clock, and flows as they are registered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from prefect import Flow, Parameter, Task
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.storage.state.store import Store
from prefect.storage.state.system import System


class Clock(System):
    """The real system, whose time stands still until it is moved on."""

    def __init__(self) -> None:
        self.time = datetime(2024, 5, 17, 12, 0, 30, tzinfo=timezone.utc)

    def now(self) -> str:
        return self.time.isoformat(timespec="microseconds")

    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)

    def pass_time(self, **duration: float) -> None:
        """Move the time on by so many ``hours``, ``minutes``, ``seconds``."""
        self.time += timedelta(**duration)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(str(tmp_path / "store"), durability="process")


@pytest.fixture
def clock() -> Clock:
    """The time of ``clocked_store``: 17 May 2024, 12:00:30 UTC, until it is moved on."""
    return Clock()


@pytest.fixture
def clocked_store(tmp_path: Path, clock: Clock) -> Store:
    """An empty store whose time is that of ``clock``."""
    return Store(str(tmp_path / "clocked"), durability="process", system=clock)


def serialized_flow(
    name: str = "etl",
    *,
    tasks: tuple[str, ...] = ("extract", "load"),
    parameters: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Return a flow of tasks in a row in its JSON form.

    Args:
        name: Its name.
        tasks: Names of its tasks.
        parameters: Name → default; the default ``...`` makes it required.
        fields: What stands in the document besides, or instead.
    """
    with Flow(name) as flow:
        chain = [Task(name=task) for task in tasks]
        for upstream, downstream in zip(chain, chain[1:]):
            flow.add_edge(upstream, downstream)
        for task in chain:
            flow.add_task(task)
        for parameter, default in (parameters or {}).items():
            flow.add_task(Parameter(parameter) if default is ... else Parameter(parameter, default=default))
    return {**flow.serialize(), **fields}


@pytest.fixture
def serialize() -> Callable[..., dict[str, Any]]:
    """Makes a flow in its JSON form: see :func:`serialized_flow`."""
    return serialized_flow


@pytest.fixture
def register() -> Callable[..., str]:
    """Registers a flow made by ``serialize`` in a project, which it creates if need be, and returns the flow's id.

    Arguments are the store, the name of the flow, ``project``, those of ``serialize`` and those of ``register_flow``.
    """

    def registered(store: Store, name: str = "etl", *, project: str = "demo", **arguments: Any) -> str:
        own = ("version_group_id", "set_schedule_active", "description", "idempotency_key", "source")
        registration = {key: arguments.pop(key) for key in own if key in arguments}
        found = store.documents("projects").named(project)
        project_id = found["id"] if found else create_project(store, project)
        flow_id, _ = register_flow(store, serialized_flow(name, **arguments), project_id, **registration)
        return flow_id

    return registered


def _clock(
    type: str, own: dict[str, Any], parameters: dict[str, Any] | None, labels: list[str] | None
) -> dict[str, Any]:
    return {
        "type": type,
        **own,
        "start_date": None,
        "end_date": None,
        "parameter_defaults": parameters or {},
        "labels": labels,
    }


@pytest.fixture
def cron() -> Callable[..., dict[str, Any]]:
    """Makes a schedule in its JSON form of clocks given as ``cron`` or ``(cron, parameters, labels)``."""

    def schedule(*clocks: Any) -> dict[str, Any]:
        parts = [clock if isinstance(clock, tuple) else (clock, None, None) for clock in clocks]
        return {
            "type": "Schedule",
            "clocks": [_clock("CronClock", {"cron": cron, "day_or": True}, *rest) for cron, *rest in parts],
            "filters": [],
            "or_filters": [],
            "not_filters": [],
            "adjustments": [],
        }

    return schedule
