"""Schedules of flow groups (backend.md §13.4)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.flow_groups import get_group
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.flows import get_flow
from prefect.orchestration.group_schedules import delete_flow_group_schedule, set_flow_group_schedule
from prefect.orchestration.scheduler import set_schedule_active

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"
DAILY = "0 9 * * *"


@pytest.fixture
def store(clocked_store):
    """17 May 2024, 12:00:30 UTC, and time stands still."""
    return clocked_store


@pytest.fixture
def flow(store, register, cron):
    """A flow that runs daily."""
    return get_flow(store, register(store, schedule=cron(DAILY)))


def hours(store):
    return sorted({run["scheduled_start_time"][11:16] for run in store.runs.newest() if run["auto_scheduled"]})


def test_the_schedule_of_a_group_is_kept_in_the_form_of_1x(store, flow):
    set_flow_group_schedule(
        store,
        flow["flow_group_id"],
        cron_clocks=[{"cron": "0 8 * * *", "parameter_defaults": {"x": 1}}],
        interval_clocks=[{"interval": 3600}],
        timezone="Europe/Berlin",
    )

    start = {"dt": "2024-05-17T14:00:30", "tz": "Europe/Berlin"}
    assert get_group(store, flow["flow_group_id"])["schedule"] == {
        "type": "Schedule",
        "clocks": [
            {"type": "CronClock", "cron": "0 8 * * *", "start_date": start, "parameter_defaults": {"x": 1}},
            {"type": "IntervalClock", "interval": 3_600_000_000, "start_date": start, "parameter_defaults": {}},
        ],
    }


def test_without_a_timezone_there_is_no_start(store, flow):
    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": DAILY}])

    assert get_group(store, flow["flow_group_id"])["schedule"]["clocks"][0]["start_date"] is None


def test_a_new_schedule_replaces_the_waiting_runs_at_once(store, flow):
    assert hours(store) == ["09:00"]

    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": "0 6 * * *"}])

    assert hours(store) == ["06:00"]
    assert len(list(store.runs.newest())) == 10


def test_a_timezone_decides_what_the_clocks_mean(store, flow):
    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": DAILY}], timezone="Asia/Tokyo")

    assert hours(store) == ["00:00"]


def test_runs_created_by_hand_stay(store, flow):
    manual, _ = create_flow_run(store, flow_id=flow["id"], scheduled_start_time="2030-01-01")

    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": "0 6 * * *"}])

    assert manual["id"] in set(store.runs.newest_ids())


def test_setting_a_schedule_switches_nothing_on(store, register):
    flow = get_flow(store, register(store))

    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": DAILY}])

    assert (hours(store), get_flow(store, flow["id"])["is_schedule_active"]) == ([], False)
    assert set_schedule_active(store, flow["id"]) is True
    assert hours(store) == ["09:00"]


def test_the_schedule_of_a_group_survives_a_new_version(store, flow, register, cron):
    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": "0 6 * * *"}])

    register(store, schedule=cron(DAILY))

    assert hours(store) == ["06:00"]


def test_without_it_the_schedule_of_the_flow_counts_again(store, flow):
    set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": "0 6 * * *"}])

    delete_flow_group_schedule(store, flow["flow_group_id"])

    assert get_group(store, flow["flow_group_id"])["schedule"] is None
    assert hours(store) == ["09:00"]


@pytest.mark.parametrize("timezone", ["Mars/Base", "../etc/passwd", "", "Europe", "x" * 300, "nul\0"])
def test_the_timezone_must_exist(store, flow, timezone):
    with pytest.raises(ClientError) as caught:
        set_flow_group_schedule(store, flow["flow_group_id"], cron_clocks=[{"cron": DAILY}], timezone=timezone)

    assert str(caught.value) == (
        f"Invalid timezone provided for schedule: {timezone!r}. Give a name such as 'Europe/Berlin'."
    )


@pytest.mark.parametrize(
    ("clocks", "reason"),
    [
        ({}, "there is none. Give one, or delete the schedule of the group."),
        ({"cron_clocks": [{"cron": "every day"}]}, "Invalid cron string: every day"),
        ({"cron_clocks": [{}]}, ""),
        ({"cron_clocks": [{"cron": "0 0 30 2 *"}]}, ""),
        ({"interval_clocks": [{}]}, "its interval is None, and it must be a number of seconds."),
        ({"interval_clocks": [{"interval": "60"}]}, "its interval is '60', and it must be a number of seconds."),
        ({"interval_clocks": [{"interval": 59}]}, "its interval is 59 s, and it must be at least 60 s."),
        ({"interval_clocks": [{"interval": float("nan")}]}, "its interval is nan s, and it must be at least 60 s."),
        ({"interval_clocks": [{"interval": 1e30}]}, ""),
        ({"interval_clocks": [{"interval": float("inf")}]}, ""),
    ],
)
def test_a_clock_that_makes_no_sense_is_refused(store, flow, clocks, reason):
    with pytest.raises(ClientError) as caught:
        set_flow_group_schedule(store, flow["flow_group_id"], **clocks)

    assert str(caught.value).startswith("Invalid clock provided for schedule: ")
    assert reason in str(caught.value)
    assert hours(store) == ["09:00"]


@pytest.mark.parametrize("id", [UNKNOWN, "../x"])
def test_an_unknown_group_has_no_schedule(store, id):
    with pytest.raises(ObjectNotFoundError):
        set_flow_group_schedule(store, id, cron_clocks=[{"cron": DAILY}])
    with pytest.raises(ObjectNotFoundError):
        delete_flow_group_schedule(store, id)
