"""The agent that starts processes on this machine. Source: cli.md §8.2, §8.5, §8.6."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from prefect import Client, Flow
from prefect.agent.local import LocalAgent
from prefect.agent.local.agent import hostname
from prefect.orchestration.queue import claim
from prefect.run_configs import DockerRun, LocalRun
from prefect.storage import Docker


class Started:
    """Stands for a process; what it was started with."""

    pid = 5
    returncode = None

    def __init__(self, words, **options):
        self.words = words
        self.options = options

    def poll(self):
        return self.returncode


@pytest.fixture
def started(monkeypatch):
    """The processes that agents have started, none of which exists."""
    found = []

    def popen(words, **options):
        found.append(Started(words, **options))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    return found


@pytest.fixture
def run(register, backend):
    """Claims a run of a flow with this run config, as the agent does before it deploys."""

    def claimed(run_config=None):
        flow = Flow("f", run_config=run_config)
        id = Client().create_flow_run(flow_id=register(flow), labels=[])
        (taken,) = [each for each in claim(backend, None, [], 1) if each["id"] == id]
        return taken

    return claimed


@pytest.fixture
def agent(backend):
    return lambda **options: LocalAgent(**{"hostname_label": False, "labels": [], **options})


def test_the_name_of_the_machine_is_a_label(agent):
    assert agent(hostname_label=True, labels=["a"]).labels == sorted(["a", os.uname().nodename])


def test_a_name_that_all_containers_have_becomes_an_address(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "docker-desktop")
    monkeypatch.setattr("socket.gethostbyname", lambda name: f"address of {name}")

    assert hostname() == "address of docker-desktop"


def test_a_run_is_a_process_in_a_session_of_its_own(agent, run, started):
    message = agent().deploy_flow(run())

    (process,) = started
    assert message == "PID: 5"
    assert process.words == [sys.executable, "-m", "prefect", "execute", "flow-run"]
    assert process.options["start_new_session"] is True
    assert (process.options["stdin"], process.options["stdout"]) == (subprocess.DEVNULL, subprocess.DEVNULL)


def test_what_a_run_prints_is_shown_if_that_is_asked_for(agent, run, started):
    agent(show_flow_logs=True).deploy_flow(run())

    assert (started[0].options["stdout"], started[0].options["stderr"]) == (None, None)


def test_a_run_imports_from_its_folder_the_agents_path_and_the_import_paths(agent, run, started, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/one:/two")
    agent(import_paths=["/three"]).deploy_flow(run(LocalRun(working_dir=str(tmp_path))))

    options = started[0].options
    assert options["cwd"] == str(tmp_path)
    assert options["env"]["PYTHONPATH"] == f"{tmp_path}:/one:/two:/three"


def test_without_a_folder_of_its_own_a_run_is_started_where_the_agent_is(agent, run, started, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    agent().deploy_flow(run())

    assert started[0].options["cwd"] is None
    assert started[0].options["env"]["PYTHONPATH"] == os.getcwd()


def test_variables_of_the_agent_and_of_the_run_config_reach_the_run(agent, run, started, monkeypatch):
    monkeypatch.setenv("FROM", "the shell")
    monkeypatch.setenv("ALSO", "the shell")
    agent(env_vars={"FROM": "the agent", "AND": "the agent"}).deploy_flow(run(LocalRun(env={"AND": "the run"})))

    environment = started[0].options["env"]
    assert [environment[name] for name in ("ALSO", "FROM", "AND")] == ["the shell", "the agent", "the run"]


def test_a_run_for_another_kind_of_agent_is_refused(agent, run, started):
    with pytest.raises(TypeError, match=r"has a `run_config` of type `DockerRun`, only `LocalRun` is supported"):
        agent().deploy_flow(run(DockerRun()))


def test_a_folder_that_does_not_exist_is_told(agent, run, started):
    with pytest.raises(
        ValueError, match=r"is to run in the folder /no/such, which does not exist\. Create it, or change"
    ):
        agent().deploy_flow(run(LocalRun(working_dir="/no/such")))


def test_a_folder_that_is_a_file_is_told(agent, run, started):
    with pytest.raises(
        ValueError, match=rf"is to run in the folder {__file__}, which is a file\. Create it, or change"
    ):
        agent().deploy_flow(run(LocalRun(working_dir=__file__)))


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")])
def test_a_variable_that_cannot_be_is_told(agent, run, started, name, value):
    taken = run(LocalRun(env={name: value}))

    with pytest.raises(ValueError) as caught:
        agent().deploy_flow(taken)

    assert str(caught.value) == (
        f"Flow run {taken['id']} cannot be given the environment variable {name!r}: the name is empty, or name or value have a"
        " character that variables cannot have. Change the `env` of its run config."
    )
    assert started == []


def test_a_flow_in_a_docker_image_is_refused(agent, register, backend, started):
    storage = Docker(image_name="image", image_tag="tag")
    storage.add_flow(Flow("f"))
    Client().create_flow_run(flow_id=register(Flow("f", storage=storage), build=False), labels=[])
    (taken,) = claim(backend, None, [], 1)

    with pytest.raises(ValueError) as caught:
        agent().deploy_flow(taken)

    assert str(caught.value) == (
        f"Flow run {taken['id']} has its flow in a Docker image, which this agent does not start. Register the flow with"
        " another storage, or start an agent that runs images."
    )
    assert started == []


@pytest.mark.parametrize(
    ("code", "shown", "words"),
    [
        (-9, False, "was ended by the signal SIGKILL before the run began."),
        (1, True, "ended with exit code 1 before the run began."),
        (
            1,
            False,
            "ended with exit code 1 before the run began. Start the agent with --show-flow-logs to see what it prints.",
        ),
    ],
)
def test_how_a_process_ended_is_recorded(agent, run, backend, capsys, code, shown, words):
    it, taken = agent(show_flow_logs=shown), run()
    backend.runs.update(
        taken["id"], {"process": {"host": os.uname().nodename, "pid": 4194304, "started": 1, "boot_id": None}}
    )
    it.processes[taken["id"]] = Started([])
    it.processes[taken["id"]].returncode = code

    it.look_after_deployed()

    assert it.processes == {}
    assert backend.runs.get(taken["id"])["state"]["message"].endswith(words)
    assert f"Process PID 5 returned non-zero exit code {code}!" in capsys.readouterr().out


def test_a_process_that_is_there_is_left_alone(agent, run, backend):
    it, taken = agent(), run()
    it.processes[taken["id"]] = Started([])

    it.look_after_deployed()

    assert list(it.processes) == [taken["id"]]


def test_whoever_was_started_is_answerable_for_the_run(agent, register, backend, monkeypatch):
    id = Client().create_flow_run(flow_id=register(Flow("f")), labels=[])

    class Sleeping(subprocess.Popen):
        def __init__(self, words, **options):
            super().__init__([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    monkeypatch.setattr(subprocess, "Popen", Sleeping)
    it = agent(max_polls=1)
    it.start()
    (process,) = it.processes.values()
    record = backend.runs.get(id)
    process.communicate(b"\n")

    assert record["process"]["pid"] == process.pid
