"""Schedules as documents: core.md §20.3 and §20.5. What 1.4.1 writes is in ``test_recorded.py``."""

from __future__ import annotations

import datetime
import zoneinfo

import pendulum
import pytest
from dateutil.rrule import DAILY, MONTHLY, rrule, rrulebase, rruleset

from prefect.schedules import CronSchedule, IntervalSchedule, Schedule, adjustments, clocks, filters
from prefect.serialization import ValidationError
from prefect.serialization.schedules import deserialize_schedule, serialize_schedule

START = pendulum.datetime(2020, 1, 1)


def there_and_back(schedule):
    return deserialize_schedule(serialize_schedule(schedule))


def clock_document(**entries):
    return {"clocks": [{"type": "CronClock", "cron": "0 9 * * *", **entries}]}


@pytest.mark.parametrize(
    "schedule",
    [
        IntervalSchedule(
            start_date=pendulum.datetime(2020, 1, 1, 9, tz="America/New_York"), interval=datetime.timedelta(1)
        ),
        CronSchedule("0 9 1 * 1", start_date=START, day_or=False),
        Schedule([clocks.DatesClock([START.add(days=2), START.add(days=1)])]),
        Schedule([clocks.RRuleClock(rrule(DAILY, dtstart=START, count=10))]),
        Schedule([clocks.RRuleClock(rrule(MONTHLY, dtstart=datetime.datetime(2020, 1, 31)))]),  # noqa: DTZ001
        Schedule(
            [clocks.CronClock("30 * * * *")],
            filters=[filters.between_times(datetime.time(9), datetime.time(17)), filters.is_weekday],
            or_filters=[filters.on_date(1, 2), filters.between_dates(3, 1, 4, 30)],
            not_filters=[filters.is_day_of_week(0), filters.on_datetime(pendulum.datetime(2020, 1, 2, 10, 30))],
            adjustments=[adjustments.add(datetime.timedelta(seconds=0.5)), adjustments.next_weekday],
        ),
    ],
)
def test_a_schedule_comes_back_with_the_same_times(schedule):
    assert there_and_back(schedule).next(20, after=START) == schedule.next(20, after=START)


def test_a_rule_keeps_to_local_time_when_it_comes_back():
    """1.4.1 keeps the offset of its first time alone, and runs an hour off after the clocks are set."""
    rules = rruleset()
    rules.rrule(rrule(DAILY, dtstart=datetime.datetime(2020, 3, 28, 9, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))))
    rules.exdate(pendulum.datetime(2020, 3, 29, 9, tz="Europe/Berlin"))
    schedule = Schedule([clocks.RRuleClock(rules)])

    assert serialize_schedule(schedule)["clocks"][0]["rrule_obj"]["_rrule"][0]["tz"] == "Europe/Berlin"
    assert [moment.isoformat() for moment in there_and_back(schedule).next(2, after=START)] == [
        "2020-03-28T09:00:00+01:00",
        "2020-03-30T09:00:00+02:00",
    ]


@pytest.mark.parametrize("zone", [None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=2))])
def test_a_rule_whose_offset_is_always_the_same_has_no_timezone_besides(zone):
    rule = rrule(DAILY, dtstart=datetime.datetime(2020, 3, 28, 9, tzinfo=zone))

    assert "tz" not in serialize_schedule(Schedule([clocks.RRuleClock(rule)]))["clocks"][0]["rrule_obj"]


@pytest.mark.parametrize("interval", [datetime.timedelta.max, datetime.timedelta(days=99_999_999, microseconds=1)])
def test_an_interval_comes_back_to_the_microsecond(interval):
    [clock] = there_and_back(IntervalSchedule(interval=interval)).clocks

    assert clock.interval == interval


def test_parameter_defaults_and_labels_come_back():
    [clock] = there_and_back(Schedule([clocks.CronClock("@daily", parameter_defaults={"x": 1}, labels=["a"])])).clocks

    assert (clock.parameter_defaults, clock.labels) == ({"x": 1}, ["a"])


def test_the_timezone_of_a_clock_comes_back():
    start = datetime.datetime(2020, 7, 1, 9, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))

    [clock] = there_and_back(CronSchedule("0 9 * * *", start_date=start)).clocks

    assert clock.start_date == start
    assert clock.start_date.timezone_name == "Europe/Berlin"


@pytest.mark.parametrize(("zone", "hours"), [("+02:00", 2), ("-05:30", -5.5), ("UTC", 0), (None, 0)])
def test_a_date_may_have_a_fixed_offset_or_no_timezone(zone, hours):
    document = clock_document(start_date={"dt": "2020-01-01T00:00:00", "tz": zone})

    [clock] = deserialize_schedule(document).clocks

    assert clock.start_date.utcoffset() == datetime.timedelta(hours=hours)


def test_of_a_local_time_that_occurs_twice_a_date_is_the_second():
    document = clock_document(start_date={"dt": "2020-11-01T01:30:00", "tz": "America/New_York"})

    [clock] = deserialize_schedule(document).clocks

    assert clock.start_date.isoformat() == "2020-11-01T01:30:00-05:00"


def test_a_moment_of_a_filter_without_a_timezone_is_in_utc():
    document = {
        "filters": [{"fn": "prefect.schedules.filters.on_datetime", "kwargs": {"dt": "//datetime:2020-01-01T00:00:00"}}]
    }

    [keeps] = deserialize_schedule(document).filters

    assert keeps(START)


def test_an_interval_below_a_minute_is_refused():
    with pytest.raises(ValidationError) as caught:
        serialize_schedule(IntervalSchedule(interval=datetime.timedelta(seconds=30)))

    assert str(caught.value) == (
        "The interval 0:00:30 of an IntervalClock is less than a minute, which no backend accepts."
        " Make it a minute or more, or run the flow with `flow.run()`."
    )


def mine(moment):
    return True


@pytest.mark.parametrize("part", ["filters", "or_filters", "not_filters", "adjustments"])
def test_a_function_of_the_users_own_is_refused(part):
    with pytest.raises(ValidationError) as caught:
        serialize_schedule(Schedule([], **{part: [mine]}))

    assert str(caught.value) == (
        f"The function {__name__}.mine in `{part}` of a schedule cannot be written as a document: a backend knows those"
        " of prefect.schedules.filters and prefect.schedules.adjustments only. Use these."
    )


def test_a_filter_is_no_adjustment():
    with pytest.raises(ValidationError, match="is_weekday in `adjustments`"):
        serialize_schedule(Schedule([], adjustments=[filters.is_weekday]))


class OwnClock(clocks.Clock):
    pass


class OwnRule(rrulebase):
    pass


@pytest.mark.parametrize(
    ("clock", "message"),
    [
        (OwnClock(), "'OwnClock' is no clock that can be written as a document."),
        (
            clocks.CronClock("@daily", parameter_defaults={"x": {1}}),
            "`parameter_defaults` of CronClock cannot be written",
        ),
        (clocks.RRuleClock(OwnRule()), "'OwnRule' is neither an rrule nor an rruleset of dateutil."),
    ],
)
def test_a_clock_that_cannot_be_written_is_refused(clock, message):
    with pytest.raises(ValidationError) as caught:
        serialize_schedule(Schedule([clock]))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([None, {}], "The schedule is [None, {}], not a JSON object."),
        ({"clocks": [{"type": "Nope"}]}, "The clock 'Nope' is of an unknown type."),
        (
            clock_document(cron="nope"),
            "The clock 'CronClock' cannot be made from its document: Invalid cron string: nope.",
        ),
        (clock_document(cron=None), "The clock 'CronClock' has None as its 'cron',"),
        (clock_document(labels=[1]), "The clock 'CronClock' has [1] as its 'labels', which has to be a list of text."),
        (
            clock_document(end_date={"dt": "soon", "tz": "UTC"}),
            "A date of The clock 'CronClock' is 'soon', which is no moment.",
        ),
        (
            clock_document(end_date={"dt": "2020-01-01T00:00:00", "tz": "Nope/X"}),
            "A date of The clock 'CronClock' has the timezone 'Nope/X', which is unknown on this machine.",
        ),
        ({"clocks": [{"type": "IntervalClock", "interval": 0}]}, "The clock 'IntervalClock' cannot be made"),
        ({"clocks": [{"type": "IntervalClock", "interval": 10**30}]}, "The clock 'IntervalClock' cannot be made"),
        ({"clocks": [{"type": "DatesClock"}]}, "The clock 'DatesClock' cannot be made"),
        ({"clocks": [{"type": "RRuleClock"}]}, "The rule of a clock is None, not a JSON object."),
        (
            {
                "clocks": [
                    {
                        "type": "RRuleClock",
                        "rrule_obj": {
                            "type": "rrule",
                            "rr": "RRULE:FREQ=DAILY",
                            "_dtstart": "2020-01-01T00:00:00+01:00",
                            "tz": "Nowhere/Here",
                        },
                    }
                ]
            },
            "The rule of a clock has the timezone 'Nowhere/Here', which is unknown on this machine",
        ),
        (
            {"clocks": [{"type": "RRuleClock", "rrule_obj": {"type": "x"}}]},
            "The rule of a clock is of the unknown type 'x'.",
        ),
        (
            {"clocks": [{"type": "RRuleClock", "rrule_obj": {"type": "rrule", "rr": "FREQ=NEVER"}}]},
            "The rule of a clock is 'FREQ=NEVER', which is no recurrence rule",
        ),
        (
            {"filters": [{"fn": "os.system", "kwargs": {"command": "x"}}]},
            "A function in 'filters' of the schedule is {'fn': 'os.system', 'kwargs': {'command': 'x'}}, which is none of",
        ),
        (
            {"filters": [{"fn": "prefect.schedules.filters.at_time", "kwargs": {"t": "//time:nope"}}]},
            "A function in 'filters' of the schedule cannot be made again",
        ),
        (
            {"filters": [{"fn": "prefect.schedules.filters.at_time", "kwargs": [1]}]},
            "A function in 'filters' of the schedule cannot be made again",
        ),
    ],
)
def test_a_document_that_describes_no_schedule_is_refused(document, message):
    with pytest.raises(ValidationError) as caught:
        deserialize_schedule(document)

    assert str(caught.value).startswith(message)
