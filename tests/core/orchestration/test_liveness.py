"""Runs whose process has ended without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from prefect.orchestration import flow_groups, limits
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.liveness import check_run, hand_over, process_identity, record_dead_runs, record_exit
from prefect.orchestration.logs import get_logs
from prefect.orchestration.queue import claim, runs_in_queue
from prefect.orchestration.states import cancel_flow_run, leave_flow_run, set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run, task_runs
from prefect.storage.state.errors import NotFound
from prefect.storage.state.layout import member, new_run_id

HOST = os.uname().nodename


def gone(**fields) -> dict:
    """The identity of a process that is there no more."""
    identity = process_identity()
    return {**identity, "pid": 123, "started": -1, **fields}


@pytest.fixture
def create(store, register):
    """Creates a run and returns its id."""
    flow_id = register(store, tasks=("extract", "load"))
    return lambda: create_flow_run(store, flow_id=flow_id)[0]["id"]


@pytest.fixture
def running(store, create):
    """Lets a process execute a run and returns the run's id."""

    def begin(process):
        run_id = create()
        set_flow_run_state(store, run_id, {"type": "Running"}, process=process)
        return run_id

    return begin


@pytest.fixture
def loading(store, running):
    """A run whose process is gone; its first task run has ended, its second was running."""
    run_id = running(gone())
    set_task_run_state(store, member(run_id, 1), {"type": "Success"})
    set_task_run_state(store, member(run_id, 2), {"type": "Running"})
    return run_id


def silent(store, run_id, minutes: float) -> None:
    """Make the last sign of life of a run older."""
    then = time.time() - minutes * 60
    os.utime(store.layout.active(run_id), (then, then))


def message(run) -> str:
    return run["state"]["message"]


# ---- a process that is gone ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not os.path.exists("/proc/self/ns/pid"), reason="the system has no PID namespaces")
def test_a_run_that_a_process_of_another_container_executes_is_alive_while_its_lock_is_held(store, running):
    hidden = {**process_identity(), "pid": 7, "pid_namespace": 1}
    run_id = running(hidden)
    with store.runs.hold(run_id):
        while_held = check_run(store, run_id)["state"]["type"]
    afterwards = check_run(store, run_id)["state"]["type"]

    assert (while_held, afterwards) == ("Running", "Failed")


@pytest.mark.skipif(not os.path.exists("/proc/self/ns/pid"), reason="the system has no PID namespaces")
def test_a_run_that_another_container_has_taken_and_not_begun_is_given_time(store, create):
    run_id = create()
    set_flow_run_state(store, run_id, {"type": "Submitted"}, process={**process_identity(), "pid_namespace": 1})

    assert check_run(store, run_id)["state"]["type"] == "Submitted"


def test_a_run_whose_process_is_gone_has_failed_with_the_reason(store, loading):
    run = check_run(store, loading)

    reason = f"The process that ran it (PID 123 on {HOST}) ended without a word while task 'load-1' was running."
    assert run["state"] == {"type": "Failed", "message": reason}
    assert (run["live"], run["due"]) == (False, None)
    assert run["end_time"] is not None
    assert store.runs.get(loading) == run


def test_what_it_was_running_has_failed_too(store, loading):
    run = check_run(store, loading)

    states = [task_run["state"] for task_run in task_runs(store, loading)]
    assert states == [{"type": "Success"}, run["state"]]


def test_the_log_of_the_run_says_so(store, loading):
    run = check_run(store, loading)

    (line,) = get_logs(store, loading)
    assert (line["level"], line["name"], line["message"]) == ("ERROR", "prefect.liveness", message(run))


def test_looking_again_changes_nothing(store, loading):
    first = check_run(store, loading)

    assert check_run(store, loading) == first
    assert len(get_logs(store, loading)) == 1


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "while no task was running."),
        (1, "while task 'load-1[0]' was running."),
        (2, "while tasks 'load-1[0]', 'load-1[1]' were running."),
        (5, "while tasks 'load-1[0]', 'load-1[1]', 'load-1[2]' and 2 more were running."),
    ],
)
def test_the_reason_names_what_was_running(store, running, count, expected):
    run_id = running(gone())
    for index in range(count):
        child = get_or_create_task_run(store, run_id, task_slug="load-1", map_index=index)
        set_task_run_state(store, child["id"], {"type": "Running"})

    assert message(check_run(store, run_id)).endswith(f"ended without a word {expected}")


def test_after_a_restart_of_the_machine_its_runs_have_failed(store, running):
    run_id = running(gone(boot_id="another life"))

    assert message(check_run(store, run_id)) == f"The machine {HOST} was restarted while no task was running."


def test_a_run_that_was_being_cancelled_has_failed(store, running):
    run_id = running(gone())
    set_flow_run_state(store, run_id, {"type": "Cancelling"})

    assert check_run(store, run_id)["state"]["type"] == "Failed"


def test_its_slots_are_free(store, running, register):
    limit_id = limits.update_flow_concurrency_limit(store, "gpu", 1)
    run_id = create_flow_run(store, flow_id=register(store), labels=["gpu"])[0]["id"]
    set_flow_run_state(store, run_id, {"type": "Running"}, process=gone())

    check_run(store, run_id)

    assert store.slots.holders(limit_id) == []


def test_whoever_looks_at_all_runs_is_told_which_have_failed(store, running, loading, create):
    create()
    running(process_identity())

    assert record_dead_runs(store) == [loading]
    assert record_dead_runs(store) == []


def test_an_unknown_run_is_not_found(store):
    with pytest.raises(NotFound):
        check_run(store, new_run_id(0))


# ---- a process that is not ---------------------------------------------------------------------------------------------


def test_a_run_whose_process_is_there_is_left_alone(store, running):
    run_id = running(process_identity())

    assert check_run(store, run_id) == store.runs.get(run_id)


def test_a_run_that_some_process_holds_is_left_alone(store, loading):
    with store.runs.hold(loading):
        assert check_run(store, loading)["state"]["type"] == "Running"

    assert check_run(store, loading)["state"]["type"] == "Failed"


def test_a_run_that_was_not_picked_up_is_left_alone(store, create):
    run_id = create()

    assert check_run(store, run_id) == store.runs.get(run_id)


def test_a_finished_run_is_left_alone(store, running):
    run_id = running(gone())
    _, run = set_flow_run_state(store, run_id, {"type": "Success"})

    assert check_run(store, run_id) == run


def test_a_run_that_waits_for_its_task_runs_is_left_alone(store, running):
    run_id = running(gone())
    set_task_run_state(store, member(run_id, 1), {"type": "Retrying", "start_time": "2099-01-01T00:00:00Z"})
    leave_flow_run(store, run_id)
    silent(store, run_id, minutes=60)

    assert check_run(store, run_id)["state"]["type"] == "Running"


# ---- killed for real ---------------------------------------------------------------------------------------------------

EXECUTE = """
import sys
from prefect.orchestration.processes import process_identity
from prefect.orchestration.states import set_flow_run_state, set_task_run_state
from prefect.storage.state.store import Store

store, run_id, task_run_id = Store(sys.argv[1], durability="process"), sys.argv[2], sys.argv[3]
set_flow_run_state(store, run_id, {"type": "Running"}, process=process_identity())
with store.runs.hold(run_id):
    set_task_run_state(store, task_run_id, {"type": "Running"}, run_is_running_known=True)
    print("ready", flush=True)
    sys.exit(int(sys.stdin.readline()))
"""


@pytest.fixture
def executed(store, create):
    """A run and the process that executes it until it is told an exit code."""
    run_id = create()
    process = subprocess.Popen(
        [sys.executable, "-c", EXECUTE, store.root, run_id, member(run_id, 2)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    yield run_id, process
    process.kill()
    process.communicate()


def test_a_run_is_left_alone_until_its_process_is_killed(store, executed):
    run_id, process = executed
    before = check_run(store, run_id)["state"]["type"]
    process.kill()
    process.wait()

    run = check_run(store, run_id)

    assert before == "Running"
    assert message(run) == (
        f"The process that ran it (PID {process.pid} on {HOST}) ended without a word while task 'load-1' was running."
    )


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the system has no /proc")
def test_the_signal_is_named_while_the_system_knows_it(store, executed):
    run_id, process = executed
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert message(check_run(store, run_id)) == (
        f"The process that ran it (PID {process.pid} on {HOST}) was ended by the signal SIGKILL"
        " while task 'load-1' was running."
    )


def test_the_signal_is_named_by_who_started_the_process(store, executed):
    run_id, process = executed
    process.terminate()

    run = record_exit(store, run_id, process.wait())

    assert message(run) == (
        f"The process that ran it (PID {process.pid} on {HOST}) was ended by the signal SIGTERM"
        " while task 'load-1' was running."
    )


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_named_by_who_started_the_process(store, executed, code):
    run_id, process = executed
    process.communicate(f"{code}\n")

    run = record_exit(store, run_id, process.returncode)

    assert f"ended with exit code {code} while task 'load-1' was running." in message(run)


def test_the_exit_of_a_run_that_has_finished_changes_nothing(store, running):
    run_id = running(gone())
    _, run = set_flow_run_state(store, run_id, {"type": "Success"})

    assert record_exit(store, run_id, -signal.SIGKILL) == run


def test_the_exit_of_a_process_whose_run_waits_changes_nothing(store, running):
    run_id = running(gone())
    set_task_run_state(store, member(run_id, 1), {"type": "Paused"})
    run = leave_flow_run(store, run_id)

    assert record_exit(store, run_id, 0) == run


def test_a_process_that_ends_before_its_run_begins_fails_it(store, create):
    create()
    (run,) = claim(store, None, [], process=gone())

    assert message(record_exit(store, run["id"], 1)) == (
        f"The process that ran it (PID 123 on {HOST}) ended with exit code 1 before the run began."
    )


# ---- lost before it began ----------------------------------------------------------------------------------------------


def test_a_run_whose_agent_died_before_it_began_is_scheduled_again(store, create):
    run_id = create()
    claim(store, "an agent", [], process=gone())

    assert record_dead_runs(store) == []

    run = store.runs.get(run_id)
    assert (run["state"]["type"], message(run)) == ("Scheduled", "Rescheduled by a Lazarus process.")
    assert (run["times_resurrected"], run["live"], run["process"]) == (1, False, None)
    assert runs_in_queue(store, []) == [run_id]
    (line,) = get_logs(store, run_id)
    assert (line["level"], line["message"]) == (
        "INFO",
        "Rescheduled by a Lazarus process. This is attempt 1 of 3."
        f" The process that ran it (PID 123 on {HOST}) ended without a word before the run began.",
    )


def test_a_run_is_scheduled_again_three_times_at_most(store, create):
    run_id = create()
    for _ in range(4):
        claim(store, None, [], process=gone())
        check_run(store, run_id)

    run = store.runs.get(run_id)
    assert (run["state"]["type"], run["times_resurrected"]) == ("Failed", 3)
    assert message(run).endswith("before the run began. It was scheduled again 3 times; no attempts are left.")


def test_where_that_is_disabled_it_has_failed(store, create):
    run_id = create()
    flow_groups.set_lazarus_enabled(store, store.runs.get(run_id)["flow_id"], False)
    claim(store, None, [], process=gone())

    assert check_run(store, run_id)["state"]["type"] == "Failed"


def test_a_running_run_that_was_taken_again_but_not_begun_is_due_again(store, running):
    run_id = running(gone())
    set_task_run_state(store, member(run_id, 1), {"type": "Retrying"})
    leave_flow_run(store, run_id)
    claim(store, None, [], process=gone())

    run = check_run(store, run_id)

    assert (run["state"]["type"], run["times_resurrected"], run["process"]) == ("Running", 1, None)
    assert runs_in_queue(store, []) == [run_id]
    assert [one["id"] for one in claim(store, None, [])] == [run_id]


def test_a_process_that_is_handed_a_run_answers_for_it(store, create):
    run_id = create()
    claim(store, None, [], process=process_identity())
    before = check_run(store, run_id)["state"]["type"]

    hand_over(store, run_id, gone())

    assert (before, store.runs.get(run_id)["process"]) == ("Submitted", gone())


def test_a_process_that_has_begun_already_is_not_replaced(store, create):
    run_id = create()
    claim(store, None, [], process=process_identity())
    set_flow_run_state(store, run_id, {"type": "Running"}, process=gone())

    hand_over(store, run_id, gone(pid=7))

    assert store.runs.get(run_id)["process"] == gone()


# ---- processes that cannot be asked for --------------------------------------------------------------------------------


@pytest.mark.parametrize("process", [None, gone(host="elsewhere")])
def test_with_recent_heartbeats_a_run_is_left_alone(store, running, clock, process):
    run_id = running(process)
    silent(store, run_id, minutes=9)

    assert check_run(store, run_id)["state"]["type"] == "Running"


@pytest.fixture
def old(clocked_store, clock, register):
    """A run that a process elsewhere began eleven minutes ago."""
    run_id = create_flow_run(clocked_store, flow_id=register(clocked_store))[0]["id"]
    set_flow_run_state(clocked_store, run_id, {"type": "Running"}, process=gone(host="elsewhere"))
    then = clock.time.timestamp()
    os.utime(clocked_store.layout.active(run_id), (then, then))
    clock.pass_time(minutes=11)
    return run_id


def test_ten_minutes_after_the_last_heartbeat_a_run_has_failed(clocked_store, old):
    run = check_run(clocked_store, old)

    assert run["state"]["type"] == "Failed"
    assert message(run) == (
        "The process that ran it (PID 123 on elsewhere) has sent no heartbeat for 11 minutes;"
        " it ended or lost its connection while no task was running."
    )


def test_a_heartbeat_keeps_it_alive(clocked_store, old, clock):
    now = clock.time.timestamp()
    os.utime(clocked_store.layout.active(old), (now, now))

    assert check_run(clocked_store, old)["state"]["type"] == "Running"


def test_where_heartbeats_are_disabled_they_do_not_decide(clocked_store, old):
    flow_groups.set_heartbeat_enabled(clocked_store, clocked_store.runs.get(old)["flow_id"], False)

    assert check_run(clocked_store, old)["state"]["type"] == "Running"


# ---- races -------------------------------------------------------------------------------------------------------------


def test_what_happens_meanwhile_wins(store, loading, monkeypatch):
    held = store.runs.is_held

    def finish_first(id):
        set_flow_run_state(store, id, {"type": "Success"})
        return held(id)

    monkeypatch.setattr(store.runs, "is_held", finish_first)

    assert check_run(store, loading)["state"]["type"] == "Success"
    assert get_logs(store, loading) == []


# ---- what stands in the way ------------------------------------------------------------------------------------------


def test_a_run_that_cannot_be_read_does_not_stop_the_others_and_is_told_once(store, running, caplog):
    damaged, other = running(gone()), running(gone())
    with open(store.layout.run(damaged), "a") as file:
        file.write("no JSON\n")

    assert record_dead_runs(store) == [other]
    assert record_dead_runs(store) == []
    (told,) = caplog.records
    assert (told.levelname, told.name, damaged in told.message) == ("WARNING", "prefect.liveness", True)


def test_a_run_whose_flow_is_gone_can_be_ended(store, running, create):
    lost, waiting = running(gone()), create()
    os.unlink(store.layout.flow(store.runs.get(lost)["flow_id"]))

    assert record_dead_runs(store) == [lost]
    assert message(store.runs.get(lost)).endswith("while no task was running.")
    assert cancel_flow_run(store, waiting)["type"] == "Cancelled"


def test_a_marker_that_a_crash_has_left_is_removed(store, create):
    for id in (create(), new_run_id(0)):
        store.files.mark(store.layout.active(id), durable=False)

    assert record_dead_runs(store) == []
    assert store.runs.active() == []


def test_the_marker_of_a_run_that_is_about_to_begin_is_left(store, create):
    run_id = create()

    with store.runs.hold(run_id):
        record_dead_runs(store)

        assert store.runs.active() == [run_id]


# ---- runs that their creator executes itself -------------------------------------------------------------------------


def test_a_run_whose_creator_ends_before_it_executes_it_has_failed(store, register):
    run, _ = create_flow_run(store, flow_id=register(store), labels=["mine"], process=gone(pid=77))

    assert record_dead_runs(store) == [run["id"]]
    assert check_run(store, run["id"])["state"]["message"] == (
        f"The process that ran it (PID 77 on {HOST}) ended without a word before the run began."
    )
    assert runs_in_queue(store, ["mine"]) == []


def test_a_run_whose_creator_lives_is_left_to_it(store, register):
    run, _ = create_flow_run(store, flow_id=register(store), process=process_identity())

    assert record_dead_runs(store) == []
    assert check_run(store, run["id"])["state"]["type"] == "Scheduled"
