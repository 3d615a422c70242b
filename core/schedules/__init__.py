"""When a flow runs: clocks make times, filters drop some of them, adjustments move the rest.

Source: core.md §13.
"""

from __future__ import annotations

from prefect.schedules import adjustments, clocks, filters
from prefect.schedules.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule

__all__ = [
    "CronSchedule",
    "IntervalSchedule",
    "RRuleSchedule",
    "Schedule",
    "adjustments",
    "clocks",
    "filters",
]
