"""Times as the store keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration.times import later, seconds_between, utc_text

NOON = "2024-05-17T12:00:00.000000+00:00"


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        "2024-05-17T12:00:00+00:00",
        "2024-05-17T12:00:00Z",
        "2024-05-17T14:00:00+02:00",
        "2024-05-17 12:00:00",
        datetime(2024, 5, 17, 12, tzinfo=timezone.utc),
        datetime(2024, 5, 17, 14, tzinfo=timezone(timedelta(hours=2))),
        datetime(2024, 5, 17, 12),  # noqa: DTZ001 - what a user gives without a zone is UTC
    ],
)
def test_every_form_of_a_time_becomes_utc_text_with_microseconds(time):
    assert utc_text(time) == NOON


@pytest.mark.parametrize("text", ["", "tomorrow", "P1D", "2024-13-32T25:00:00.000000+00:00"])
def test_text_that_is_no_time_is_refused(text):
    with pytest.raises(ClientError) as raised:
        utc_text(text)

    assert str(raised.value) == f"{text!r} is no time. Give one such as 2024-05-17T13:45:00+00:00."


def test_a_time_some_seconds_later():
    assert later(NOON, 1.5) == "2024-05-17T12:00:01.500000+00:00"


def test_seconds_between_two_times():
    assert seconds_between(NOON, later(NOON, 90)) == 90
