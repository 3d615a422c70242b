"""``prefect run --watch``. Source: cli.md §3.9, §3.11, §3.12; DESIGN §4 decisions 3, 4 and 6."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from functools import partial

import pytest
from terminal import PREFECT

from prefect.backend.watching import watch_flow_run
from prefect.cli.signals import Terminated
from prefect.orchestration.flow_runs import create_flow_run, list_flow_runs
from prefect.orchestration.flows import find_flow
from prefect.orchestration.liveness import record_failure
from prefect.orchestration.logs import write_logs
from prefect.orchestration.states import cancel_flow_run, set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run


@pytest.fixture
def store(backend, clock):
    """That of the configured backend, which the client reaches as well; in it time stands still."""
    backend.system = clock
    return backend


class Run:
    """What happens to the only run there is."""

    def __init__(self, store):
        self.store = store

    @property
    def record(self):
        [run] = list_flow_runs(self.store)
        return run

    def set(self, type, message=None):
        set_flow_run_state(self.store, self.record["id"], {"type": type, "message": message})

    def set_task(self, name, type, message=None, *, map_index=-1, **fields):
        task_run = get_or_create_task_run(self.store, self.record["id"], task_slug=f"{name}-1", map_index=map_index)
        set_task_run_state(self.store, task_run["id"], {"type": type, "message": message, **fields})

    def log(self, message, level="INFO"):
        entry = {"flow_run_id": self.record["id"], "message": message, "level": level, "name": "prefect"}
        write_logs(self.store, [entry])

    def succeed(self):
        self.set("Running", "Running flow.")
        self.set("Success", "All reference tasks succeeded.")


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

    shown = '<Cancelled: "Flow run is cancelling">'
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
    assert done.stdout.endswith("\nKeyboard interrupt detected!\n")
    assert done.stderr == "Interrupted by Ctrl-C; the flow run goes on.\nExiting without cancelling flow run!\n"
    assert run.record["state"]["type"] == "Scheduled"


def test_a_terminated_command_leaves_the_run_alone(prefect, run, happens):
    happens(lambda: interrupt(Terminated))

    done = prefect("run", "-n", "etl", "--watch")

    assert (done.exit_code, done.stderr) == (143, "Terminated by SIGTERM; the flow run goes on.\n")
    assert run.record["state"]["type"] == "Scheduled"


@pytest.fixture
def environment(backend, tmp_path):
    """Makes the command of another process use the same store."""
    return {"PREFECT__HOME_DIR": str(tmp_path / "home"), "PREFECT__STORE__DURABILITY": "process"}


def test_ctrl_c_in_a_pipe_leaves_the_run_alone(run, environment):
    process = subprocess.Popen(
        [PREFECT, "run", "-n", "etl", "--watch"],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if "Entered state <Scheduled>" in line:
            process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=60)[1]

    assert process.returncode == 130
    assert stderr == "Interrupted by Ctrl-C; the flow run goes on.\nExiting without cancelling flow run!\n"
    assert run.record["state"]["type"] == "Scheduled"


def presses(keys):
    return lambda terminal, _: os.write(terminal, keys)


CTRL_C = ("Entered state <Scheduled>", presses(b"\x03"))
QUESTION = "Do you want to cancel this flow run? [Y/n]: "


def test_on_a_terminal_ctrl_c_asks_and_enter_cancels(on_terminal, run, environment):
    seen = on_terminal("run", "-n", "etl", "--watch", env=environment, steps=[CTRL_C, (QUESTION, presses(b"\n"))])

    assert seen.exit_code == 0
    assert seen.lines[-3:] == [QUESTION.rstrip(), "Cancelled flow run.", ""]
    assert run.record["state"]["type"] == "Cancelled"


@pytest.mark.parametrize("answer", [b"n\n", b"\x03", b"\x04"])
def test_on_a_terminal_ctrl_c_asks_and_anything_else_leaves_the_run_alone(on_terminal, run, environment, answer):
    seen = on_terminal("run", "-n", "etl", "--watch", env=environment, steps=[CTRL_C, (QUESTION, presses(answer))])

    assert seen.exit_code == 130
    assert seen.lines[-3:] == [
        "Interrupted by Ctrl-C; the flow run goes on.",
        "Exiting without cancelling flow run!",
        "",
    ]
    assert run.record["state"]["type"] == "Scheduled"


def test_a_quiet_run_is_asked_about_as_well(on_terminal, run, environment):
    seen = on_terminal("run", "-n", "etl", "-qw", env=environment, steps=[CTRL_C, (QUESTION, presses(b"\n"))])

    assert seen.exit_code == 0
    assert seen.lines[-2:] == [QUESTION.rstrip(), ""]
    assert run.record["state"]["type"] == "Cancelled"


# ---- the live view -----------------------------------------------------------------------------------------------------


def test_a_terminal_shows_how_far_the_run_is(on_terminal, run, environment):
    def begin(*_):
        run.set("Running", "Running flow.")
        run.set_task("extract", "Running")

    def map_children(*_):
        run.set_task("extract", "Success")
        run.set_task("load", "Mapped", n_map_states=3)
        run.set_task("load", "Success", map_index=0)
        run.set_task("load", "Failed", map_index=1)
        run.log("half way", "WARNING")

    def end(*_):
        run.set_task("load", "Success", map_index=2)
        run.set("Success", "No reference tasks failed.")

    seen = on_terminal(
        "run",
        "-n",
        "etl",
        "--watch",
        env=environment,
        eager=True,
        steps=[
            ("etl: 0 of 2 tasks done", begin),
            ("running for ", map_children),
            ("2/3, 1 failed", end),
        ],
    )

    lines = [re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", line) for line in seen.lines]
    assert lines[lines.index("Watching flow run execution...") :] == [
        "Watching flow run execution...",
        "└── hh:mm:ss | INFO    | Entered state <Scheduled>: Flow run scheduled.",
        "└── hh:mm:ss | INFO    | Entered state <Running>: Running flow.",
        "└── hh:mm:ss | WARNING | half way",
        "└── hh:mm:ss | INFO    | Entered state <Success>: No reference tasks failed.",
        "Flow run succeeded!",
        "",
    ]
    assert "etl: 1 of 2 tasks done, 1 failed" in seen.raw
    assert seen.exit_code == 0


def test_ctrl_c_removes_the_view_before_it_asks(on_terminal, run, environment):
    seen = on_terminal(
        "run",
        "-n",
        "etl",
        "--watch",
        env=environment,
        eager=True,
        steps=[("tasks done", presses(b"\x03")), (QUESTION, presses(b"n\n"))],
    )

    assert "tasks done" not in seen.raw.partition(QUESTION)[2]
    assert "tasks done" not in "".join(seen.lines)
    assert seen.exit_code == 130


@pytest.mark.parametrize("plain", [{"TERM": "dumb"}, {"CI": "true"}])
def test_where_nobody_watches_there_are_plain_lines(on_terminal, run, environment, plain):
    step = ("Entered state <Scheduled>", lambda *_: run.succeed())

    seen = on_terminal("run", "-n", "etl", "--watch", env={**environment, **plain}, eager=True, steps=[step])

    assert "Flow run succeeded!" in seen.lines
    assert "tasks done" not in seen.raw
    assert "\x1b[?25l" not in seen.raw


def test_a_quiet_run_has_no_view(on_terminal, run, environment):
    step = ("Entered state <Scheduled>", lambda *_: run.succeed())

    seen = on_terminal("run", "-n", "etl", "-qw", env=environment, eager=True, steps=[step])

    assert "Entered state <Success>" in seen.raw
    assert "tasks done" not in seen.raw
