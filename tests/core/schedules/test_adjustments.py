"""Adjustments (core.md §13.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pendulum
import pytest

from prefect.schedules import adjustments

NEW_YORK = "America/New_York"


def test_add_moves_a_time() -> None:
    start = pendulum.datetime(2021, 1, 1)

    assert adjustments.add(timedelta(days=1, minutes=5))(start) == start.add(days=1, minutes=5)
    assert adjustments.add(timedelta(hours=-1))(start) == start.subtract(hours=1)


def test_add_counts_elapsed_time_over_a_change_of_daylight_saving() -> None:
    moved = adjustments.add(timedelta(days=1))(pendulum.datetime(2021, 3, 13, 9, tz=NEW_YORK))

    assert moved.isoformat() == "2021-03-14T10:00:00-04:00"


@pytest.mark.parametrize(("day", "expected"), [(1, 1), (2, 4), (3, 4), (4, 4)], ids=["Fri", "Sat", "Sun", "Mon"])
def test_next_weekday_moves_weekends_to_monday(day: int, expected: int) -> None:
    moved = adjustments.next_weekday(pendulum.datetime(2021, 1, day, 9, 30))

    assert moved == pendulum.datetime(2021, 1, expected, 9, 30)


def test_next_weekday_keeps_the_local_time_over_a_change_of_daylight_saving() -> None:
    moved = adjustments.next_weekday(pendulum.datetime(2021, 3, 13, 9, tz=NEW_YORK))

    assert moved.isoformat() == "2021-03-15T09:00:00-04:00"


def test_adjustments_take_datetimes_of_any_kind() -> None:
    saturday = datetime(2021, 1, 2)  # noqa: DTZ001

    assert adjustments.next_weekday(saturday) == pendulum.datetime(2021, 1, 4)
    assert adjustments.add(timedelta(hours=1))(saturday) == pendulum.datetime(2021, 1, 2, 1)


def test_add_needs_a_timedelta() -> None:
    with pytest.raises(TypeError, match=r"^add needs a timedelta, not 5\. Write for example timedelta\(hours=1\)\.$"):
        adjustments.add(5)  # type: ignore[arg-type]
