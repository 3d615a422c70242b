"""Moments as flow files know them. Source: core.md §1.1."""

from __future__ import annotations

import copy
import pickle
from datetime import datetime, timezone

import pendulum

from prefect.engine.state_base import as_pendulum

MOMENT = as_pendulum(datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))


def test_a_moment_is_a_pendulum_datetime() -> None:
    assert isinstance(MOMENT, pendulum.DateTime)
    assert repr(MOMENT) == "DateTime(2026, 1, 2, 3, 4, 5, tzinfo=Timezone('UTC'))"


def test_a_moment_reads_as_under_pendulum_2() -> None:
    assert f"{MOMENT}" == str(MOMENT.add(days=0)) == "2026-01-02T03:04:05+00:00"
    assert f"{MOMENT:%Y-%m}" == "2026-01"


def test_pickling_and_copying_keep_which_of_two_equal_hours_it_is() -> None:
    second = as_pendulum(datetime(2026, 11, 1, 6, 30, tzinfo=timezone.utc)).in_timezone("America/New_York")
    for restored in (pickle.loads(pickle.dumps(second)), copy.deepcopy(second)):
        assert str(restored) == str(second) == "2026-11-01T01:30:00-05:00"
