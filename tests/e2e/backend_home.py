"""A home with flows, agents and runs, driven by the installed command and nothing else.

Nothing here sleeps for a fixed time: what is waited for is a state or a line, and every wait has an end.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import prefect
from prefect.orchestration.projects import create_project, project_named
from prefect.orchestration.task_runs import task_runs
from prefect.storage.state.errors import StoreError
from prefect.storage.state.store import Store

Record = dict[str, Any]
Done = subprocess.CompletedProcess[str]

PREFECT = Path(sys.executable).parent / "prefect"
DEADLINE_SECONDS = 30.0
#: Looks are counted, not seconds: on a machine that is busy or stands still they are late like all that is waited for.
MOST_LOOKS = 3000
_LOOK_SECONDS = 0.01
#: Nothing that a user does wrong may look like this: a bug, or a traceback with a line of this package.
_BUGS = ("Internal error", "Exception ignored", f'File "{os.path.dirname(prefect.__file__)}')

#: A flow whose one task does what its parameter says; each execution adds a line to the file ``executed``.
ACTING = """
import os, signal, sys, time
import prefect
from prefect import Flow, Parameter, task

@task
def act(how):
    with open(os.environ["EXECUTED"], "a") as file:
        file.write(prefect.context.flow_run_id + "\\n")
    print("acting", flush=True)
    if how == "fail":
        raise ValueError("the user's own mistake")
    if how == "exit":
        os._exit(3)
    if how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "hold":
        time.sleep(120)
    while how == "talk":
        print("talking", flush=True)
        time.sleep(0.01)

with Flow("acting") as flow:
    act(Parameter("how", default="succeed"))

if __name__ == "__main__":
    flow.register("demo", no_url=True)
"""


class BackendHome:
    """A user's home, and what is started in it.

    Args:
        folder: An empty folder.

    Attributes:
        home: The folder of ``PREFECT__HOME_DIR``.
        cwd: Where commands are started.
        environment: All that they get.
        store: The store that they work on.
        executed: A file to which the task of :data:`ACTING` adds a line whenever it is executed.
    """

    def __init__(self, folder: Path) -> None:
        self.home = folder / "prefect"
        self.cwd = folder / "cwd"
        self.cwd.mkdir()
        self.executed = folder / "executed"
        self.executed.touch()
        self.environment = {
            "PATH": f"{PREFECT.parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PREFECT__HOME_DIR": str(self.home),
            "EXECUTED": str(self.executed),
            "TZ": "UTC",
            "LANG": "C.UTF-8",
        }
        self.store = Store(str(self.home / "store"), durability="process")
        self._started: list[subprocess.Popen[str]] = []

    # ---- commands ------------------------------------------------------------------------------------------------

    def prefect(self, *args: str, under: Iterable[str] = (), timeout: float = 60.0, **environment: str) -> Done:
        """Run ``prefect *args`` to its end; ``under`` are words before it, which start it under some condition."""
        return self.run([*under, str(PREFECT), *args], timeout=timeout, **environment)

    def run(self, words: list[str], timeout: float = 60.0, **environment: str) -> Done:
        """Run a program to its end, with no terminal and nothing on stdin."""
        return subprocess.run(
            words,
            cwd=self.cwd,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def shell(self, line: str, **environment: str) -> Done:
        """Run a line as typed into bash."""
        return self.run(["bash", "-c", line], **environment)

    def start(
        self, *args: str, under: Iterable[str] = (), stderr: int | IO[str] = subprocess.STDOUT, **environment: str
    ) -> subprocess.Popen[str]:
        """Start ``prefect *args`` in a session of its own; it is killed at the end of the test at the latest."""
        return self.start_program([*under, str(PREFECT), *args], stderr=stderr, **environment)

    def start_program(
        self, words: list[str], stderr: int | IO[str] = subprocess.STDOUT, **environment: str
    ) -> subprocess.Popen[str]:
        """Start any program in the same way."""
        process = subprocess.Popen(
            words,
            cwd=self.cwd,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def start_agent(self, *args: str, under: Iterable[str] = (), **environment: str) -> subprocess.Popen[str]:
        """Start an agent and return it when it waits for runs."""
        process = self.start("agent", "local", "start", *args, under=under, **environment)
        read_until(process, "Waiting for flow runs")
        return process

    def end_all(self) -> None:
        """Kill whatever was started and is still there, and what runs of the store it left behind."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        try:
            live = [run["process"] for run in self.store.runs.each(self.store.runs.active()) if run["process"]]
        except StoreError:
            return
        from prefect.orchestration.processes import fate_of

        for identity in live:
            if fate_of(identity).kind == "alive" and identity["pid"] != os.getpid():
                os.kill(identity["pid"], signal.SIGKILL)

    def listed(self) -> dict[str, str]:
        """Return the state of each run by its id, as ``prefect get flow-runs`` tells it."""
        done = self.prefect("get", "flow-runs", "--limit", "1000", "--output", "json")
        assert done.returncode == 0, done.stderr
        return {row["id"]: row["state"] for row in json.loads(done.stdout)}

    # ---- flows and runs ------------------------------------------------------------------------------------------

    def register(self, text: str = ACTING, file: str = "flow.py") -> Path:
        """Write a flow file that registers its flow when it is executed, and execute it."""
        for project in ("demo", "spare"):
            if f'"{project}"' in text and project_named(self.store, project) is None:
                create_project(self.store, project)
        path = self.cwd / file
        path.write_text(text, encoding="utf-8")
        done = self.run([sys.executable, str(path)])
        assert done.returncode == 0, done.stderr
        return path

    def create_run(self, *args: str) -> str:
        """Create a run of the flow ``acting`` and return its id."""
        done = self.prefect("run", "-n", "acting", "--quiet", *args)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout.strip()

    def state_of(self, id: str) -> str:
        """Return the type of a run's state."""
        return str(self.store.runs.get(id)["state"]["type"])

    def wait_until_acting(self, id: str) -> Record:
        """Wait until the task of a run is being executed, and return the run."""

        def acting() -> Record | None:
            types = {one["task"].split("-")[0]: one["state"]["type"] for one in task_runs(self.store, id)}
            has_begun = types["act"] == "Running" and id in self.executed.read_text()
            return self.store.runs.get(id) if has_begun else None

        return wait_for(acting, f"the task of {id} to run")

    def wait_until_finished(self, *ids: str) -> None:
        """Wait until runs are finished."""
        finished = {"Success", "Failed", "Cancelled", "TimedOut"}
        wait_for(lambda: all(self.state_of(id) in finished for id in ids), f"the end of {ids}")

    def executions(self) -> list[str]:
        """Return the ids of the runs whose task was executed, one for each time."""
        return self.executed.read_text().split()

    def story(self) -> str:
        """Return what became of each run, for whoever has to find out why a test failed."""
        lines = []
        try:
            for id in self.store.runs.newest_ids():
                lines.append(f"Flow run {id}")
                for run in self.store.runs.history(id):
                    state, pid = run["state"], (run["process"] or {}).get("pid")
                    lines.append(f"  {run['at']} {state['type']} ({state.get('message')}), due {run['due']}, PID {pid}")
                lines += [f"  {line['timestamp']} log: {line['message']}" for line in self.store.logs.read(id)]
        except (StoreError, KeyError) as error:
            lines.append(f"The rest cannot be read: {error!r}")
        return "\n".join(lines)

    def files(self) -> dict[str, bytes]:
        """Return what the store holds, by path within it."""
        root = Path(self.store.root)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Return what ``condition`` returns as soon as that is true."""
    for _ in range(MOST_LOOKS):
        if found := condition():
            return found
        time.sleep(_LOOK_SECONDS)
    raise AssertionError(f"waited in vain for {what}")


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Read what a process prints until some text has come, and return it all."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if text in line:
            return read
    raise AssertionError(f"{text!r} was not printed, but:\n{read}")


def assert_explained(done: Done, code: int, *words: str) -> None:
    """Assert that a command ended with a code and one clear explanation on stderr that has these words."""
    assert_no_bug(done)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    for word in words:
        assert word in done.stderr, f"{word!r} is not in: {done.stderr}"
    assert done.stderr.strip(), "nothing was said"


def assert_no_bug(done: Done) -> None:
    """Assert that nothing shows a mistake of ours."""
    for text in (done.stderr, done.stdout):
        assert not [sign for sign in _BUGS if sign in text], text
        assert text.count("Traceback") <= text.count('flow.py", line'), text


def under_limits(**limits: int) -> list[str]:
    """Return the words that start a program with limits of the shell, such as ``n=8`` for files and ``f=4`` for blocks."""
    # Python does not notice when a limit cuts the bytecode that it caches beside the sources.
    settings = "; ".join(
        ["export PYTHONDONTWRITEBYTECODE=1", *(f"ulimit -{name} {value}" for name, value in limits.items())]
    )
    return ["bash", "-c", f'{settings}; exec "$@"', "bash"]


def as_ordinary_user() -> list[str]:
    """Return the words that start a program as this user, but without a superuser's right to pass over permissions."""
    return [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
