"""Schedules and the runs they make (backend.md §13.1 to §13.3)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prefect.exceptions import ClientError
from prefect.orchestration.flow_groups import set_default_parameters
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.flows import get_flow
from prefect.orchestration.registration import archive_flow
from prefect.orchestration.scheduler import schedule_all, schedule_flow, set_schedule_active, set_schedule_inactive
from prefect.orchestration.states import cancel_flow_run, set_flow_run_state

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"
DAILY = "0 9 * * *"
EVERY_MINUTE = "* * * * *"


@pytest.fixture
def store(clocked_store):
    """17 May 2024, 12:00:30 UTC, and time stands still."""
    return clocked_store


def times(store, flow_id=None):
    """When the runs are scheduled for, without seconds, in order."""
    runs = store.runs.newest()
    return sorted(run["scheduled_start_time"][:16] for run in runs if flow_id in (None, run["flow_id"]))


def minutes(first, last):
    return [f"2024-05-17T12:{minute:02}" for minute in range(first, last + 1)]


def counted(store, monkeypatch):
    """Files opened to be read, from now on."""
    opened = []
    open_to_read = store.system.open_to_read
    monkeypatch.setattr(store.system, "open_to_read", lambda path: opened.append(path) or open_to_read(path))
    return opened


# ---- making runs -----------------------------------------------------------------------------------------------------


def test_the_next_ten_events_have_a_run_each(store, register, cron):
    register(store, schedule=cron(EVERY_MINUTE))

    assert times(store) == minutes(1, 10)


def test_a_scheduled_run_says_what_made_it(store, register, cron):
    id = register(store, schedule=cron(DAILY), parameters={"x": 1}, run_config={"type": "LocalRun", "labels": ["gpu"]})

    run = min(store.runs.newest(), key=lambda run: run["scheduled_start_time"])

    assert run["auto_scheduled"] is True
    assert run["flow_id"] == id
    assert run["idempotency_key"] == "auto-scheduled:2024-05-18T09:00:00.000000+00:00"
    assert (run["state"]["type"], run["state"]["start_time"]) == ("Scheduled", "2024-05-18T09:00:00.000000+00:00")
    assert (run["parameters"], run["labels"]) == ({"x": 1}, ["gpu"])


def test_an_event_at_this_very_moment_is_past(store, clock, register, cron):
    clock.pass_time(seconds=30)

    register(store, schedule=cron(EVERY_MINUTE))

    assert times(store) == minutes(2, 11)


def test_as_time_goes_on_the_next_events_get_their_runs(store, clock, register, cron):
    register(store, schedule=cron(EVERY_MINUTE))
    clock.pass_time(minutes=2)

    assert len(schedule_all(store)) == 2

    assert times(store) == minutes(1, 12)


def test_what_was_missed_is_not_made_up_for(store, clock, register, cron):
    register(store, schedule=cron(EVERY_MINUTE))
    clock.pass_time(minutes=30)

    schedule_all(store)

    assert times(store) == [*minutes(1, 10), *minutes(31, 40)]


def test_scheduling_again_makes_nothing(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE))

    assert schedule_all(store) == []
    assert schedule_flow(store, get_flow(store, id)) == []
    assert set_schedule_active(store, id) is True

    assert times(store) == minutes(1, 10)


def test_the_time_may_be_given(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE))

    created = schedule_flow(store, get_flow(store, id), "2024-05-17T12:01:00.000000+00:00")

    assert (len(created), times(store)) == (1, minutes(1, 11))


def test_a_timezone_counts(store, register, cron):
    schedule = cron(DAILY)
    schedule["clocks"][0]["start_date"] = {"dt": "2024-01-01T00:00:00", "tz": "Europe/Berlin"}

    register(store, schedule=schedule)

    assert times(store)[0] == "2024-05-18T07:00"


def test_a_schedule_that_ends_makes_what_is_left(store, register, cron):
    schedule = cron(EVERY_MINUTE)
    schedule["clocks"][0]["end_date"] = {"dt": "2024-05-17T12:02:00", "tz": "UTC"}

    register(store, schedule=schedule)

    assert times(store) == minutes(1, 2)


def test_a_run_that_somebody_deleted_does_not_come_back(store, clock, register, cron):
    register(store, schedule=cron(EVERY_MINUTE))
    third = next(run for run in store.runs.newest() if run["scheduled_start_time"][:16] == minutes(3, 3)[0])
    store.runs.delete(third["id"])
    clock.pass_time(minutes=1)

    schedule_all(store)

    assert times(store) == [*minutes(1, 2), *minutes(4, 11)]


def test_a_run_that_somebody_cancelled_is_not_made_again(store, register, cron):
    register(store, schedule=cron(EVERY_MINUTE))
    cancel_flow_run(store, next(store.runs.newest_ids()))

    assert schedule_all(store) == []


def test_the_runs_of_one_flow_do_not_count_for_another(store, register, cron):
    ids = [register(store, name, schedule=cron(EVERY_MINUTE)) for name in ("a", "b")]

    assert [times(store, id) for id in ids] == [minutes(1, 10)] * 2


# ---- clocks with parameters and labels -------------------------------------------------------------------------------


def test_clocks_that_fire_at_once_with_different_parameters_make_a_run_each(store, register, cron):
    register(store, parameters={"x": 0}, schedule=cron((DAILY, {"x": 1}, None), (DAILY, {"x": 2}, None)))

    first = [run for run in store.runs.newest() if run["scheduled_start_time"].startswith("2024-05-18")]

    assert sorted(run["parameters"]["x"] for run in first) == [1, 2]
    assert len({run["idempotency_key"] for run in first}) == 2


def test_clocks_that_fire_at_once_with_the_same_parameters_make_one_run(store, register, cron):
    register(store, parameters={"x": 0}, schedule=cron((DAILY, {"x": 1}, ["a"]), (DAILY, {"x": 1}, ["a"])))

    assert len(times(store)) == len(set(times(store)))


@pytest.mark.parametrize(("labels", "expected"), [(["b", "a"], ["a", "b"]), (None, ["gpu"]), ([], [])])
def test_labels_of_a_clock_win_over_those_of_the_flow(store, register, cron, labels, expected):
    register(store, schedule=cron((DAILY, None, labels)), run_config={"type": "LocalRun", "labels": ["gpu"]})

    assert next(store.runs.newest())["labels"] == expected


def test_an_event_with_parameters_is_never_taken_for_done(store, register, cron):
    """Deleting its run before its time brings it back."""
    register(store, parameters={"x": 0}, schedule=cron((EVERY_MINUTE, {"x": 1}, None)))
    third = next(run for run in store.runs.newest() if run["scheduled_start_time"][:16] == minutes(3, 3)[0])
    store.runs.delete(third["id"])

    schedule_all(store)

    assert times(store) == minutes(1, 10)


def test_parameters_that_the_flow_does_not_have_do_not_stop_its_schedule(store, register, cron):
    register(store, schedule=cron((DAILY, {"gone": 1}, None)))

    assert len(times(store)) == 10


# ---- switching -------------------------------------------------------------------------------------------------------


def test_switching_a_schedule_on_makes_runs_at_once(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE), set_schedule_active=False)

    assert set_schedule_active(store, id) is True

    assert get_flow(store, id)["is_schedule_active"] is True
    assert times(store) == minutes(1, 10)


def test_without_a_schedule_there_is_nothing_to_switch_on(store, register):
    assert set_schedule_active(store, register(store)) is False
    assert set_schedule_active(store, UNKNOWN) is False


def test_a_schedule_must_supply_what_the_flow_requires(store, register, cron):
    schedule = cron((DAILY, {"x": 1}, None), (DAILY, {"x": 1, "y": 2}, None))
    id = register(store, parameters={"x": ..., "y": ..., "z": 0}, schedule=schedule, set_schedule_active=False)

    with pytest.raises(ClientError) as caught:
        set_schedule_active(store, id)

    assert str(caught.value) == (
        "Can not schedule a flow that has required parameters. The schedule of 'etl' gives no value for 'y':"
        " set it as a parameter default of every clock, or of the flow."
    )
    assert (get_flow(store, id)["is_schedule_active"], times(store)) == (False, [])


def test_default_parameters_of_the_group_supply_what_the_clocks_lack(store, register, cron):
    id = register(store, parameters={"x": ...}, schedule=cron(DAILY), set_schedule_active=False)
    set_default_parameters(store, get_flow(store, id)["flow_group_id"], {"x": 1})

    assert set_schedule_active(store, id) is True

    assert {run["parameters"]["x"] for run in store.runs.newest()} == {1}


def test_switching_a_schedule_off_deletes_its_waiting_runs_and_no_others(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE))
    other = register(store, "other", schedule=cron(DAILY))
    manual, _ = create_flow_run(store, flow_id=id)
    first = min(store.runs.newest(), key=lambda run: (run["flow_id"] != id, run["scheduled_start_time"]))
    submitted = next(
        run
        for run in store.runs.newest()
        if run["flow_id"] == id and run["scheduled_start_time"][:16] == minutes(1, 1)[0]
    )
    set_flow_run_state(store, submitted["id"], {"type": "Submitted"})

    assert set_schedule_inactive(store, id) is True

    assert {run["id"] for run in store.runs.newest() if run["flow_id"] == id} == {manual["id"], submitted["id"]}
    assert len(times(store, other)) == 10
    assert schedule_all(store) == []
    assert first["flow_id"] == id


def test_switching_off_twice_is_no_error_and_an_unknown_flow_is_told(store, register, cron):
    id = register(store, schedule=cron(DAILY))

    answers = [set_schedule_inactive(store, flow_id) for flow_id in (id, id, UNKNOWN, "../x")]

    assert answers == [True, True, False, False]


def test_switched_off_and_on_the_runs_come_back(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE))
    set_schedule_inactive(store, id)

    set_schedule_active(store, id)

    assert times(store) == minutes(1, 10)


def test_an_archived_flow_makes_no_runs(store, register, cron):
    id = register(store, schedule=cron(EVERY_MINUTE))
    archive_flow(store, id)

    assert set_schedule_active(store, id) is True
    assert (schedule_all(store), times(store)) == ([], [])


# ---- one pass over all -----------------------------------------------------------------------------------------------


def test_a_pass_over_an_empty_store_writes_nothing(store, tmp_path):
    assert schedule_all(store) == []
    assert list(tmp_path.iterdir()) == []


def test_one_flow_that_cannot_be_scheduled_does_not_stop_the_others(store, clock, register, cron, caplog):
    broken = register(store, "broken", schedule={"clocks": [{"type": "MoonClock"}]})
    register(store, "etl", schedule=cron(EVERY_MINUTE))
    clock.pass_time(minutes=1)
    caplog.clear()

    assert len(schedule_all(store)) == 1

    (record,) = caplog.records
    assert record.getMessage().startswith(
        f"No runs were scheduled for the flow 'broken' ({broken}). The schedule of 'broken' makes no sense: "
    )
    assert record.getMessage().endswith(" Set another one.")


def test_what_cannot_be_scheduled_is_said_once(store, register, caplog):
    register(store, "broken", schedule={"clocks": [{"type": "MoonClock"}]})
    known = {}
    schedule_all(store, known)
    caplog.clear()

    schedule_all(store, known)

    assert caplog.records == []


def test_where_nothing_is_to_be_done_a_pass_reads_only_the_group(store, register, cron, monkeypatch):
    group_id = get_flow(store, register(store, schedule=cron(EVERY_MINUTE)))["flow_group_id"]
    register(store, "unscheduled")
    known = {}
    schedule_all(store, known)
    opened = counted(store, monkeypatch)

    assert schedule_all(store, known) == []

    assert [group_id in path for path in opened] == [True]


def test_what_is_kept_between_passes_hides_no_change(store, clock, register, cron):
    known = {}
    id = register(store, schedule=cron(DAILY))
    schedule_all(store, known)
    register(store, "second", schedule=cron(DAILY))
    set_schedule_inactive(store, id)
    schedule_all(store, known)
    store.flows.update(id, {"is_schedule_active": True})

    assert len(schedule_all(store, known)) == 10

    clock.pass_time(hours=24)
    assert len(schedule_all(store, known)) == 2


def test_a_change_of_the_group_is_seen_by_the_next_pass(store, register, cron):
    known = {}
    id = register(store, schedule=cron(DAILY))
    schedule_all(store, known)
    store.documents("groups").update(get_flow(store, id)["flow_group_id"], {"schedule": cron(EVERY_MINUTE)})

    schedule_all(store, known)

    assert times(store)[:10] == minutes(1, 10)


_SCHEDULE = """
import sys
from prefect.orchestration.scheduler import schedule_all
from prefect.storage.state.store import Store
store = Store(sys.argv[1], durability="process")
sys.stdin.readline()
print(len(schedule_all(store)))
"""


def test_no_event_makes_two_runs_whatever_number_of_processes_schedule(store, register, cron):
    schedule = cron(DAILY)
    # The processes have the real time, which must not pass an event meanwhile.
    schedule["clocks"][0]["start_date"] = {"dt": "2090-01-01T00:00:00", "tz": "UTC"}
    ids = [register(store, name, schedule=schedule, set_schedule_active=False) for name in ("a", "b", "c")]
    for id in ids:
        store.flows.update(id, {"is_schedule_active": True})
    pipe = subprocess.PIPE
    arguments = [sys.executable, "-c", _SCHEDULE, store.root]
    processes = [subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True) for _ in range(5)]

    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    created = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(created) == 30
    for id in ids:
        assert len(times(store, id)) == len(set(times(store, id))) == 10
