"""Clocks and their events (core.md §13.1 and §13.2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest
from dateutil.rrule import DAILY, rrule, rruleset
from dateutil.tz import tzoffset

from prefect.schedules import clocks
from prefect.schedules.clocks import Clock, ClockEvent, CronClock, DatesClock, IntervalClock, RRuleClock

START = pendulum.datetime(2021, 1, 1)
BEFORE = START.subtract(days=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def times(clock: Clock, n: int, after: datetime | None = BEFORE) -> list[datetime]:
    return [event.start_time for event in islice(clock.events(after), n)]


def daily_rule(start: datetime = START, **options: Any) -> rrule:
    return rrule(DAILY, dtstart=start, **options)


class TestEvents:
    def test_events_with_the_same_time_defaults_and_labels_are_equal(self) -> None:
        assert ClockEvent(START, {"x": 1}, ["a"]) == ClockEvent(START, {"x": 1}, ["a"])
        assert ClockEvent(START) == ClockEvent(START, {})

    @pytest.mark.parametrize(
        "other", [ClockEvent(START.add(hours=1)), ClockEvent(START, {"x": 1}), ClockEvent(START, labels=["a"])]
    )
    def test_events_that_differ_in_one_of_them_are_not_equal(self, other: ClockEvent) -> None:
        assert ClockEvent(START) != other

    def test_an_event_equals_a_datetime_of_its_time_whatever_else_it_holds(self) -> None:
        assert ClockEvent(START, {"x": 1}) == START
        assert START.in_timezone("Asia/Tokyo") == ClockEvent(START)

    def test_events_are_ordered_with_events_and_datetimes_by_time(self) -> None:
        early, late = ClockEvent(START, {"x": 2}), ClockEvent(START.add(hours=1), {"x": 1})

        assert early < late
        assert late > early
        assert early < late.start_time
        assert early.start_time < late
        assert not early < early.start_time

    def test_events_of_the_hour_repeated_in_autumn_are_ordered_as_they_come(self) -> None:
        first = datetime(2021, 11, 7, 1, 30, tzinfo=ZoneInfo("America/New_York"))
        second = datetime(2021, 11, 7, 1, 10, tzinfo=ZoneInfo("America/New_York"), fold=1)

        assert ClockEvent(first) < ClockEvent(second)
        assert ClockEvent(second.replace(minute=30)) != ClockEvent(first)

    @pytest.mark.parametrize("other", [1, None, "2021-01-01"])
    def test_an_event_cannot_be_ordered_with_anything_else(self, other: Any) -> None:
        with pytest.raises(TypeError, match="not supported between instances of 'ClockEvent'"):
            ClockEvent(START) < other  # noqa: B015
        with pytest.raises(TypeError, match="not supported between instances of 'ClockEvent'"):
            ClockEvent(START) > other  # noqa: B015

    def test_an_event_shows_its_time_defaults_and_labels(self) -> None:
        assert repr(ClockEvent(START, {"x": 1}, ["a"])) == "<ClockEvent 2021-01-01 00:00:00+00:00 {'x': 1} ['a']>"


class TestEveryClock:
    @pytest.mark.parametrize(
        "clock",
        [
            IntervalClock(DAY, parameter_defaults={"x": 1}, labels=["a"]),
            CronClock("0 0 * * *", parameter_defaults={"x": 1}, labels=["a"]),
            DatesClock([START], parameter_defaults={"x": 1}, labels=["a"]),
            RRuleClock(daily_rule(), parameter_defaults={"x": 1}, labels=["a"]),
        ],
        ids=lambda clock: type(clock).__name__,
    )
    def test_events_hold_the_defaults_and_labels_of_their_clock(self, clock: Clock) -> None:
        event = next(iter(clock.events(BEFORE)))

        assert event == ClockEvent(START, {"x": 1}, ["a"])
        assert isinstance(event.start_time, pendulum.DateTime)

    def test_times_read_as_they_did_in_1_x(self) -> None:
        clock = IntervalClock(DAY, start_date=START)

        assert [str(clock.start_date), str(times(clock, 1)[0])] == ["2021-01-01T00:00:00+00:00"] * 2

    @pytest.mark.parametrize("name", ["start_date", "end_date"])
    @pytest.mark.parametrize("value", ["2021-01-01", date(2021, 1, 1)], ids=["text", "date"])
    @pytest.mark.parametrize(
        "make",
        [lambda **dates: IntervalClock(DAY, **dates), lambda **dates: CronClock("@daily", **dates), Clock],
        ids=["interval", "cron", "base"],
    )
    def test_a_date_that_is_no_datetime_is_refused(self, make: Any, value: Any, name: str) -> None:
        with pytest.raises(ValueError, match=f"{name} must be a datetime, not .*pendulum.parse"):
            make(**{name: value})

    def test_labels_that_are_one_text_are_refused(self) -> None:
        """They would be read letter by letter."""
        with pytest.raises(TypeError, match=r"^labels must be a list, not the text 'prod'\. Write \['prod'\]\.$"):
            CronClock("@daily", labels="prod")  # type: ignore[arg-type]

    def test_parameter_defaults_that_are_no_dict_are_refused(self) -> None:
        with pytest.raises(
            TypeError, match=r"^parameter_defaults must be a dict, not \[1\]\. Write \{'name': value\}\.$"
        ):
            DatesClock([START], parameter_defaults=[1])  # type: ignore[arg-type]

    def test_a_date_without_timezone_is_in_utc(self) -> None:
        clock = Clock(start_date=datetime(2021, 1, 1), end_date=datetime(2021, 1, 2))  # noqa: DTZ001

        assert (clock.start_date, clock.end_date) == (START, START.add(days=1))

    def test_a_date_becomes_one_of_pendulum_and_keeps_its_zone(self) -> None:
        clock = Clock(start_date=datetime(2021, 1, 1, tzinfo=ZoneInfo("Europe/Berlin")))

        assert isinstance(clock.start_date, pendulum.DateTime)
        assert clock.start_date.timezone_name == "Europe/Berlin"

    def test_a_bare_clock_holds_nothing_but_its_defaults(self) -> None:
        assert vars(Clock()) == {"start_date": None, "end_date": None, "parameter_defaults": {}, "labels": None}

    def test_a_clock_that_defines_no_events_says_so(self) -> None:
        class Silent(Clock):
            pass

        with pytest.raises(NotImplementedError, match=r"^Silent has no events. Define its method `events`\.$"):
            next(iter(Silent().events()))

    @pytest.mark.parametrize(
        "make",
        [
            lambda **dates: IntervalClock(HOUR, **dates),
            lambda **dates: CronClock("0 * * * *", **dates),
            lambda **dates: RRuleClock(rrule(DAILY, byhour=range(24), dtstart=START), **dates),
        ],
        ids=["interval", "cron", "rrule"],
    )
    def test_the_end_date_is_included(self, make: Any) -> None:
        clock = make(start_date=START, end_date=START.add(hours=2))

        assert times(clock, 10) == [START, START.add(hours=1), START.add(hours=2)]

    def test_after_may_be_in_any_zone(self) -> None:
        after = datetime(2021, 1, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))

        assert times(IntervalClock(HOUR, start_date=START), 1, after) == [START.add(hours=1)]

    def test_after_without_timezone_is_in_utc(self) -> None:
        assert times(CronClock("0 * * * *"), 1, datetime(2021, 1, 1)) == [START.add(hours=1)]  # noqa: DTZ001

    def test_after_that_is_no_datetime_is_refused(self) -> None:
        with pytest.raises(ValueError, match="after must be a datetime, not '2021-01-01'"):
            times(CronClock("0 * * * *"), 1, "2021-01-01")  # type: ignore[arg-type]

    def test_without_after_events_come_from_now_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clocks.pendulum, "now", lambda _zone: START.add(minutes=5))

        assert times(CronClock("*/10 * * * *"), 1, None) == [START.add(minutes=10)]


class TestIntervalClock:
    @pytest.mark.parametrize("interval", [60, None, "1h"])
    def test_an_interval_must_be_a_timedelta(self, interval: Any) -> None:
        with pytest.raises(TypeError, match="Interval must be a timedelta, not "):
            IntervalClock(interval)

    @pytest.mark.parametrize("interval", [timedelta(0), -HOUR])
    def test_an_interval_must_be_greater_than_zero(self, interval: timedelta) -> None:
        with pytest.raises(ValueError, match="Interval must be greater than 0, not "):
            IntervalClock(interval)

    def test_an_interval_may_be_shorter_than_a_minute(self) -> None:
        clock = IntervalClock(timedelta(milliseconds=1), start_date=START)

        assert times(clock, 1, START) == [START.add(microseconds=1000)]

    def test_an_interval_may_be_a_duration_of_pendulum(self) -> None:
        clock = IntervalClock(pendulum.duration(minutes=90), start_date=START)

        assert times(clock, 2, START) == [START.add(minutes=90), START.add(hours=3)]

    def test_events_are_counted_from_the_start_of_2019_by_default(self) -> None:
        clock = IntervalClock(timedelta(days=7))

        assert times(clock, 2, pendulum.datetime(2010, 1, 1)) == [
            pendulum.datetime(2019, 1, 1),
            pendulum.datetime(2019, 1, 8),
        ]
        assert clock.start_date is None

    def test_events_are_strictly_after_after(self) -> None:
        assert times(IntervalClock(HOUR, start_date=START), 2, START) == [START.add(hours=1), START.add(hours=2)]

    def test_the_start_itself_is_the_first_event_after_any_earlier_moment(self) -> None:
        clock = IntervalClock(HOUR, start_date=START)

        assert times(clock, 1, START.subtract(days=100)) == [START]
        assert times(clock, 1, START.subtract(microseconds=1)) == [START]

    def test_a_start_with_seconds_is_kept_to_the_microsecond(self) -> None:
        start = START.add(seconds=1, microseconds=5)

        assert times(IntervalClock(DAY, start_date=start), 1, start) == [start.add(days=1)]

    def test_the_longest_interval_has_its_start_alone(self) -> None:
        assert times(IntervalClock(timedelta.max, start_date=START), 5) == [START]

    def test_events_end_with_the_calendar(self) -> None:
        clock = IntervalClock(timedelta(days=365 * 5000), start_date=START)

        assert len(times(clock, 10)) == 2


class TestCronClock:
    @pytest.mark.parametrize(
        "cron", ["bad", "", "* * * *", "* * * * * * *", "60 * * * *", "@reboot", "H H * * *", None, 5]
    )
    def test_a_string_that_is_no_cron_string_is_refused(self, cron: Any) -> None:
        with pytest.raises(ValueError, match=r"^Invalid cron string: ") as caught:
            CronClock(cron)

        assert str(caught.value) == (
            f"Invalid cron string: {cron}. It needs five fields, as in '0 9 * * mon-fri': minute (0-59), hour (0-23),"
            " day (1-31), month (1-12), day of the week (0-7), and maybe a sixth for seconds (0-59)."
        )

    @pytest.mark.parametrize(
        ("cron", "expected"),
        [
            ("30 9 * * *", "2021-01-01 09:30:00"),
            ("0 0 * * mon", "2021-01-04 00:00:00"),
            ("0 0 * * 7", "2021-01-03 00:00:00"),
            ("0 0 l * *", "2021-01-31 00:00:00"),
            ("0 0 * * fri#2", "2021-01-08 00:00:00"),
            ("0 0 29 2 *", "2024-02-29 00:00:00"),
            (" 5/15 * * * * ", "2021-01-01 00:05:00"),
            ("* * * * * 30", "2021-01-01 00:00:30"),
            ("* * * * * *", "2021-01-01 00:00:01"),
            ("@hourly", "2021-01-01 01:00:00"),
            ("@daily", "2021-01-02 00:00:00"),
            ("@midnight", "2021-01-02 00:00:00"),
            ("@weekly", "2021-01-03 00:00:00"),
            ("@monthly", "2021-02-01 00:00:00"),
            ("@yearly", "2022-01-01 00:00:00"),
            ("@annually", "2022-01-01 00:00:00"),
        ],
    )
    def test_a_cron_string_names_times(self, cron: str, expected: str) -> None:
        [found] = times(CronClock(cron), 1, START)

        assert found.isoformat(" ") == f"{expected}+00:00"

    def test_a_date_that_never_comes_is_reported_when_it_is_looked_for(self) -> None:
        clock = CronClock("0 0 30 2 *")

        with pytest.raises(ValueError, match=r"The cron string '0 0 30 2 \*' names no date within the next 50 years"):
            times(clock, 1)

    def test_the_timezone_is_that_of_the_start(self) -> None:
        clock = CronClock("0 9 * * *", start_date=pendulum.datetime(2021, 1, 1, tz="America/New_York"))

        [found] = times(clock, 1)

        assert found.isoformat() == "2021-01-01T09:00:00-05:00"
        assert found.timezone_name == "America/New_York"  # type: ignore[attr-defined]

    def test_a_start_with_a_fixed_offset_will_do(self) -> None:
        clock = CronClock("0 9 * * *", start_date=datetime(2021, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))))

        assert times(clock, 1)[0].isoformat() == "2021-01-01T09:00:00+05:30"

    def test_a_start_that_matches_counts(self) -> None:
        clock = CronClock("0 0 * * *", start_date=START)

        assert times(clock, 2) == [START, START.add(days=1)]
        assert times(clock, 1, START) == [START.add(days=1)]

    @pytest.mark.parametrize(("cron", "seconds"), [("* * * * *", 60), ("* * * * * *", 1)])
    def test_a_start_between_two_seconds_is_rounded_up(self, cron: str, seconds: int) -> None:
        clock = CronClock(cron, start_date=START.add(microseconds=500))

        assert times(clock, 1) == [START.add(seconds=seconds)]

    def test_the_last_moment_before_a_match_is_before_it(self) -> None:
        assert times(CronClock("0 0 * * *"), 1, START.subtract(microseconds=1)) == [START]

    def test_by_default_either_day_of_month_or_day_of_week_matches(self) -> None:
        clock = CronClock("0 0 13 * fri")

        assert clock.day_or is True
        assert [moment.day for moment in times(clock, 3, START)] == [8, 13, 15]

    def test_without_day_or_both_must_match(self) -> None:
        clock = CronClock("0 0 13 * fri", day_or=False)

        assert [str(moment)[:10] for moment in times(clock, 2, START)] == ["2021-08-13", "2022-05-13"]

    def test_one_generator_makes_a_thousand_events_at_most(self) -> None:
        assert len(times(CronClock("* * * * *"), 2000)) == 1000


class TestDatesClock:
    def test_dates_are_sorted(self) -> None:
        dates = [START.add(days=2), START, START.add(days=1)]

        clock = DatesClock(dates)

        assert times(clock, 5) == sorted(dates)
        assert clock.dates == dates

    def test_dates_are_strictly_after_after(self) -> None:
        assert times(DatesClock([START, START.add(days=1)]), 5, START) == [START.add(days=1)]

    def test_dates_keep_their_zones(self) -> None:
        dates = [pendulum.datetime(2021, 1, 1, tz=zone) for zone in ("Asia/Tokyo", "UTC", "America/New_York")]

        assert [moment.isoformat() for moment in times(DatesClock(dates), 3, START.subtract(days=2))] == [
            "2021-01-01T00:00:00+09:00",
            "2021-01-01T00:00:00+00:00",
            "2021-01-01T00:00:00-05:00",
        ]

    def test_the_clock_starts_and_ends_with_its_dates(self) -> None:
        clock = DatesClock([START.add(days=2), START])

        assert (clock.start_date, clock.end_date) == (START, START.add(days=2))

    @pytest.mark.parametrize("dates", [START, None])
    def test_dates_have_to_be_a_list(self, dates: Any) -> None:
        with pytest.raises(
            TypeError, match=r"^The dates of a DatesClock must be a list, not .*\. Put a single date into a"
        ):
            DatesClock(dates)

    def test_dates_with_and_without_a_timezone_cannot_be_compared(self) -> None:
        with pytest.raises(TypeError, match="The time 2021-01-01T00:00:00 has no timezone, so it can't be compared"):
            DatesClock([START, datetime(2021, 1, 1)])  # noqa: DTZ001

    def test_an_empty_list_is_refused(self) -> None:
        with pytest.raises(ValueError, match="A DatesClock needs at least one date"):
            DatesClock([])

    def test_a_date_that_is_no_datetime_is_refused(self) -> None:
        with pytest.raises(ValueError, match="A date of a DatesClock must be a datetime, not '2021-01-01'"):
            DatesClock(["2021-01-01"])  # type: ignore[list-item]

    def test_a_date_without_timezone_fails_when_it_is_compared(self) -> None:
        clock = DatesClock([datetime(2021, 1, 1)])  # noqa: DTZ001

        with pytest.raises(TypeError, match="The time 2021-01-01T00:00:00 has no timezone, so it can't be compared"):
            times(clock, 1)


class TestRRuleClock:
    @pytest.mark.parametrize("rule", ["FREQ=DAILY", None, DAY])
    def test_anything_but_a_rule_or_a_set_of_rules_is_refused(self, rule: Any) -> None:
        with pytest.raises(TypeError, match="rrule_obj must be an rrule or rruleset, not "):
            RRuleClock(rule)

    def test_a_rule_without_timezone_gives_times_in_utc(self) -> None:
        clock = RRuleClock(daily_rule(datetime(2021, 1, 1), count=2))  # noqa: DTZ001

        assert times(clock, 5) == [START, START.add(days=1)]

    def test_a_rule_with_a_timezone_gives_times_in_it(self) -> None:
        clock = RRuleClock(daily_rule(datetime(2021, 1, 1, 9, tzinfo=ZoneInfo("America/New_York"))))

        assert times(clock, 1)[0].isoformat() == "2021-01-01T09:00:00-05:00"

    def test_a_rule_in_a_timezone_of_pytz_keeps_to_local_time(self) -> None:
        """pytz has an object for each offset, which a rule carries over the change of the clocks."""
        winter = tzoffset("EST", timedelta(hours=-5))
        winter.zone, winter.normalize = "America/New_York", None
        clock = RRuleClock(daily_rule(datetime(2021, 3, 13, 9, tzinfo=winter)))

        assert [moment.isoformat() for moment in times(clock, 2)] == [
            "2021-03-13T09:00:00-05:00",
            "2021-03-14T09:00:00-04:00",
        ]

    def test_a_set_of_rules_will_do(self) -> None:
        rules = rruleset()
        rules.rrule(daily_rule(count=3))
        rules.exdate(START.add(days=1))
        rules.rdate(START.add(hours=30))

        assert times(RRuleClock(rules), 5) == [START, START.add(hours=30), START.add(days=2)]

    def test_the_rules_of_a_set_may_speak_of_different_zones(self) -> None:
        rules = rruleset()
        rules.rrule(daily_rule(count=2))
        rules.rdate(datetime(2021, 1, 1, 9, tzinfo=ZoneInfo("America/New_York")))

        assert times(RRuleClock(rules), 5) == [START, START.add(hours=14), START.add(days=1)]

    def test_a_rule_without_times_gives_none(self) -> None:
        assert times(RRuleClock(daily_rule(count=0)), 5) == []

    def test_events_are_strictly_after_after(self) -> None:
        assert times(RRuleClock(daily_rule()), 1, START) == [START.add(days=1)]

    def test_a_start_that_is_a_time_of_the_rule_counts(self) -> None:
        clock = RRuleClock(daily_rule(), start_date=START.add(days=5), end_date=START.add(days=6))

        assert times(clock, 5) == [START.add(days=5), START.add(days=6)]
        assert times(clock, 5, START.add(days=5)) == [START.add(days=6)]

    def test_the_present_moment_counts_when_no_after_is_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clocks.pendulum, "now", lambda _zone: START)

        assert times(RRuleClock(daily_rule()), 1, None) == [START]

    @pytest.mark.parametrize("start", [None, START])
    def test_a_rule_without_timezone_and_an_end_fail_when_they_are_compared(self, start: datetime | None) -> None:
        rule = daily_rule(datetime(2021, 1, 1))  # noqa: DTZ001
        clock = RRuleClock(rule, start_date=start, end_date=START.add(days=5))

        with pytest.raises(
            TypeError, match="The rule's times have no timezone, so they can't be compared with end_date"
        ):
            times(clock, 1)
