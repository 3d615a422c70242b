"""A home whose flows, agents and runs are driven by the installed command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what several test files share is no package

from backend_home import BackendHome


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendHome]:
    """A home in which nothing is registered yet; whatever is started in it is gone afterwards."""
    home = BackendHome(tmp_path)
    yield home
    home.end_all()
