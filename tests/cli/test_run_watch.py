"""``prefect run --watch``. Source: cli.md §3.9, §3.11, §3.12; DESIGN §4 decisions 3, 4 and 6."""

from __future__ import annotations

import re
from functools import partial

import pytest
from watched_run import Run

from prefect.backend.watching import watch_flow_run
from prefect.cli.signals import Terminated
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.flows import find_flow
from prefect.orchestration.liveness import record_failure
from prefect.orchestration.states import cancel_flow_run
from prefect.storage.state.store import Store


@pytest.fixture
def store(backend, clock, monkeypatch):
    """That of the configured backend, which the client reaches as well; in it time stands still."""
    store = Store(backend.root, durability="process", system=clock)
    monkeypatch.setattr("prefect.orchestration.opening.local_store", lambda: store)
    return store


@pytest.fixture
def run(store, register):
    register("etl", tasks=("extract", "load"))
    return Run(store)


@pytest.fixture
def happens(monkeypatch, clock):
    """Sets what happens one after the other, a second apart, while the command waits."""

    def set_up(*steps):
        waiting = list(steps)

        def sleep(seconds):
            clock.pass_time(seconds=1)
            waiting.pop(0)()

        watched = partial(watch_flow_run, sleep=sleep, clock=lambda: clock.time.timestamp())
        monkeypatch.setattr("prefect.backend.flow_run.watch_flow_run", watched)

    return set_up


def interrupt(kind=KeyboardInterrupt):
    raise kind


def watched(text):
    """Return what comes after the description of the run."""
    return text.partition("Watching flow run execution...\n")[2]


# ---- plain lines -------------------------------------------------------------------------------------------------------


def test_states_and_logs_are_shown_line_by_line(prefect, run, happens):
    happens(
        lambda: run.set("Running", "Running flow."),
        lambda: run.log("one\ntwo"),
        lambda: run.log("careful", "WARNING"),
        lambda: run.set("Success", "All reference tasks succeeded."),
    )

    done = prefect("run", "-n", "etl", "--watch")

    assert (done.exit_code, done.stderr) == (0, "")
    assert watched(done.stdout) == (
        "└── 12:00:30 | INFO    | Entered state <Scheduled>: Flow run scheduled.\n"
        "└── 12:00:31 | INFO    | Entered state <Running>: Running flow.\n"
        "└── 12:00:32 | INFO    | one\n"
        "└── 12:00:32 | INFO    | two\n"
        "└── 12:00:33 | WARNING | careful\n"
        "└── 12:00:34 | INFO    | Entered state <Success>: All reference tasks succeeded.\n"
        "Flow run succeeded!\n"
    )


def test_only_what_has_a_colour_has_escape_sequences(prefect, run, happens):
    happens(lambda: run.log("careful", "WARNING"), run.succeed)

    done = prefect("run", "-n", "etl", "--watch", "-q", env={"FORCE_COLOR": "1", "TERM": "xterm"})

    assert done.stderr.splitlines()[:2] == [
        "└── 12:00:30 | INFO    | Entered state <Scheduled>: Flow run scheduled.",
        "\x1b[33m└── 12:00:31 | WARNING | careful\x1b[0m",
    ]


def test_without_logs_only_states_are_shown(prefect, run, happens):
    happens(lambda: run.log("one"), run.succeed)

    assert watched(prefect("run", "-n", "etl", "--watch", "--no-logs").stdout) == (
        "└── 12:00:30 | INFO    | Entered state <Scheduled>: Flow run scheduled.\n"
        "└── 12:00:32 | INFO    | Entered state <Running>: Running flow.\n"
        "└── 12:00:32 | INFO    | Entered state <Success>: All reference tasks succeeded.\n"
        "Flow run succeeded!\n"
    )


def test_a_quiet_run_prints_its_id_and_the_lines_go_to_stderr(prefect, run, happens):
    happens(lambda: run.log("one"), run.succeed)

    done = prefect("run", "-n", "etl", "--watch", "-q")

    assert (done.exit_code, done.stdout) == (0, f"{run.record['id']}\n")
    assert done.stderr == (
        "└── 12:00:30 | INFO    | Entered state <Scheduled>: Flow run scheduled.\n"
        "└── 12:00:31 | INFO    | one\n"
        "└── 12:00:32 | INFO    | Entered state <Running>: Running flow.\n"
        "└── 12:00:32 | INFO    | Entered state <Success>: All reference tasks succeeded.\n"
    )


# ---- how it ended ------------------------------------------------------------------------------------------------------


def test_a_failed_run_exits_with_1_and_names_the_first_cause(prefect, run, happens):
    def fail():
        run.set("Running")
        run.set_task("extract", "Failed", "Unexpected error: RuntimeError('no')")
        run.set_task("load", "TriggerFailed", "Some upstream task failed.")
        run.set("Failed", "Some reference tasks failed.")

    happens(fail)

    done = prefect("run", "-n", "etl", "--watch")

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert done.stderr == "Task 'extract' failed: RuntimeError: no (1 could not run because of that)\n"


def test_a_run_whose_process_died_says_so(prefect, run, happens):
    def die():
        run.set("Running")
        run.set_task("extract", "Running")
        record_failure(run.store, run.record["id"], "The process that ran it was ended by the signal SIGKILL.")

    happens(die)

    done = prefect("run", "-n", "etl", "--watch", "--run-name", "crafty-otter")

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "Flow run failed!")
    assert done.stderr == (
        "The flow run 'crafty-otter' failed: The process that ran it was ended by the signal SIGKILL. That was while"
        " task 'extract-1' was running.\n"
    )


def test_a_cancelled_run_did_not_succeed(prefect, run, happens):
    happens(lambda: cancel_flow_run(run.store, run.record["id"]))

    done = prefect("run", "-n", "etl", "--watch", "--run-name", "crafty-otter")

    shown = '<Cancelled: "Flow run is cancelled">'
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, f"Flow run is in unexpected state: {shown}")
    assert done.stderr == f"The flow run 'crafty-otter' did not succeed: it is {shown}.\n"


def test_watching_for_half_a_day_is_enough(prefect, run, happens, clock):
    happens(lambda: clock.pass_time(hours=13))

    done = prefect("run", "-n", "etl", "--watch", "--label", "nobody")

    assert done.exit_code == 4
    assert done.stderr.startswith(
        f"The flow run {run.record['id']} was watched for 12:00:00 and is not finished: it is"
    )


# ---- runs that were there already --------------------------------------------------------------------------------------


def test_of_a_run_that_is_over_only_that_is_said(prefect, run, clock):
    prefect("run", "-n", "etl", "--idempotency-key", "k")
    run.succeed()

    done = prefect("run", "-n", "etl", "--idempotency-key", "k", "--watch")

    assert re.sub(r"\d\d:\d\d:\d\d|finished .* ago", "#", watched(done.stdout)) == (
        "└── # | INFO    | Your flow run #\nFlow run succeeded!\n"
    )


def test_of_a_run_that_begins_later_it_is_said_when(prefect, run, happens):
    create_flow_run(
        run.store,
        flow_id=find_flow(run.store, name="etl")["id"],
        idempotency_key="k",
        scheduled_start_time="2024-05-18T06:00:00+00:00",
    )
    happens(run.succeed)

    done = prefect("run", "-n", "etl", "--idempotency-key", "k", "--watch")

    assert watched(done.stdout).splitlines()[0] == "The flow run is scheduled to begin at 2024-05-18 06:00:00 UTC."


# ---- Ctrl-C ------------------------------------------------------------------------------------------------------------


def test_where_nobody_can_be_asked_an_interrupted_run_goes_on(prefect, run, happens):
    happens(interrupt)

    done = prefect("run", "-n", "etl", "--watch")

    assert done.exit_code == 130
    assert done.stdout.endswith("Flow run scheduled.\nKeyboard interrupt detected!\n")
    assert done.stderr == "Interrupted by Ctrl-C; the flow run goes on.\nExiting without cancelling flow run!\n"
    assert run.record["state"]["type"] == "Scheduled"


def test_a_terminated_command_leaves_the_run_alone(prefect, run, happens):
    happens(lambda: interrupt(Terminated))

    done = prefect("run", "-n", "etl", "--watch")

    assert (done.exit_code, done.stderr) == (143, "Terminated by SIGTERM; the flow run goes on.\n")
    assert run.record["state"]["type"] == "Scheduled"
