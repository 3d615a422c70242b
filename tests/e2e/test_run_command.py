"""``prefect run`` as a process: its start, signals, closed streams, and what it leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

PREFECT = Path(sys.executable).parent / "prefect"

HELLO = """
from prefect import Flow, task

@task
def hello():
    print("hello")

with Flow("hello") as flow:
    hello()
"""

SLEEPING = """
import os, time
from prefect import Flow, task
from prefect.executors import {executor}

@task
def sleep(number):
    try:
        print("asleep", flush=True)
        for _ in range(600):
            time.sleep(0.1)
    finally:
        os.write(2, b"cleaned up\\n")

with Flow("sleeping", executor={executor}({arguments})) as flow:
    sleep.map([1, 2])
"""

EXECUTORS = [
    ("LocalExecutor", ""),
    ("LocalDaskExecutor", "'threads', num_workers=2"),
    ("LocalDaskExecutor", "'processes', num_workers=2"),
]


@pytest.fixture
def start(home, cwd):
    """Starts the command in a process group of its own."""
    started = []

    def begin(*args: str, **options) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PREFECT, *args],
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        if process.poll() is None:
            process.kill()
            process.wait()


def read_until(process: subprocess.Popen[str], text: str, times: int = 1) -> None:
    """Read what a process prints until some text has come so often."""
    for line in process.stdout:
        times -= text in line
        if not times:
            return


# ---- start -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [[PREFECT], [sys.executable, "-m", "prefect"]])
def test_both_ways_to_start_the_program_are_the_same(program, tmp_path):
    def call(*args: str) -> tuple[int, str, str]:
        done = subprocess.run([*program, *args], cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    name = "prefect" if program == [PREFECT] else "python -m prefect"
    assert call("--help")[1].startswith(f"Usage: {name} [OPTIONS]")
    assert call("nope")[0] == 2
    assert call("run", "-p", "nope.py")[0] == 3


PROBE = """
import sys
sys.argv = ["prefect", *{args!r}]
from prefect.cli import main
try:
    code = main()
finally:
    print("@", code, *sorted(sys.modules))
"""


def modules_loaded_by(*args: str, cwd: Path) -> set[str]:
    """The modules in memory after a command in a fresh interpreter, which must succeed."""
    program = PROBE.format(args=list(args))
    done = subprocess.run([sys.executable, "-c", program], cwd=cwd, capture_output=True, text=True, check=True)
    code, *names = done.stdout.splitlines()[-1].removeprefix("@ ").split()
    assert code == "0", done.stderr
    return set(names)


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("args", [["version"], ["--version"]])
def test_the_version_needs_nothing_but_the_package(args, tmp_path):
    bare = subprocess.run([sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True)

    assert modules_loaded_by(*args, cwd=tmp_path) - set(bare.stdout.split()) == {
        "__future__",
        "prefect",
        "prefect._version",
        "prefect.cli",
    }


def test_help_loads_no_command_and_no_engine(tmp_path):
    loaded = modules_loaded_by("--help", cwd=tmp_path)

    assert {name for name in loaded if name.startswith("prefect")} == {
        "prefect",
        "prefect._version",
        "prefect.cli",
        "prefect.cli.errors",
        "prefect.cli.garbage",
        "prefect.cli.group",
        "prefect.cli.process",
        "prefect.cli.root",
        "prefect.cli.signals",
        "prefect.exceptions",
    }
    assert roots(loaded) & {"rich", "pendulum", "cloudpickle", "logging", "json", "dataclasses"} == set()


def test_a_run_loads_only_what_it_needs(tmp_path):
    (tmp_path / "hello.py").write_text(HELLO)

    loaded = modules_loaded_by("run", "-p", "hello.py", cwd=tmp_path)

    heavy = {
        "asyncio", "cloudpickle", "concurrent", "croniter", "dataclasses", "dateutil", "importlib.metadata",
        "json", "multiprocessing", "pathlib", "pendulum", "platformdirs", "random", "rich", "socket", "subprocess",
        "tempfile", "tomllib", "zoneinfo",
    }  # fmt: skip
    if sys.version_info < (3, 11):
        heavy.remove("subprocess")  # the uuid of Python 3.10 imports platform, which imports it
    assert (roots(loaded) | loaded) & heavy - modules_loaded_by_click(tmp_path) == set()


def modules_loaded_by_click(cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, click; print(*sys.modules)"], cwd=cwd, capture_output=True, text=True
    )
    return set(done.stdout.split())


# ---- the examples of the help ------------------------------------------------------------------------------------------


WITHOUT_A_STORE = ("run", "completion", "config", "diagnostics", "version")


def examples() -> list[str]:
    """Every command that the help of these shows; tests/e2e/test_get_command.py has those that need a store."""
    from prefect.cli import cli

    root = click.Context(cli)
    epilogs = [cli.epilog, *(cli.get_command(root, word).epilog for word in WITHOUT_A_STORE)]
    return [line.strip()[2:] for epilog in epilogs for line in epilog.splitlines() if line.strip().startswith("$ ")]


def needs_a_backend(example: str) -> bool:
    return any(option in example.split() for option in ("-n", "-i"))


@pytest.fixture
def shell(home, cwd):
    """Runs a line as typed, beside two flow files."""
    for name in ("flow.py", "hello.py"):
        (cwd / name).write_text(HELLO)
    path = f"{PREFECT.parent}:{os.environ['PATH']}"

    def run(line: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
        return subprocess.run(["bash", "-c", line], cwd=cwd, env=environment, capture_output=True, text=True)

    return run


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    "example", [line for line in examples() if not needs_a_backend(line) and "zsh" not in line and "fish" not in line]
)
def test_an_example_of_the_help_works_as_typed(shell, example):
    done = shell(example)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("example", [line for line in examples() if needs_a_backend(line) and "post_run" not in line])
def test_an_example_with_a_registered_flow_says_that_there_is_none(shell, example):
    done = shell(example)

    assert (done.returncode, done.stdout) == (3, "Looking up flow metadata... Error\n")
    assert done.stderr.startswith(("No results found", "Failed to find flow id"))


# ---- signals -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("executor", "arguments"), EXECUTORS)
@pytest.mark.parametrize(
    ("number", "exit_code", "message"),
    [
        (signal.SIGINT, 130, "Interrupted by Ctrl-C; the run of flow 'sleeping' was stopped before it was finished."),
        (signal.SIGTERM, 143, "Terminated by SIGTERM; the run of flow 'sleeping' was stopped before it was finished."),
    ],
)
def test_a_signal_ends_the_run_and_all_its_workers(start, cwd, executor, arguments, number, exit_code, message):
    (cwd / "f.py").write_text(SLEEPING.format(executor=executor, arguments=arguments))
    process = start("run", "-p", "f.py")
    read_until(process, "asleep", times=1 if executor == "LocalExecutor" else 2)

    # Ctrl-C reaches the whole group, SIGTERM usually the process alone. That stderr ends shows that nobody is left.
    os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
    _, stderr = process.communicate(timeout=30)

    assert (process.returncode, stderr.count(message)) == (exit_code, 1), stderr
    assert [line for line in stderr.splitlines() if line != "cleaned up"] == [message]
    assert "cleaned up" in stderr


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_file_is_loaded(start, cwd, number, exit_code):
    (cwd / "f.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    process = start("run", "-p", "f.py")
    process.stdout.readline()

    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)

    assert process.returncode == exit_code
    assert stderr.endswith(" while the flow was loaded; nothing was run.\n")
    assert len(stderr.splitlines()) == 1


def test_a_signal_while_a_schedule_waits(start, cwd):
    (cwd / "f.py").write_text(
        "from datetime import datetime, timedelta, timezone\nfrom types import SimpleNamespace\nfrom prefect import Flow\n\n"
        "class Later:\n    def next(self, *args, **kwargs):\n"
        "        start = datetime.now(timezone.utc) + timedelta(hours=1)\n"
        "        return [SimpleNamespace(start_time=start, parameter_defaults={})]\n\n"
        "flow = Flow('later', schedule=Later())\n"
    )
    process = start("run", "--schedule", "-p", "f.py")
    read_until(process, "Waiting for next scheduled run at")

    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)

    assert (process.returncode, stderr) == (
        130,
        "Interrupted by Ctrl-C; the run of flow 'later' was stopped before it was finished.\n",
    )


# ---- streams -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("executor", "arguments"), EXECUTORS)
def test_a_reader_that_leaves_stops_the_run_without_a_word(start, cwd, executor, arguments):
    text = SLEEPING.format(executor=executor, arguments=arguments).replace('print("asleep", flush=True)', "")
    (cwd / "f.py").write_text(text.replace("time.sleep(0.1)", "time.sleep(0.1); print('tick', flush=True)"))
    process = start("run", "--no-logs", "-p", "f.py")
    process.stdout.readline()

    process.stdout.close()
    stderr = process.stderr.read()
    process.wait(30)

    assert process.returncode == 141
    assert [line for line in stderr.splitlines() if line != "cleaned up"] == []


@pytest.mark.parametrize("command", [["config", "--origins"], ["--help"], ["version"], ["run", "--help"]])
def test_a_closed_pipe_is_no_error_to_talk_about(start, command):
    reading, writing = os.pipe()
    os.close(reading)

    process = subprocess.Popen([PREFECT, *command], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    _, stderr = process.communicate(timeout=30)

    assert (process.returncode, stderr) == (141, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", [["version"], ["--help"], ["run", "-p", "hello.py"]])
def test_a_full_disk_is_named(cwd, command):
    (cwd / "hello.py").write_text(HELLO)
    with open("/dev/full", "w") as full:
        done = subprocess.run([PREFECT, *command], cwd=cwd, stdout=full, stderr=subprocess.PIPE, text=True)

    assert (done.returncode, done.stderr) == (1, "Cannot write to standard output: No space left on device.\n")


def test_a_closed_standard_output_is_no_hindrance(cwd):
    (cwd / "hello.py").write_text(HELLO)

    done = subprocess.run(
        ["sh", "-c", f'"{PREFECT}" run -p hello.py >&-'],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("options", "last_line"), [(["-q", "--no-logs"], "bye"), ([], "bye")])
def test_a_task_may_close_standard_output(run_prefect, cwd, options, last_line):
    (cwd / "f.py").write_text(HELLO.replace('print("hello")', "import sys; print('bye'); sys.stdout.close()"))

    done = run_prefect("run", *options, "-p", "f.py")

    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (0, last_line, "")


def test_bytes_and_lone_surrogates_are_printed(run_prefect, cwd):
    (cwd / "f.py").write_text(
        "import sys\nfrom prefect import Flow, task\n\n@task\ndef shout():\n"
        "    sys.stdout.buffer.write(b'raw\\n')\n    print('\\udcff')\n\nwith Flow('f') as f:\n    shout()\n"
    )

    done = run_prefect("run", "-q", "--no-logs", "-p", "f.py", env={"PYTHONIOENCODING": "utf-8"})

    assert (done.returncode, done.stdout, done.stderr) == (0, "raw\n\\udcff\n", "")


# ---- what stays behind -------------------------------------------------------------------------------------------------


def test_a_run_leaves_nothing_in_the_home_nor_beside_the_file(run_prefect, home, cwd):
    (cwd / "hello.py").write_text(HELLO)

    done = run_prefect("run", "-p", "hello.py")

    assert done.returncode == 0
    assert list(home.iterdir()) == []
    assert [path.name for path in cwd.iterdir()] == ["hello.py"]


def test_a_quiet_run_can_feed_another_program(run_prefect, cwd):
    (cwd / "f.py").write_text(HELLO.replace('print("hello")', 'import json; print(json.dumps({"a": [1, 2]}))'))

    done = run_prefect("run", "-q", "-p", "f.py")

    assert json.loads(done.stdout) == {"a": [1, 2]}
    assert "Flow run SUCCESS" in done.stderr


def test_a_text_given_to_exit_while_loading_is_printed(run_prefect, cwd):
    (cwd / "f.py").write_text("import sys\nsys.exit('no database')\n")

    done = run_prefect("run", "-p", "f.py")

    assert (done.returncode, done.stdout) == (1, "Retrieving local flow...\n")
    assert done.stderr == "f.py called sys.exit('no database') while it was loaded; no flow was run.\nno database\n"


def test_a_setting_of_logging_that_cannot_be_used_is_named(run_prefect, cwd):
    (cwd / "hello.py").write_text(HELLO)

    done = run_prefect("run", "-p", "hello.py", env={"PREFECT__LOGGING__LEVEL": "LOUD"})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "logging.level is 'LOUD'. Set it to DEBUG, INFO, WARNING, ERROR or CRITICAL.\n"


def test_a_task_may_import_what_stands_beside_its_file(run_prefect, cwd):
    (cwd / "beside.py").write_text("X = 3\n")
    (cwd / "importing.py").write_text(
        "from prefect import Flow, task\n"
        "@task\ndef late():\n    import beside\n    print(beside.X)\n"
        "with Flow('importing') as flow:\n    late()\n"
    )
    done = run_prefect("run", "-q", "-p", "importing.py")
    assert (done.returncode, done.stdout) == (0, "3\n")


LEFT_BEHIND = """
class Log:
    def __init__(self):
        self.file = open("log.txt", "w")
        self.itself = self

    def __del__(self):
        self.file.write("all of it")
        self.file.close()

Log()
"""


@pytest.mark.parametrize("command", [["run"], ["build"]])
def test_what_only_garbage_knows_is_finalized_at_the_end(run_prefect, cwd, command):
    (cwd / "hello.py").write_text(HELLO + LEFT_BEHIND)

    assert run_prefect(*command, "-p", "hello.py").returncode == 0
    assert (cwd / "log.txt").read_text() == "all of it"
