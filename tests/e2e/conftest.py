"""A home whose flows, agents and runs are driven by the installed command."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # what several test files share is no package

from backend_home import BackendHome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show of a test that failed what became of its flow runs."""
    report = yield
    home = getattr(item, "funcargs", {}).get("backend")
    if report.when == "call" and report.failed and isinstance(home, BackendHome):
        report.sections.append(("Flow runs", home.story()))
    return report


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[BackendHome]:
    """A home in which nothing is registered yet; whatever is started in it is gone afterwards."""
    home = BackendHome(tmp_path)
    yield home
    home.end_all()
