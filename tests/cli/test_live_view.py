"""The live view on a real terminal."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from terminal import ESCAPE, PREFECT

#: Tasks wait for the view itself, so that nothing depends on how fast the machine is.
FLOW = r"""
import sys, threading, time
from prefect import Flow, task
from prefect.cli import live_view
from prefect.executors import {executor}

{prelude}

@task
def numbers():
    return list(range(5))

@task
def slow(number):
    time.sleep({seconds})
    sys.stdout.write("child %d\n" % number)  # print() writes twice, and another thread may come in between
    if number == 3:
        raise ValueError("three")

@task
def talk():
    print("long line " * 30)
    sys.stdout.buffer.write(b"bytes\n")
    sys.stdout.buffer.flush()
    print("error line", file=sys.stderr)

with Flow("shown", executor={executor}({arguments})) as flow:
    talk(upstream_tasks=[slow.map(numbers())])
"""


@pytest.fixture
def flow(tmp_path):
    def write(
        seconds: float | str = 0.0, executor: str = "LocalExecutor", arguments: str = "", prelude: str = ""
    ) -> str:
        text = FLOW.format(seconds=seconds, executor=executor, arguments=arguments, prelude=prelude)
        (tmp_path / "f.py").write_text(text)
        return "f.py"

    return write


AT_ONCE = """
live_view.APPEARS_AFTER = live_view.REDRAWN_EVERY = 0.01

def until_seen(number):
    from pathlib import Path
    while number == 4 and not Path("seen").exists():
        time.sleep(0.01)
    return 0
"""


@pytest.fixture
def see(tmp_path):
    """A step that ends the last child of a flow that waits for it, once a text has been seen."""
    return lambda text: [(text, lambda *_: (tmp_path / "seen").touch())]


def without_times(lines: list[str]) -> list[str]:
    return [re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", line) for line in lines]


def plain_lines(folder: Path) -> list[str]:
    """What the same run prints into a pipe."""
    done = subprocess.run(
        [PREFECT, "run", "-p", "f.py"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return [line.rstrip() for line in without_times(done.stdout.splitlines())]


@pytest.mark.parametrize(
    ("executor", "arguments", "in_order"),
    [
        ("LocalExecutor", "", list),
        ("LocalDaskExecutor", "'threads', num_workers=2", sorted),
        ("LocalDaskExecutor", "'processes', num_workers=2", sorted),
    ],
)
def test_everything_printed_scrolls_above_the_view_unharmed(
    on_terminal, flow, see, tmp_path, executor, arguments, in_order
):
    path = flow("until_seen(number)", executor, arguments, AT_ONCE)

    seen = on_terminal("run", "-p", path, steps=see("shown: "))

    assert (tmp_path / "seen").exists()
    assert seen.lines.pop() == ""
    assert in_order(without_times(seen.lines)) == in_order(plain_lines(tmp_path))


def test_the_view_folds_children_and_counts_tasks(on_terminal, flow, see):
    raw = on_terminal("run", "-p", flow("until_seen(number)", prelude=AT_ONCE), steps=see("1 failed")).raw

    assert re.search(r"shown: \d of 3 tasks done", raw)
    assert re.search(r"slow.*\[#*\.*\] 4/5, 1 failed", raw)


def test_a_short_run_has_no_view(on_terminal, flow):
    seen = on_terminal("run", "-p", flow())

    assert "tasks done" not in seen.raw
    assert "\x1b[?25l" not in seen.raw


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"CI": "true"}])
def test_where_nobody_watches_there_are_plain_lines(on_terminal, flow, environment):
    seen = on_terminal("run", "-p", flow(0.05, prelude=AT_ONCE), env=environment)

    assert "tasks done" not in seen.raw


def test_without_colours_the_view_has_none(on_terminal, flow, see):
    path = flow("until_seen(number)", prelude=AT_ONCE)

    seen = on_terminal("run", "-p", path, steps=see("tasks done"), env={"NO_COLOR": "1"})

    assert "tasks done" in seen.raw
    assert [
        codes for codes, letter in ESCAPE.findall(seen.raw) if letter == "m" and re.search(r"(^|;)3\d", codes)
    ] == []


def test_a_quiet_run_has_no_view(on_terminal, flow):
    assert "tasks done" not in on_terminal("run", "-q", "-p", flow(0.05, prelude=AT_ONCE)).raw


ASKING = """
import sys, time
from prefect import Flow, task
from prefect.cli import live_view
live_view.APPEARS_AFTER = live_view.REDRAWN_EVERY = 0.01

@task
def ask():
    while sys.stdout._print_lines is None:
        time.sleep(0.01)  # until the view is shown
    print("answer:", input("name? "))

with Flow("asking") as flow:
    ask()
"""


def test_a_task_that_asks_gets_the_terminal_for_itself(on_terminal, tmp_path):
    (tmp_path / "f.py").write_text(ASKING)

    seen = on_terminal("run", "--no-logs", "-p", "f.py", steps=[("name? ", lambda fd, _: os.write(fd, b"Marvin\n"))])

    assert "tasks done" in seen.raw
    assert "tasks done" not in seen.raw.split("name? ")[1]
    assert "answer: Marvin" in seen.lines
    assert seen.exit_code == 0


@pytest.mark.parametrize(
    ("send", "exit_code", "message"),
    [
        (lambda fd, _: os.write(fd, b"\x03"), 130, "Interrupted by Ctrl-C; the run of flow 'shown' was stopped"),
        (lambda _, process: process.terminate(), 143, "Terminated by SIGTERM; the run of flow 'shown' was stopped"),
    ],
)
@pytest.mark.parametrize(
    ("executor", "arguments"), [("LocalExecutor", ""), ("LocalDaskExecutor", "'processes', num_workers=2")]
)
def test_an_interrupted_run_leaves_the_terminal_in_order(
    on_terminal, flow, send, exit_code, message, executor, arguments
):
    # With processes the view is drawn when a state changes: the first child ends soon, the others do not.
    sleeping = "0.2 if number == 0 else 60"
    path = flow(sleeping, executor, arguments, AT_ONCE)

    seen = on_terminal("run", "-p", path, steps=[("tasks done", send)])

    assert seen.exit_code == exit_code
    assert [line for line in seen.lines if line.startswith(message)] != []
    assert "tasks done" not in "".join(seen.lines)
    assert "Traceback" not in seen.raw
