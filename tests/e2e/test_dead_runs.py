"""Runs whose process ended without a word: whoever looks next tells how, and nothing is "Running" for ever.

Source: DESIGN §3 step 6; store.md §8.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from backend_home import ACTING, BackendHome, assert_explained, assert_no_bug, read_until, wait_for

SIGKILL = "was ended by the signal SIGKILL while task 'act-1' was running."
UNKNOWN = "ended without a word while task 'act-1' was running."


@pytest.fixture
def registered(backend: BackendHome) -> BackendHome:
    backend.register()
    return backend


def assert_told(backend: BackendHome, id: str, end: str) -> None:
    """Assert that every command that shows a run says that it failed, and why."""
    assert backend.listed()[id] == "Failed"
    name = backend.store.runs.get(id)["name"]

    described = backend.prefect("describe", "flow-runs", "--name", name)
    assert_no_bug(described)
    state = json.loads(described.stdout)["serialized_state"]
    assert (described.returncode, state["type"]) == (0, "Failed")
    assert state["message"].endswith(end), state["message"]

    logged = backend.prefect("get", "logs", "--id", id)
    assert [line for line in logged.stdout.splitlines() if "ERROR" in line and state["message"] in line]


@pytest.fixture
def executing(registered):
    """A run in ``prefect run --execute`` whose task is being executed: its id and its process."""
    process = registered.start("run", "-n", "acting", "--quiet", "--execute", "--param", "how=hold")
    id = process.stdout.readline().strip()
    registered.wait_until_acting(id)
    return id, process


@pytest.fixture
def deployed(registered):
    """A run that an agent has started, whose task is being executed: its record and the agent's process."""
    agent = registered.start_agent()
    id = registered.create_run("--param", "how=hold")
    return registered.wait_until_acting(id), agent


def test_an_agent_tells_which_signal_killed_a_run(registered, deployed):
    run, _ = deployed

    os.kill(run["process"]["pid"], signal.SIGKILL)

    wait_for(lambda: registered.state_of(run["id"]) == "Failed", "the agent to notice")
    assert_told(registered, run["id"], SIGKILL)


def test_who_watches_a_run_that_is_killed_is_told(registered):
    registered.start_agent()
    watcher = registered.start("run", "-n", "acting", "--watch", "--param", "how=hold")
    read_until(watcher, "UUID")
    run = registered.wait_until_acting(next(registered.store.runs.newest_ids()))

    os.kill(run["process"]["pid"], signal.SIGKILL)

    shown, _ = watcher.communicate(timeout=30)
    assert watcher.returncode == 1
    assert SIGKILL in shown
    assert "Traceback" not in shown


def test_who_watches_a_run_is_told_of_its_end_when_agent_and_run_are_killed(registered):
    agent = registered.start_agent()
    watcher = registered.start("run", "-n", "acting", "--watch", "--param", "how=hold")
    read_until(watcher, "UUID")
    run = registered.wait_until_acting(next(registered.store.runs.newest_ids()))

    agent.kill()
    agent.wait()
    os.killpg(run["process"]["pid"], signal.SIGKILL)

    shown, _ = watcher.communicate(timeout=30)
    assert watcher.returncode == 1
    assert "ended" in shown
    assert "while task 'act-1' was running" in shown


def test_without_an_agent_the_next_command_tells_that_a_run_was_killed(registered, executing):
    id, process = executing

    process.kill()
    process.wait()

    assert_told(registered, id, UNKNOWN)


def test_a_killed_group_of_processes_leaves_no_run_running(backend):
    text = ACTING.replace("import Flow,", "import Flow, unmapped,").replace(
        'act(Parameter("how", default="succeed"))',
        'act.map([1, 2], unmapped(Parameter("how", default="succeed")))',
    )
    text = text.replace("def act(how):", "def act(number, how):").replace(
        "with Flow(", "from prefect.executors import LocalDaskExecutor\n\nwith Flow("
    )
    backend.register(
        text.replace('Flow("acting"', 'Flow("acting", executor=LocalDaskExecutor("processes", num_workers=2)')
    )
    process = backend.start("run", "-n", "acting", "--quiet", "--execute", "--param", "how=hold")
    id = process.stdout.readline().strip()
    wait_for(lambda: len(backend.executions()) == 2, "two workers")

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)  # the end of its output shows that all are gone

    assert backend.listed() == {id: "Failed"}


def test_what_an_agent_has_started_outlives_the_agents_whole_group(registered, deployed):
    run, agent = deployed

    os.killpg(agent.pid, signal.SIGKILL)
    agent.wait()

    assert registered.listed() == {run["id"]: "Running"}


@pytest.mark.parametrize(
    ("how", "end"), [("exit", "ended with exit code 3"), ("crash", "was ended by the signal SIGSEGV")]
)
def test_an_agent_tells_how_a_task_ended_its_process(registered, how, end):
    registered.start_agent()

    done = registered.prefect("run", "-n", "acting", "--watch", "--param", f"how={how}")

    assert_explained(done, 1, f"{end} while task 'act-1' was running.")
    assert "Flow run failed!" in done.stdout


@pytest.mark.parametrize(("how", "code"), [("exit", 3), ("crash", -signal.SIGSEGV)])
def test_an_execution_in_this_process_that_a_task_ends_has_failed(registered, how, code):
    done = registered.prefect("run", "-n", "acting", "--execute", "--quiet", "--param", f"how={how}")

    assert done.returncode == code
    assert_told(registered, done.stdout.splitlines()[0], UNKNOWN)


@pytest.mark.skipif(
    not os.path.exists("/proc"), reason="this system does not tell one life of the machine from another"
)
def test_a_restart_of_the_machine_is_told(registered, executing):
    id, process = executing
    process.kill()
    process.wait()
    before = registered.store.runs.get(id)["process"]["boot_id"]
    path = Path(registered.store.layout.run(id))
    path.write_text(path.read_text().replace(before, "5f1ae6ed-0000-4000-8000-000000000000"))

    assert_told(registered, id, "was restarted while task 'act-1' was running.")


@pytest.mark.parametrize("line", ["Creating run", "UUID", "Executing flow run"])
def test_a_run_whose_executor_is_killed_before_it_begins_has_failed(registered, line):
    process = registered.start("run", "-n", "acting", "--execute", "--param", "how=hold")
    read_until(process, line)

    process.kill()
    process.wait()

    assert list(registered.listed().values()) == ["Failed"]
