"""Rules that are begun later than they say give the same times (core.md §13.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pendulum
import pytest
from dateutil.rrule import (
    DAILY,
    HOURLY,
    MINUTELY,
    MO,
    MONTHLY,
    SECONDLY,
    SU,
    WEEKLY,
    YEARLY,
    rrule,
    rrulebase,
    rruleset,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from prefect.schedules.rules import times_from

# Not far from each other: dateutil counts every minute between them, also where a rule has no times.
BEGIN, END = datetime(2021, 1, 26, 9, 30, 15), datetime(2021, 2, 28)  # noqa: DTZ001

starts = st.integers(0, 20 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@st.composite
def rules(draw: st.DrawFn) -> rrule:
    frequency = draw(st.sampled_from([YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY]))
    options: dict[str, Any] = {
        "freq": frequency,
        "dtstart": draw(st.sampled_from([BEGIN, BEGIN.replace(hour=0), BEGIN.replace(day=31)])),
        "interval": draw(st.integers(1 if frequency < MINUTELY else 10, 50)),
        "until": draw(st.sampled_from([END, END.replace(day=10)])),
        "wkst": draw(st.sampled_from([None, MO, SU])),
        "byweekday": draw(st.sampled_from([None, None, [MO, SU]])),
        "byhour": draw(st.sampled_from([None, None, [0, 9, 23]])),
        "byminute": draw(st.sampled_from([None, None, [0, 30]])),
    }
    try:
        return rrule(**options)
    except ValueError:  # the interval never meets the hours or minutes
        assume(False)
        raise


def counted(rule: rrulebase, start: datetime) -> list[datetime]:
    """Return the first five times that ``dateutil`` counts from a moment on."""
    return list(islice((time for time in rule if time >= start), 5))


@given(rules(), starts)
@settings(deadline=None, max_examples=40)
def test_the_times_of_a_rule_are_those_that_dateutil_counts(rule: rrule, start: datetime) -> None:
    assert list(islice(times_from(rule, start), 5)) == counted(rule, start)


def test_the_times_of_a_rule_that_has_a_number_of_them_are_counted_from_the_first() -> None:
    rule = rrule(DAILY, dtstart=BEGIN, count=7)

    assert list(times_from(rule, BEGIN + timedelta(days=5))) == [BEGIN + timedelta(days=n) for n in (5, 6)]


@given(st.lists(rules(), min_size=1, max_size=3), st.lists(rules(), max_size=2), starts)
@settings(deadline=None, max_examples=40)
def test_the_times_of_a_set_of_rules_are_those_that_dateutil_counts(
    included: list[rrule], excluded: list[rrule], start: datetime
) -> None:
    rules = rruleset()
    for rule in included:
        rules.rrule(rule)
    for rule in excluded:
        rules.exrule(rule)
    rules.rdate(BEGIN + timedelta(days=10))

    assert list(islice(times_from(rules, start), 5)) == counted(rules, start)


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [(SECONDLY, "2021-07-01T00:00:00"), (MINUTELY, "2021-07-01T00:00:07"), (HOURLY, "2021-07-01T00:00:07")],
)
def test_a_rule_of_many_years_is_not_counted_from_its_beginning(frequency: int, expected: str) -> None:
    """That would take minutes, or hours."""
    rule = rrule(frequency, dtstart=pendulum.datetime(1850, 1, 1, 0, 0, 7))

    assert next(times_from(rule, pendulum.datetime(2021, 7, 1))).isoformat() == f"{expected}+00:00"
