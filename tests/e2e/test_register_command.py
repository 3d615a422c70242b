"""``prefect register`` as a process: watching files until it is interrupted, and the examples of its help."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading

import click
import pytest
from backend_home import DEADLINE_SECONDS, read_until

from prefect.cli import cli
from prefect.orchestration.projects import create_project

FLOW = "from prefect import Flow\nflow = Flow({name!r})\n"


@pytest.fixture
def project(backend):
    return create_project(backend.store, "demo")


@pytest.fixture
def write(backend):
    """Writes a file at once, as editors do, so that nobody sees half of it."""

    def written(name: str, text: str) -> None:
        path = backend.cwd / name
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)

    return written


@pytest.fixture
def watch(backend, project):
    """Starts watching; if the test does not come to its end in time, the process is killed and its output ends."""
    timers = []

    def begin(*args: str, **options) -> subprocess.Popen[str]:
        process = backend.start("register", "--project", "demo", "--watch", *args, **options)
        timers.append(threading.Timer(DEADLINE_SECONDS, process.kill))
        timers[-1].start()
        return process

    yield begin
    for timer in timers:
        timer.cancel()
        timer.join()


def round_of(process: subprocess.Popen[str]) -> list[str]:
    """The lines of the next registration, without ids."""
    text = read_until(process, "=====")
    return [line for line in re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", text).splitlines() if "<id>" not in line]


ONE_REGISTERED = "======================== 1 registered ========================"


def test_what_changes_and_what_is_new_is_registered(watch, write):
    write("flows/a.py", FLOW.format(name="A"))
    write("flows/b.py", FLOW.format(name="B"))
    process = watch("-p", "flows")
    assert round_of(process)[-1] == "======================== 2 registered ========================"

    write("flows/a.py", FLOW.format(name="A") + "# changed\n")
    assert round_of(process) == [
        "Collecting flows...",
        "Processing 'flows/a.py':",
        "  Building `Local` storage...",
        "  Registering 'A'... Done",
        "  └── Version: 2",
        "  └── Changed: source",
        ONE_REGISTERED,
    ]

    write("flows/c.py", FLOW.format(name="C"))
    assert round_of(process)[1:4:2] == ["Processing 'flows/c.py':", "  Registering 'C'... Done"]


def test_what_cannot_be_loaded_is_told_and_watched_on(watch, write):
    write("a.py", FLOW.format(name="A") + "1 / 0\n")
    process = watch("-p", "a.py")
    broken = round_of(process)
    assert broken[1].endswith("a.py' raised an error while it was loaded.")
    assert broken[-1] == "======================== 0 registered ========================"

    write("a.py", FLOW.format(name="A"))
    assert round_of(process)[-1] == ONE_REGISTERED


def test_modules_are_imported_anew(watch, write, backend):
    write("watched.py", FLOW.format(name="A"))
    process = watch("-m", "watched", PYTHONPATH=str(backend.cwd))
    assert round_of(process)[1:4:2] == ["Processing 'watched':", "  Registering 'A'... Done"]

    write("watched.py", FLOW.format(name="renamed"))
    assert round_of(process)[1:4:2] == ["Processing 'watched':", "  Registering 'renamed'... Done"]


def test_a_file_of_built_flows_is_watched(watch, write, backend):
    write("a.py", FLOW.format(name="A"))
    backend.prefect("build", "-p", "a.py")
    process = watch("--json", "flows.json")
    assert round_of(process)[-1] == ONE_REGISTERED

    backend.prefect("build", "-p", "a.py", "--label", "gpu")
    assert round_of(process)[-2:] == ["  └── Changed: run config", ONE_REGISTERED]


@pytest.mark.parametrize(
    ("number", "exit_code", "message"),
    [(signal.SIGINT, 130, "Interrupted by Ctrl-C.\n"), (signal.SIGTERM, 143, "Terminated by SIGTERM.\n")],
)
def test_a_signal_ends_the_watching(watch, write, number, exit_code, message):
    write("a.py", FLOW.format(name="A"))
    process = watch("-p", "a.py", stderr=subprocess.PIPE)
    round_of(process)

    os.killpg(process.pid, number)
    _, stderr = process.communicate()

    assert (process.returncode, stderr) == (exit_code, message)


def test_a_signal_ends_a_file_that_is_being_loaded(watch, write):
    write("a.py", "import time\nprint('loading', flush=True)\ntime.sleep(120)\n")
    process = watch("-p", "a.py", stderr=subprocess.PIPE)
    read_until(process, "loading")

    os.killpg(process.pid, signal.SIGINT)
    # That stdout ends shows that nobody is left who could write to it.
    _, stderr = process.communicate()

    assert (process.returncode, stderr) == (130, "Interrupted by Ctrl-C.\n")


def test_a_reader_that_leaves_ends_the_watching(watch, write):
    write("a.py", FLOW.format(name="A"))
    process = watch("-p", "a.py", stderr=subprocess.PIPE)
    round_of(process)

    process.stdout.close()
    write("a.py", FLOW.format(name="A") + "# changed\n")

    assert (process.stderr.read(), process.wait()) == ("", 141)


# ---- the examples of the help ------------------------------------------------------------------------------------------


def examples() -> list[str]:
    """Every command that the help of these shows, but for the one that does not end."""
    root = click.Context(cli)
    epilogs = []
    for word in ("register", "build"):
        command = cli.get_command(root, word)
        epilogs.append(command.epilog)
    epilogs.append(cli.get_command(root, "register").get_command(root, "flow").epilog)
    lines = [line.strip() for epilog in epilogs for line in epilog.splitlines()]
    return sorted({line[2:] for line in lines if line.startswith("$ ") and "--watch" not in line})


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_help_works_as_typed(backend, project, write, example):
    write("flow.py", FLOW.format(name="etl"))
    backend.prefect("build", "-p", "flow.py")

    done = backend.shell(example)

    notice = "Warning: `prefect register flow` is deprecated, use `prefect register` instead.\n"
    assert (done.returncode, done.stderr) == (0, notice if "register flow" in example else "")


# ---- what is loaded ----------------------------------------------------------------------------------------------------


def test_a_local_run_loads_neither_the_deprecated_form_nor_what_registers(backend, write):
    write("flow.py", FLOW.format(name="etl"))
    program = (
        "import sys\nsys.argv = ['prefect', 'run', '-p', 'flow.py']\nfrom prefect.cli import main\nmain()\n"
        "print(*sorted(name for name in sys.modules if name.startswith('prefect.')))"
    )

    done = backend.run([sys.executable, "-c", program])

    loaded = done.stdout.splitlines()[-1].split()
    assert "prefect.cli.run" in loaded
    assert {
        name for name in loaded if "registering" in name or name in ("prefect.cli.run_flow", "prefect.cli.options")
    } == set()
