"""``prefect run --watch`` on a terminal, and Ctrl-C. Source: cli.md §3.11, §3.12; DESIGN §4 decision 6."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest
from terminal import PREFECT
from watched_run import Run

from prefect import Client
from prefect.loading import load_flows_from_path
from prefect.storage import Local


@pytest.fixture
def store(backend):
    """That of the configured backend, at the time it is: other processes use it as well."""
    return backend


@pytest.fixture
def run(store, register):
    register("etl", tasks=("extract", "load"))
    return Run(store)


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
            break
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

    assert seen.exit_code == 130
    assert seen.lines[-3:] == [QUESTION.rstrip(), "Cancelled flow run.", ""]
    assert run.record["state"]["type"] == "Cancelled"


# Python may miss a Ctrl-C just before it begins to read; what is typed next makes it look.
@pytest.mark.parametrize("answer", [b"n\n", b"\x03\x04", b"\x04"])
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

    assert seen.exit_code == 130
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

    lines = [re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", line) for line in seen.lines if line]
    assert lines[lines.index("Watching flow run execution...") :] == [
        "Watching flow run execution...",
        "└── hh:mm:ss | INFO    | Entered state <Scheduled>: Flow run scheduled.",
        "└── hh:mm:ss | INFO    | Entered state <Running>: Running flow.",
        "└── hh:mm:ss | WARNING | half way",
        "└── hh:mm:ss | INFO    | Entered state <Success>: No reference tasks failed.",
        "Flow run succeeded!",
    ]
    assert "etl: 1 of 2 tasks done, 1 failed" in seen.raw
    assert seen.exit_code == 0


def test_of_a_run_that_is_over_no_view_is_shown(on_terminal, prefect, run, environment):
    prefect("run", "-n", "etl", "--idempotency-key", "k")
    run.succeed()

    seen = on_terminal("run", "-n", "etl", "--idempotency-key", "k", "--watch", env=environment, eager=True)

    assert "└── HH | INFO    | Your flow run finished" in re.sub(r"\d\d:\d\d:\d\d", "HH", seen.raw)
    assert seen.lines[-2:] == ["Flow run succeeded!", ""]
    assert "tasks done" not in seen.raw


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


WORKING = """
from prefect import Flow, task
import sys, time

@task
def work():
    while {busy}:
        time.sleep(0.01)  # until the view is shown
    print("working")

@task
def fail(_):
    raise RuntimeError("no")

with Flow("working") as flow:
    fail(work())
"""


def register_script(script):
    flow = load_flows_from_path(str(script))[0]
    flow.storage = Local(path=str(script), stored_as_script=True)
    Client().create_project("demo")
    flow.register("demo", labels=[], no_url=True)


def test_a_run_that_is_executed_here_has_the_same_view(on_terminal, store, environment, tmp_path):
    script = tmp_path / "f.py"
    script.write_text(WORKING.format(busy="sys.stdout._print_lines is None"))
    register_script(script)

    seen = on_terminal("run", "-n", "working", "--execute", "--no-logs", env=environment, eager=True)

    assert re.search(r"working: \d of 2 tasks done", seen.raw)
    assert [line for line in seen.lines if line][-4:] == [
        "Executing flow run...",
        "working",
        "Flow run failed!",
        "Task 'fail' failed: RuntimeError: no",
    ]
    assert "tasks done" not in "".join(seen.lines)
    assert seen.exit_code == 1


@pytest.mark.parametrize("plain", [{"TERM": "dumb"}, {"CI": "true"}])
def test_executed_where_nobody_watches_a_run_has_no_view(on_terminal, store, environment, tmp_path, plain):
    script = tmp_path / "f.py"
    script.write_text(WORKING.format(busy="False"))
    register_script(script)

    seen = on_terminal("run", "-n", "working", "--execute", env={**environment, **plain}, eager=True)

    assert "tasks done" not in seen.raw
    assert seen.exit_code == 1
