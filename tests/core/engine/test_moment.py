"""Moments as flow files know them. Source: core.md §1.1."""

from __future__ import annotations

import copy
import pickle
import time
from datetime import datetime, timedelta, timezone, tzinfo

import pendulum
import pytest
from dateutil.tz import tzlocal

from prefect.engine.state_base import as_pendulum

MOMENT = as_pendulum(datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))


def test_a_moment_is_a_pendulum_datetime() -> None:
    assert isinstance(MOMENT, pendulum.DateTime)
    assert repr(MOMENT) == "DateTime(2026, 1, 2, 3, 4, 5, tzinfo=Timezone('UTC'))"


def test_a_moment_reads_as_under_pendulum_2() -> None:
    assert f"{MOMENT}" == str(MOMENT.add(days=0)) == "2026-01-02T03:04:05+00:00"
    assert f"{MOMENT:%Y-%m}" == "2026-01"


class OneOffset(tzinfo):
    """As pytz has it: an object for one of the offsets of a zone."""

    zone: str | None = "America/New_York"

    def __init__(self, hours: int) -> None:
        self.offset = timedelta(hours=hours)

    def utcoffset(self, dt: datetime | None) -> timedelta:
        return self.offset

    def tzname(self, dt: datetime | None) -> str:
        return "one"

    def dst(self, dt: datetime | None) -> timedelta:
        return timedelta(0)

    def normalize(self, dt: datetime) -> datetime:
        return dt


def test_a_timezone_of_pytz_becomes_the_zone_it_is_of_and_the_moment_stays() -> None:
    winter, summer = (as_pendulum(datetime(2026, 7, 1, 9, tzinfo=OneOffset(hours))) for hours in (-5, -4))

    assert [str(winter), str(summer)] == ["2026-07-01T10:00:00-04:00", "2026-07-01T09:00:00-04:00"]
    assert winter.timezone_name == summer.timezone_name == "America/New_York"


def test_a_timezone_of_pytz_without_a_name_is_its_offset() -> None:
    fixed = OneOffset(2)
    fixed.zone = None

    assert str(as_pendulum(datetime(2026, 7, 1, 9, tzinfo=fixed))) == "2026-07-01T09:00:00+02:00"


def test_the_timezone_of_the_machine_is_the_zone_it_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """pendulum fails on the one that dateutil has, if clocks are set there."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    with pendulum.test_local_timezone(pendulum.timezone("Europe/Berlin")):
        time.tzset()
        moment = as_pendulum(datetime(2026, 7, 1, 9, tzinfo=tzlocal()))
    monkeypatch.undo()
    time.tzset()

    assert (str(moment), moment.timezone_name) == ("2026-07-01T09:00:00+02:00", "Europe/Berlin")


def test_pickling_and_copying_keep_which_of_two_equal_hours_it_is() -> None:
    second = as_pendulum(datetime(2026, 11, 1, 6, 30, tzinfo=timezone.utc)).in_timezone("America/New_York")
    for restored in (pickle.loads(pickle.dumps(second)), copy.deepcopy(second)):
        assert str(restored) == str(second) == "2026-11-01T01:30:00-05:00"
