"""Stores under test: on real files and in memory, where time stands still unless a test lets it pass."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what several test files share is no package

from prefect.storage.state.memory import MemorySystem, StandingClock
from prefect.storage.state.store import Store


@pytest.fixture(params=["files", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A new store, once on real files and once in memory. Nothing is forced to disk, and time stands still."""
    if request.param == "memory":
        return Store("/store", system=MemorySystem(), durability="process")
    return Store(str(tmp_path / "store"), system=StandingClock(), durability="process")


@pytest.fixture
def disk(tmp_path: Path) -> Store:
    """A new store on real files, as a process opens it that may be killed; nothing is forced to disk."""
    return Store(str(tmp_path / "store"), durability="process")
