"""Recurrence rules of ``dateutil`` from some moment on.

``dateutil`` counts from the first time of a rule, one by one: half a minute for each look at a rule of some years whose
times are a minute apart. Most rules can just as well begin later.

Source: core.md §13.2.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, SECONDLY, WEEKLY, rrule, rrulebase, rruleset

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Frequency → its period, for those whose periods have one length by the local clock.
_PERIODS = {
    WEEKLY: timedelta(weeks=1),
    DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1),
    SECONDLY: timedelta(seconds=1),
}


def times_from(rule: rrulebase, start: datetime) -> Iterator[datetime]:
    """Return the times of a rule, or of a set of rules, from a local time on.

    Args:
        rule: The rule.
        start: The first possible time, with the timezone of the rule, or without one if the rule has none.
    """
    times: Iterator[datetime] = _begun_later(rule, start).xafter(start, inc=True)
    return times


def _begun_later(rule: Any, start: datetime) -> Any:
    """Return a rule with the same times from ``start`` on, and few before."""
    if isinstance(rule, rruleset):
        found = rruleset()
        found._rrule = [_begun_later(one, start) for one in rule._rrule]
        found._exrule = [_begun_later(one, start) for one in rule._exrule]
        found._rdate, found._exdate = rule._rdate, rule._exdate
        return found
    # The count is from the first time on.
    if not isinstance(rule, rrule) or rule._freq not in _PERIODS or rule._count is not None:
        return rule
    begin = _local(rule._dtstart)
    period = _PERIODS[rule._freq] * rule._interval
    # Two days too early, since the rules of a set may have another timezone than `start`.
    skipped = (_local(start) - timedelta(days=2) - begin) // period
    if skipped <= 0:
        return rule
    return rule.replace(dtstart=(begin + skipped * period).replace(tzinfo=rule._dtstart.tzinfo))


def _local(moment: datetime) -> datetime:
    # Not with `replace`: pendulum's datetimes calculate with elapsed time, and with durations of their own.
    return datetime.combine(moment.date(), moment.time())
