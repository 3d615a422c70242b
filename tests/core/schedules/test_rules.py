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

BEGIN, END = datetime(2021, 1, 6, 9, 30, 15), datetime(2021, 6, 1)  # noqa: DTZ001

starts = st.integers(0, 60 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@st.composite
def rules(draw: st.DrawFn) -> rrule:
    options: dict[str, Any] = {
        "freq": draw(st.sampled_from([YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY])),
        "dtstart": draw(st.sampled_from([BEGIN, BEGIN.replace(hour=0), BEGIN.replace(month=3, day=31)])),
        "interval": draw(st.integers(1, 50)),
        "wkst": draw(st.sampled_from([None, MO, SU])),
        "bymonth": draw(st.sampled_from([None, None, [1, 2, 6]])),
        "bymonthday": draw(st.sampled_from([None, None, [1, -1, 13]])),
        "byweekday": draw(st.sampled_from([None, None, [MO, SU]])),
        "byhour": draw(st.sampled_from([None, None, [0, 9, 23]])),
        "byminute": draw(st.sampled_from([None, None, [0, 30]])),
        **draw(st.sampled_from([{"until": END}, {"until": END}, {"until": END.replace(month=3)}, {"count": 7}])),
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
@settings(deadline=None)
def test_the_times_of_a_rule_are_those_that_dateutil_counts(rule: rrule, start: datetime) -> None:
    assert list(islice(times_from(rule, start), 5)) == counted(rule, start)


@given(st.lists(rules(), min_size=1, max_size=3), st.lists(rules(), max_size=2), starts)
@settings(deadline=None)
def test_the_times_of_a_set_of_rules_are_those_that_dateutil_counts(
    included: list[rrule], excluded: list[rrule], start: datetime
) -> None:
    rules = rruleset()
    for rule in included:
        rules.rrule(rule)
    for rule in excluded:
        rules.exrule(rule)
    rules.rdate(BEGIN + timedelta(days=50))

    assert list(islice(times_from(rules, start), 5)) == counted(rules, start)


@pytest.mark.parametrize(
    ("frequency", "expected"),
    [(SECONDLY, "2021-07-01T00:00:00"), (MINUTELY, "2021-07-01T00:00:07"), (HOURLY, "2021-07-01T00:00:07")],
)
def test_a_rule_of_many_years_is_not_counted_from_its_beginning(frequency: int, expected: str) -> None:
    """That would take minutes, or hours."""
    rule = rrule(frequency, dtstart=pendulum.datetime(1850, 1, 1, 0, 0, 7))

    assert next(times_from(rule, pendulum.datetime(2021, 7, 1))).isoformat() == f"{expected}+00:00"
