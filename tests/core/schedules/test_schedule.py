"""``Schedule`` and the functions that make one (core.md §13.1, §13.2, §13.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

import cloudpickle
import pendulum
import pytest
from dateutil.rrule import DAILY, rrule

import prefect.schedules
from prefect import Flow, Parameter, task
from prefect.schedules import CronSchedule, IntervalSchedule, RRuleSchedule, Schedule, adjustments, filters, schedules
from prefect.schedules.clocks import Clock, ClockEvent, CronClock, DatesClock, IntervalClock, RRuleClock

START = pendulum.datetime(2021, 1, 1)  # a Friday
BEFORE = START.subtract(hours=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY_CLOCK = IntervalClock(DAY, start_date=START)


def days(moments: list[datetime]) -> list[int]:
    return [moment.day for moment in moments]


def letters(schedule: Schedule) -> str:
    return "".join(event.parameter_defaults["x"] for event in schedule.next(9, after=BEFORE, return_events=True))


class TestConstructor:
    @pytest.mark.parametrize("clocks", [DAILY_CLOCK, None, 5])
    def test_clocks_must_be_a_list(self, clocks: Any) -> None:
        with pytest.raises(TypeError, match=r"clocks should be a list of clocks, not .*Schedule\(clocks=\[clock\]\)"):
            Schedule(clocks)

    @pytest.mark.parametrize("part", ["filters", "or_filters", "not_filters", "adjustments"])
    def test_a_function_outside_a_list_is_refused(self, part: str) -> None:
        with pytest.raises(
            TypeError, match=f"^{part} should be a list of functions, not .* Put a single function into"
        ):
            Schedule([DAILY_CLOCK], **{part: filters.is_weekday})  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("part", "home"),
        [("filters", "filters"), ("or_filters", "filters"), ("not_filters", "filters"), ("adjustments", "adjustments")],
    )
    def test_what_is_no_function_is_refused(self, part: str, home: str) -> None:
        with pytest.raises(TypeError) as caught:
            Schedule([DAILY_CLOCK], **{part: ["x"]})  # type: ignore[arg-type]

        assert str(caught.value) == f"{part} holds 'x', which is no function. Use one of prefect.schedules.{home}."

    def test_what_is_no_clock_is_refused(self) -> None:
        with pytest.raises(
            TypeError, match=r"^clocks holds 5, which is no clock\. Use one of prefect\.schedules\.clocks\.$"
        ):
            Schedule([DAILY_CLOCK, 5])  # type: ignore[list-item]

    def test_a_schedule_keeps_what_it_is_made_of(self) -> None:
        schedule = Schedule(
            clocks=(DAILY_CLOCK,),
            filters=[filters.is_weekday],
            or_filters=[filters.is_month_end],
            not_filters=[filters.is_month_start],
            adjustments=[adjustments.next_weekday],
        )

        assert vars(schedule) == {
            "clocks": [DAILY_CLOCK],
            "filters": [filters.is_weekday],
            "or_filters": [filters.is_month_end],
            "not_filters": [filters.is_month_start],
            "adjustments": [adjustments.next_weekday],
        }

    def test_a_schedule_starts_with_its_earliest_and_ends_with_its_latest_clock(self) -> None:
        schedule = Schedule(
            [
                IntervalClock(HOUR, start_date=START, end_date=START.add(days=9)),
                IntervalClock(HOUR, start_date=START.subtract(days=1)),
                DatesClock([START.add(days=20)]),
            ]
        )

        assert schedule.start_date == START.subtract(days=1)
        assert schedule.end_date == START.add(days=20)

    def test_without_dates_a_schedule_has_no_start_and_no_end(self) -> None:
        schedule = Schedule([IntervalClock(HOUR)])

        assert (schedule.start_date, schedule.end_date) == (None, None)
        assert (Schedule([]).start_date, Schedule([]).end_date) == (None, None)


class TestNext:
    def test_times_are_later_than_after(self) -> None:
        assert Schedule([DAILY_CLOCK]).next(2, after=START) == [START.add(days=1), START.add(days=2)]

    def test_after_is_now_by_default(self) -> None:
        now = pendulum.now("UTC")

        [found] = IntervalSchedule(interval=HOUR).next(1)

        assert now < found <= now.add(hours=1, seconds=10)

    def test_there_are_fewer_times_when_the_clocks_end(self) -> None:
        assert IntervalSchedule(START, HOUR, START.add(hours=1)).next(5, after=BEFORE) == [START, START.add(hours=1)]

    @pytest.mark.parametrize("n", [0, -1])
    def test_no_times_are_none(self, n: int) -> None:
        assert Schedule([DAILY_CLOCK]).next(n, after=START) == []

    def test_no_clocks_give_no_times(self) -> None:
        assert Schedule([]).next(3) == []

    def test_events_come_with_their_defaults_and_labels(self) -> None:
        schedule = Schedule([DatesClock([START], parameter_defaults={"x": 1}, labels=["a"])])

        assert schedule.next(1, after=BEFORE, return_events=True) == [ClockEvent(START, {"x": 1}, ["a"])]

    def test_it_gives_up_after_ten_thousand_events(self) -> None:
        looked_at: list[datetime] = []

        def refuses(moment: datetime) -> bool:
            looked_at.append(moment)
            return False

        assert Schedule([IntervalClock(timedelta(minutes=1))], filters=[refuses]).next(1, after=START) == []
        assert len(looked_at) == schedules.MAX_EVENTS == 10_000

    def test_times_found_before_it_gives_up_are_returned(self) -> None:
        schedule = Schedule([IntervalClock(timedelta(minutes=1))], filters=[lambda moment: moment.minute % 2 == 0])

        assert len(schedule.next(20_000, after=START)) == 5000

    def test_a_cron_clock_gives_a_thousand_times_at_most(self) -> None:
        assert len(CronSchedule("* * * * *").next(2000, after=START)) == 1000

    def test_a_clock_of_ones_own_needs_only_events(self) -> None:
        class Once(Clock):
            def events(self, after: datetime | None = None) -> Iterator[ClockEvent]:
                yield ClockEvent(START)

        assert Schedule([Once()]).next(5, after=BEFORE) == [START]


class TestSeveralClocks:
    def test_events_are_merged_in_the_order_of_time(self) -> None:
        schedule = Schedule([DatesClock([START.add(hours=1)]), DatesClock([START, START.add(hours=2)])])

        assert schedule.next(5, after=BEFORE) == [START, START.add(hours=1), START.add(hours=2)]

    def test_equal_events_are_one(self) -> None:
        tokyo = DatesClock([START.in_timezone("Asia/Tokyo")])

        assert Schedule([DatesClock([START]), tokyo, DatesClock([START])]).next(5, after=BEFORE) == [START]

    @pytest.mark.parametrize("options", [{"parameter_defaults": {"x": 1}}, {"labels": ["a"]}], ids=str)
    def test_events_at_one_moment_with_other_defaults_or_labels_are_two(self, options: dict[str, Any]) -> None:
        schedule = Schedule([DatesClock([START]), DatesClock([START], **options)])

        assert schedule.next(5, after=BEFORE) == [START, START]

    @pytest.mark.parametrize(
        ("clocks", "expected"), [("ab", "ba"), ("aab", "ba"), ("baa", "aba"), ("aba", "aba"), ("abc", "cba")]
    )
    def test_equal_events_apart_from_each_other_stay_two(self, clocks: str, expected: str) -> None:
        """The order of events at one moment, and so which of them are neighbours, is that of release 1.4.1."""
        schedule = Schedule([DatesClock([START], parameter_defaults={"x": x}) for x in clocks])

        assert letters(schedule) == expected


class TestFiltersAndAdjustments:
    def test_all_filters_must_accept(self) -> None:
        schedule = Schedule([DAILY_CLOCK], filters=[filters.is_weekday, filters.is_month_start])

        assert [str(moment)[:10] for moment in schedule.next(2, after=START)] == ["2021-02-01", "2021-03-01"]

    def test_one_of_the_or_filters_must_accept(self) -> None:
        schedule = Schedule([DAILY_CLOCK], or_filters=[filters.is_month_start, filters.is_month_end])

        assert days(schedule.next(4, after=START)) == [31, 1, 28, 1]

    def test_none_of_the_not_filters_may_accept(self) -> None:
        schedule = Schedule([DAILY_CLOCK], not_filters=[filters.is_weekend, filters.is_day_of_week(0)])

        assert days(schedule.next(5, after=START)) == [5, 6, 7, 8, 12]

    def test_the_three_kinds_work_together(self) -> None:
        schedule = Schedule(
            [DAILY_CLOCK],
            filters=[filters.is_weekday],
            or_filters=[filters.is_day_of_week(0), filters.is_day_of_week(2)],
            not_filters=[filters.on_date(1, 6)],
        )

        assert days(schedule.next(3, after=START)) == [4, 11, 13]

    def test_adjustments_work_one_after_the_other(self) -> None:
        schedule = Schedule([DAILY_CLOCK], adjustments=[adjustments.add(DAY), adjustments.next_weekday])

        assert days(schedule.next(3, after=BEFORE)) == [4, 4, 4]

    def test_adjusted_times_are_neither_sorted_nor_made_unique(self) -> None:
        """Saturday, Sunday and Monday all become Monday."""
        schedule = Schedule([DAILY_CLOCK], adjustments=[adjustments.next_weekday])

        assert days(schedule.next(5, after=BEFORE)) == [1, 4, 4, 4, 5]

    def test_adjusted_times_do_not_hide_the_events_they_fall_on(self) -> None:
        schedule = Schedule([DAILY_CLOCK], adjustments=[adjustments.add(DAY)])

        assert days(schedule.next(4, after=BEFORE)) == [2, 3, 4, 5]

    def test_an_adjusted_time_may_be_before_after(self) -> None:
        schedule = Schedule([DAILY_CLOCK], adjustments=[adjustments.add(-2 * DAY)])

        assert schedule.next(1, after=START) == [START.subtract(days=1)]

    def test_an_adjustment_has_to_return_a_datetime(self) -> None:
        schedule = Schedule([DAILY_CLOCK], adjustments=[print])

        with pytest.raises(TypeError, match=r"^The adjustment .*print.* returned None\. Let it return a datetime\.$"):
            schedule.next(1)

    def test_an_adjusted_event_keeps_its_defaults_and_labels(self) -> None:
        clock = DatesClock([START], parameter_defaults={"x": 1}, labels=["a"])
        schedule = Schedule([clock], adjustments=[adjustments.add(HOUR)])

        assert schedule.next(1, after=BEFORE, return_events=True) == [ClockEvent(START + HOUR, {"x": 1}, ["a"])]


class TestFunctions:
    def test_an_interval_schedule_takes_the_start_first(self) -> None:
        schedule = IntervalSchedule(START, HOUR, START.add(hours=5))

        [clock] = schedule.clocks
        assert isinstance(clock, IntervalClock)
        assert (clock.start_date, clock.interval, clock.end_date) == (START, HOUR, START.add(hours=5))

    @pytest.mark.parametrize("arguments", [(), (HOUR,)], ids=["nothing", "interval first"])
    def test_an_interval_schedule_without_interval_is_refused(self, arguments: tuple[Any, ...]) -> None:
        with pytest.raises(TypeError, match=r"Name it, as in IntervalSchedule\(interval=timedelta\(hours=1\)\)"):
            IntervalSchedule(*arguments)

    def test_a_cron_schedule_has_a_cron_clock(self) -> None:
        [clock] = CronSchedule("0 9 * * *", START, START.add(days=5), day_or=False).clocks

        assert isinstance(clock, CronClock)
        assert (clock.cron, clock.day_or) == ("0 9 * * *", False)
        assert (clock.start_date, clock.end_date) == (START, START.add(days=5))

    def test_a_rule_schedule_has_a_rule_clock(self) -> None:
        rule = rrule(DAILY, dtstart=START)

        [clock] = RRuleSchedule(rule, START, START.add(days=5)).clocks

        assert isinstance(clock, RRuleClock)
        assert (clock.rrule_obj, clock.start_date, clock.end_date) == (rule, START, START.add(days=5))

    def test_the_names_of_1_x_are_there(self) -> None:
        assert prefect.schedules.__all__ == [
            "CronSchedule",
            "IntervalSchedule",
            "RRuleSchedule",
            "Schedule",
            "adjustments",
            "clocks",
            "filters",
        ]
        assert prefect.schedules.schedules.Schedule is prefect.schedules.Schedule


NEW_YORK_START = pendulum.datetime(2021, 1, 1, tz="America/New_York")


@pytest.mark.parametrize(
    "clock",
    [
        IntervalClock(HOUR, start_date=NEW_YORK_START, parameter_defaults={"x": 1}, labels=["a"]),
        CronClock("0 * * * *", start_date=NEW_YORK_START),
        DatesClock([NEW_YORK_START, NEW_YORK_START.add(days=5, hours=9)]),
        RRuleClock(rrule(DAILY, dtstart=NEW_YORK_START)),
    ],
    ids=lambda clock: type(clock).__name__,
)
def test_a_schedule_survives_cloudpickle(clock: Clock) -> None:
    schedule = Schedule(
        [clock],
        filters=[filters.between_times(time(0), time(10)), lambda moment: moment.day > 1],
        not_filters=[filters.is_weekend],
        adjustments=[adjustments.add(HOUR), adjustments.next_weekday],
    )

    copy = cloudpickle.loads(cloudpickle.dumps(schedule))

    expected = schedule.next(3, after=BEFORE, return_events=True)
    assert expected
    assert copy.next(3, after=BEFORE, return_events=True) == expected


def test_a_flow_runs_at_each_time_with_the_defaults_of_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = START
    seen: list[tuple[str, int]] = []

    @task
    def note(x: int) -> None:
        nonlocal now
        now = prefect.context.scheduled_start_time
        seen.append((str(now), x))

    monkeypatch.setattr(schedules.pendulum, "now", lambda _zone: now)
    dates = [START.add(days=1), START.add(days=2)]
    with Flow("scheduled", schedule=Schedule([DatesClock(dates, parameter_defaults={"x": 5})])) as flow:
        note(Parameter("x", default=0))

    flow.run(x=1)

    assert seen == [("2021-01-02T00:00:00+00:00", 5), ("2021-01-03T00:00:00+00:00", 5)]


def test_a_flow_whose_schedule_is_exhausted_is_not_run() -> None:
    flow = Flow("over", schedule=Schedule([DatesClock([START])]))

    with pytest.raises(ValueError, match="Flow has no more scheduled runs"):
        flow.run()
