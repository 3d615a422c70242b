"""What the tests of the engine share: the log of a run, and a clock that nobody waits for."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from prefect.context import context


class Log:
    """The log lines of a run."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    @property
    def records(self) -> list[logging.LogRecord]:
        return [record for record in self._caplog.records if record.name.startswith("prefect")]

    def lines(self, logger: str = "") -> list[str]:
        """Return the lines of loggers below ``prefect.<logger>``, each as ``LEVEL text``."""
        found = [record for record in self.records if record.name.startswith(f"prefect.{logger}".rstrip("."))]
        return [f"{record.levelname} {record.getMessage()}" for record in found]

    def clear(self) -> None:
        self._caplog.clear()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    """The log from level INFO on."""
    caplog.set_level(logging.INFO, "prefect")
    return Log(caplog)


@pytest.fixture
def debug_log(caplog: pytest.LogCaptureFixture) -> Log:
    """The log from level DEBUG on."""
    caplog.set_level(logging.DEBUG, "prefect")
    return Log(caplog)


class Clock:
    """The time as the engine sees it; sleeping moves it on at once."""

    def __init__(self) -> None:
        self.now = datetime.datetime(2024, 5, 17, 12, tzinfo=datetime.timezone.utc)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += datetime.timedelta(seconds=seconds)

    def after(self, **duration: float) -> datetime.datetime:
        return self.now + datetime.timedelta(**duration)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands still at noon of 17 May 2024, UTC, but for what is slept."""
    clock = Clock()

    class FakeDatetime(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime.datetime:
            return clock.now

    monkeypatch.setattr("prefect.engine.state_base.datetime", FakeDatetime)
    monkeypatch.setattr("time.sleep", clock.sleep)
    return clock


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    """No test sees what another one cached."""
    with context(caches={}):
        yield
