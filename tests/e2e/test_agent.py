"""Agents and the runs they start, as real processes. Source: cli.md §8, §14; backend.md §8.6, §10 - §12."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from backend_home import PREFECT, BackendHome, read_until, wait_for

from prefect.orchestration import flow_runs, states, task_runs
from prefect.orchestration.flows import find_flow

#: A flow whose second attempt comes after twenty minutes; its value is stored between the two.
PATIENT = """
import os
from datetime import timedelta
import prefect
from prefect import Flow, task
from prefect.engine.results import LocalResult

@task
def first():
    with open(os.environ["EXECUTED"], "a") as file:
        file.write("first\\n")
    return {"a": 1}

@task(max_retries=1, retry_delay=timedelta(minutes=20))
def act(x):
    with open(os.environ["EXECUTED"], "a") as file:
        file.write(f"act{x['a']}\\n")
    if prefect.context.task_run_count == 1:
        raise ValueError("not yet")

with Flow("acting", result=LocalResult()) as flow:
    act(first())

if __name__ == "__main__":
    flow.register("demo", no_url=True)
"""

TELLING = """
import os, sys
import prefect
from prefect import Flow, task

@task(log_stdout=True)
def tell():
    print("TELLING", os.environ.get("MINE"), os.getcwd(), [path for path in sys.path if "imported" in path])
    sys.stderr.write("ON STDERR\\n")

with Flow("acting") as flow:
    tell()

if __name__ == "__main__":
    flow.register("demo", no_url=True)
"""


@pytest.fixture
def registered(backend: BackendHome) -> BackendHome:
    backend.register()
    return backend


def log_of(backend: BackendHome, id: str) -> list[str]:
    return [line["message"] for line in backend.store.logs.read(id)]


def task_run_of(backend: BackendHome, id: str, slug: str) -> dict:
    return next(run for run in task_runs.task_runs(backend.store, id) if run["task"] == slug)


# ---- agents ----------------------------------------------------------------------------------------------------------


def test_an_agent_executes_what_is_due(registered):
    registered.start_agent()

    id = registered.create_run()
    registered.wait_until_finished(id)

    assert registered.state_of(id) == "Success"
    assert registered.executions() == [id]
    messages = log_of(registered, id)
    assert any(message.startswith("Submitted for execution: PID: ") for message in messages)
    assert "Flow run SUCCESS: all reference tasks succeeded" in messages


def test_two_agents_of_one_name_execute_every_run_once(registered):
    for _ in range(2):
        registered.start_agent("--name", "twin")

    ids = [registered.create_run() for _ in range(8)]
    registered.wait_until_finished(*ids)

    assert sorted(registered.executions()) == sorted(ids)
    assert set(registered.listed().values()) == {"Success"}


def test_polls_are_counted(registered):
    done = registered.prefect("agent", "local", "start", "--max-polls", "2", "--log-level", "DEBUG")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Querying for ready flow runs...") == 2


@pytest.mark.parametrize(
    ("number", "said"), [(signal.SIGINT, "Keyboard interrupt received!"), (signal.SIGTERM, "SIGTERM received!")]
)
def test_an_agent_that_is_ended_leaves_its_runs_going(registered, number, said):
    agent = registered.start_agent()
    id = registered.create_run("--param", "how=hold")
    run = registered.wait_until_acting(id)

    agent.send_signal(number)
    shown, _ = agent.communicate(timeout=30)

    assert agent.returncode == 0
    assert f"{said} Shutting down..." in shown
    assert registered.state_of(id) == "Running"
    os.kill(run["process"]["pid"], 0)


def test_a_run_of_an_agent_that_was_killed_before_it_began_is_started_by_the_next(registered):
    from prefect.orchestration.queue import claim

    id = registered.create_run()
    dead = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    from prefect.orchestration.processes import process_identity

    labels = registered.store.runs.get(id)["labels"]
    claim(registered.store, None, labels, process=process_identity(dead.pid))
    dead.kill()
    dead.communicate()

    registered.start_agent()
    registered.wait_until_finished(id)

    assert registered.state_of(id) == "Success"
    assert registered.store.runs.get(id)["times_resurrected"] == 1
    assert registered.executions() == [id]


def test_what_runs_print_is_shown_if_that_is_asked_for(backend):
    backend.register(TELLING)
    agent = backend.start_agent("--show-flow-logs")
    backend.create_run()

    shown = read_until(agent, "Flow run SUCCESS")

    assert "TELLING" in shown
    assert "ON STDERR" in shown


def test_a_run_goes_on_when_the_reader_of_what_it_prints_has_left(registered):
    agent = registered.start_agent("--show-flow-logs")
    id = registered.create_run("--param", "how=talk")
    pid = registered.wait_until_acting(id)["process"]["pid"]

    agent.stdout.close()

    wait_for(lambda: os.readlink(f"/proc/{pid}/fd/1") == os.devnull, "the run to notice")
    assert registered.state_of(id) == "Running"
    os.kill(pid, 0)


def test_variables_and_folders_reach_the_run(backend, tmp_path):
    backend.register(TELLING)
    imported = tmp_path / "imported"
    imported.mkdir()
    backend.start_agent("--env", "MINE=5", "--import-path", str(imported))

    id = backend.create_run()
    backend.wait_until_finished(id)

    (line,) = [message for message in log_of(backend, id) if message.startswith("TELLING")]
    assert line == f"TELLING 5 {backend.cwd} ['{imported}']"


def test_log_lines_of_runs_are_not_kept_if_that_is_refused(registered):
    registered.start_agent("--no-cloud-logs")

    id = registered.create_run()
    registered.wait_until_finished(id)

    assert [message for message in log_of(registered, id) if "Submitted for execution" not in message] == []


def test_an_agent_answers_that_it_is_there(registered):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    registered.start_agent("--agent-address", address)

    with urllib.request.urlopen(address + "/api/health", timeout=30) as answer:
        assert answer.read() == b"{}"


def test_an_address_that_is_taken_is_told(registered):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = registered.prefect("agent", "local", "start", "--agent-address", f"http://127.0.0.1:{port}")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"127.0.0.1:{port}" in done.stderr


def test_a_file_that_brings_its_own_agent(backend):
    path = backend.register()
    path.write_text(path.read_text() + "    flow.run_agent(show_flow_logs=True)\n")
    agent = backend.start_program([sys.executable, str(path)])
    read_until(agent, "Waiting for flow runs")

    id = backend.create_run()
    backend.wait_until_finished(id)

    assert backend.state_of(id) == "Success"


# ---- what ends a run -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGTERM, "Flow run received SIGTERM. That was while task 'act-1' was running."),
        (signal.SIGINT, "Flow run received an interrupt signal. That was while task 'act-1' was running."),
    ],
)
def test_a_signal_to_the_process_of_a_run_is_recorded(registered, number, reason):
    agent = registered.start_agent()
    id = registered.create_run("--param", "how=hold")
    run = registered.wait_until_acting(id)

    os.kill(run["process"]["pid"], number)
    registered.wait_until_finished(id)

    assert registered.store.runs.get(id)["state"]["message"] == reason
    assert task_run_of(registered, id, "act-1")["state"]["type"] == "Failed"
    shown = read_until(agent, "returned non-zero exit code")
    assert f"non-zero exit code {128 + number}!" in shown


def test_a_run_is_cancelled_in_its_process(registered):
    registered.start_agent()
    id = registered.create_run("--param", "how=hold")
    run = registered.wait_until_acting(id)

    states.cancel_flow_run(registered.store, id)
    registered.wait_until_finished(id)

    assert registered.state_of(id) == "Cancelled"
    assert task_run_of(registered, id, "act-1")["state"]["type"] == "Cancelled"
    wait_for(lambda: not Path(f"/proc/{run['process']['pid']}/cwd").exists(), "the end of the process")


def test_an_execution_in_this_process_is_cancelled(registered):
    process = registered.start("run", "-n", "acting", "--execute", "--param", "how=hold")
    read_until(process, "UUID")
    id = next(registered.store.runs.newest_ids())
    registered.wait_until_acting(id)

    states.cancel_flow_run(registered.store, id)
    shown, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert registered.state_of(id) == "Cancelled"
    assert "Flow run has been cancelled, cancelling active tasks" in shown


def test_sigterm_ends_an_execution_in_this_process(registered):
    process = registered.start("run", "-n", "acting", "--execute", "--param", "how=hold")
    read_until(process, "UUID")
    id = next(registered.store.runs.newest_ids())
    registered.wait_until_acting(id)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert process.returncode == 143
    assert registered.store.runs.get(id)["state"]["message"].startswith("Flow run received SIGTERM.")


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        (signal.SIGINT, 130, "Flow run received an interrupt signal."),
        (signal.SIGTERM, 143, "Flow run received SIGTERM."),
    ],
)
def test_a_signal_while_an_execution_waits_for_its_time_is_recorded(registered, number, code, reason):
    run, _ = flow_runs.create_flow_run(
        registered.store,
        flow_id=find_flow(registered.store, name="acting")["id"],
        idempotency_key="later",
        scheduled_start_time=datetime.now(timezone.utc) + timedelta(hours=1),
    )
    process = registered.start("run", "-n", "acting", "--execute", "--idempotency-key", "later")
    read_until(process, "Waiting for the start time")

    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == code
    state = registered.store.runs.get(run["id"])["state"]
    assert (state["type"], state["message"]) == ("Failed", reason)


# ---- retries, restarts -----------------------------------------------------------------------------------------------


def left(backend: BackendHome, id: str) -> dict | None:
    """Return a run that is running without a process."""
    run = backend.store.runs.get(id)
    return run if (run["state"]["type"], run["process"]) == ("Running", None) else None


def hurry(backend: BackendHome, id: str) -> None:
    """Let the retry of the task ``act`` be due now."""
    task_run = task_run_of(backend, id, "act-1")
    now = backend.store.system.now()
    states.set_task_run_state(backend.store, task_run["id"], {**task_run["state"], "start_time": now})


def test_a_later_retry_is_done_by_a_new_process(backend):
    backend.register(PATIENT)
    agent = backend.start_agent()
    id = backend.create_run()
    run = wait_for(lambda: left(backend, id), "the process to leave")
    assert run["due"] > backend.store.system.now()

    hurry(backend, id)
    backend.wait_until_finished(id)

    assert backend.state_of(id) == "Success"
    assert backend.executions() == ["first", "act1", "act1"]
    agent.send_signal(signal.SIGINT)
    shown, _ = agent.communicate(timeout=30)
    assert shown.count("Deploying flow run") == 2
    assert "non-zero" not in shown


def test_a_failed_run_that_is_restarted_keeps_what_was_done(backend):
    text = PATIENT.replace("max_retries=1, retry_delay=timedelta(minutes=20)", "")
    backend.register(text.replace("prefect.context.task_run_count == 1", "not os.path.exists('mended')"))
    backend.start_agent()
    id = backend.create_run()
    backend.wait_until_finished(id)
    (backend.cwd / "mended").touch()

    states.set_task_run_state(backend.store, task_run_of(backend, id, "act-1")["id"], {"type": "Pending"})
    states.set_flow_run_state(backend.store, id, {"type": "Scheduled"})
    wait_for(lambda: backend.state_of(id) == "Success", "the second attempt")

    assert backend.executions() == ["first", "act1", "act1"]


def test_a_run_is_executed_by_hand(registered):
    id = registered.create_run()
    command = [str(PREFECT), "execute", "flow-run"]

    done = [registered.run(command, PREFECT__CONTEXT__FLOW_RUN_ID=id) for _ in range(2)]

    assert [each.returncode for each in done] == [0, 0]
    assert registered.executions() == [id]
    assert "Flow run has already finished." in done[1].stdout


def test_of_two_processes_for_one_run_one_executes_it(registered):
    id = registered.create_run("--param", "how=hold")
    first = registered.start("execute", "flow-run", PREFECT__CONTEXT__FLOW_RUN_ID=id)
    registered.wait_until_acting(id)

    second = registered.prefect("execute", "flow-run", PREFECT__CONTEXT__FLOW_RUN_ID=id)

    assert second.returncode == 0
    assert f"Another process on this machine executes the flow run {id}." in second.stdout
    assert (registered.executions(), registered.state_of(id)) == ([id], "Running")
    first.kill()


def test_heartbeats_end_with_their_parent(registered):
    id = registered.create_run()
    program = (
        "import subprocess, time\n"
        f"child = subprocess.Popen([{str(PREFECT)!r}, 'heartbeat', 'flow-run', '-i', {id!r}])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(120)\n"
    )
    parent = registered.start_program([sys.executable, "-c", program], PREFECT__CLOUD__HEARTBEAT_INTERVAL="0.1")
    pid = int(parent.stdout.readline())
    states.set_flow_run_state(registered.store, id, {"type": "Running"})
    os.utime(registered.store.layout.active(id), (0, 0))
    wait_for(lambda: registered.store.runs.last_heartbeat(id) > 0, "a heartbeat")
    parent.kill()
    parent.wait()

    wait_for(lambda: not Path(f"/proc/{pid}").exists() or "Z" in _state(pid), "the end of the heartbeats")


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
