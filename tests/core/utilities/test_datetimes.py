"""Delays between retries. Source: core.md §19."""

from __future__ import annotations

from datetime import timedelta

import pytest

from prefect.utilities.datetimes import retry_delay


def test_every_run_waits_the_same_by_default():
    delay = retry_delay(timedelta(minutes=1))

    assert [delay(run) for run in (1, 2, 5)] == [timedelta(minutes=1)] * 3


def test_the_interval_can_be_given_in_parts():
    assert retry_delay(minutes=1, seconds=30)(1) == timedelta(seconds=90)


def test_exponential_backoff_doubles_from_the_third_run():
    delay = retry_delay(seconds=10, exponential_backoff=True)

    assert [delay(run).total_seconds() for run in (0, 1, 2, 3, 5)] == [10, 10, 10, 20, 80]


def test_no_delay_is_longer_than_the_longest():
    assert retry_delay(hours=5)(1) == timedelta(hours=2)
    assert retry_delay(hours=5, max_delay=timedelta(hours=3))(1) == timedelta(hours=3)
    assert retry_delay(seconds=1, exponential_backoff=True)(5000) == timedelta(hours=2)


@pytest.mark.parametrize(("args", "kwargs"), [((), {}), ((timedelta(1),), {"seconds": 3})])
def test_interval_and_keywords_exclude_each_other_and_one_is_needed(
    args: tuple[timedelta, ...], kwargs: dict[str, int]
):
    with pytest.raises(ValueError) as caught:
        retry_delay(*args, **kwargs)
    assert str(caught.value) == "Give either an interval or the keywords of a timedelta, such as seconds=10."


def test_a_bare_number_is_refused():
    with pytest.raises(TypeError) as caught:
        retry_delay(5)  # type: ignore[arg-type]
    assert str(caught.value) == "interval must be a timedelta, not int. Give a number as seconds=5."
