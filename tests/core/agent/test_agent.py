"""What every agent does. Source: cli.md §8; DESIGN §3 steps 4 and 6."""

from __future__ import annotations

import threading

import pytest

import prefect
from prefect import Client
from prefect.agent import Agent
from prefect.engine.state import Success
from prefect.exceptions import ClientError
from prefect.orchestration import agents
from prefect.orchestration.limits import update_flow_concurrency_limit
from prefect.utilities.configuration import set_temporary_config


@pytest.fixture
def create_run(register):
    """Creates a run of one and the same flow."""
    flow_ids = []

    def created(**options):
        if not flow_ids:
            flow_ids.append(register())
        return Client().create_flow_run(flow_id=flow_ids[0], **{"labels": [], **options})

    return created


def log_of(backend, flow_run_id):
    return [(line["name"], line["level"], line["message"]) for line in backend.logs.read(flow_run_id)]


# ---- settings --------------------------------------------------------------------------------------------------------


def test_what_is_not_given_comes_from_the_configuration(backend):
    with set_temporary_config(
        {
            "cloud.agent.name": "mine",
            "cloud.agent.labels": ["b", "a", "b"],
            "cloud.agent.env_vars": {"A": "1"},
            "cloud.send_flow_run_logs": False,
        }
    ):
        agent = Agent()

    assert (agent.name, agent.labels, agent.env_vars, agent.log_to_cloud) == ("mine", ["a", "b"], {"A": "1"}, False)


@pytest.mark.parametrize(
    ("configured", "labels"),
    [
        ("['a', 'b']", ["a", "b"]),
        ('["a"]', ["a"]),
        ("a", ["a"]),
        ("[a", ["[a"]),
        ("", [""]),
        ([2, "a"], ["2", "a"]),
        (2, ["2"]),
    ],
)
def test_labels_of_the_environment_are_a_list_or_one_word(backend, configured, labels):
    with set_temporary_config({"cloud.agent.labels": configured}):
        assert Agent().labels == labels


def test_labels_are_a_list(backend):
    with pytest.raises(ClientError, match=r"^Labels are a list of texts, and 'gpu' is none\.$"):
        Agent(labels="gpu")


def test_a_level_that_is_none_is_named(backend):
    with (
        set_temporary_config({"cloud.agent.level": "loud"}),
        pytest.raises(ValueError, match=r"^cloud\.agent\.level is 'loud'\. Set it to DEBUG, INFO, WARNING or ERROR\.$"),
    ):
        Agent()


def test_an_address_needs_a_port(backend):
    with pytest.raises(ValueError, match=r"^Must specify port in agent address, which is 'http://localhost'"):
        Agent(agent_address="http://localhost")


def test_another_backend_is_refused(backend):
    with set_temporary_config({"backend": "server"}), pytest.raises(ClientError, match=r"^The backend is 'server'"):
        Agent()


def test_a_kind_of_agent_has_to_say_how_it_deploys(backend, create_run):
    id = create_run()
    Agent(labels=[], max_polls=1).start()

    assert backend.runs.get(id)["state"]["message"] == "Agent deploys nothing. Define deploy_flow(run)."


# ---- polls -----------------------------------------------------------------------------------------------------------


def test_an_agent_says_what_it_does(agent, capsys):
    agent(name="mine", labels=["b", "a"], max_polls=1).start()

    lines = [line.partition("] ")[2] for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert lines == [
        "INFO - mine | Registering agent...",
        "INFO - mine | Registration successful!",
        "INFO - mine | Starting NotingAgent with labels ['a', 'b']",
        "INFO - mine | Agent documentation can be found with `prefect agent local start --help`",
        "INFO - mine | Waiting for flow runs...",
    ]


def test_at_level_debug_every_poll_is_told(agent, capsys):
    with set_temporary_config({"cloud.agent.level": "DEBUG"}):
        agent(max_polls=2, env_vars={"SECRET": "x"}).start()

    shown = capsys.readouterr().out
    assert shown.count("Querying for ready flow runs...") == 2
    assert shown.count("No ready flow runs found.") == 2
    assert "Environment variables: ['SECRET']" in shown


def test_a_due_run_is_deployed(agent, create_run, backend):
    id = create_run()
    it = agent(name="mine", max_polls=1)
    it.start()

    run = backend.runs.get(id)
    assert it.deployed == [id]
    assert (run["state"]["type"], run["agent_id"]) == ("Submitted", it.agent_id)
    assert log_of(backend, id) == [("mine", "INFO", "Submitted for execution: PID: 5")]


def test_a_run_is_deployed_once_however_many_agents_there_are(agent, create_run):
    ids = [create_run() for _ in range(30)]
    them = [agent(name=f"agent {number}", max_polls=5) for number in range(4)]
    threads = [threading.Thread(target=it.start) for it in them]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(id for it in them for id in it.deployed) == sorted(ids)


def test_an_agent_that_is_started_twice_is_known_once(agent, backend):
    for _ in range(2):
        agent(name="mine", max_polls=1).start()

    assert len(agents.agents(backend)) == 1


@pytest.mark.parametrize(
    ("own", "wanted", "takes"),
    [([], [], True), ([], ["a"], False), (["a"], [], False), (["a", "b"], ["a"], True), (["a"], ["a", "b"], False)],
)
def test_an_agent_takes_runs_with_some_of_its_labels(agent, create_run, own, wanted, takes):
    id = create_run(labels=wanted)
    it = agent(labels=own, max_polls=1)
    it.start()

    assert it.deployed == ([id] if takes else [])


def test_a_run_that_comes_while_the_agent_waits_is_taken_at_once(agent, create_run, monkeypatch):
    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (30.0,))
    it = agent(max_polls=2)
    thread = threading.Thread(target=it.start)
    monkeypatch.setattr(it, "look_after_deployed", lambda: [create_run()] if not it.deployed else it.wake())
    thread.start()
    thread.join(30)

    assert len(it.deployed) >= 1
    assert not thread.is_alive()


def test_a_run_that_waits_for_a_slot_does_not_keep_the_agent_busy(agent, create_run, backend, monkeypatch):
    update_flow_concurrency_limit(backend, "db", 1)
    first, second = create_run(labels=["db"]), create_run(labels=["db"])
    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (30.0,))
    monkeypatch.setattr("prefect.agent.agent.HELD_BACK_SECONDS", 0.05)
    it = agent(labels=["db"], max_polls=3)
    looks = []
    monkeypatch.setattr(it, "look_after_deployed", lambda: looks.append(len(it.deployed)))
    it.start()

    assert len(it.deployed) == 1
    assert 3 <= len(looks) < 12

    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (0.01,))
    Client().set_flow_run_state(it.deployed[0], Success())
    again = agent(labels=["db"], max_polls=1)
    again.start()
    assert {*it.deployed, *again.deployed} == {first, second}


def test_more_runs_than_one_poll_takes_are_not_waited_for(agent, create_run, monkeypatch):
    monkeypatch.setattr("prefect.agent.agent.POLL_SECONDS", (30.0,))
    for _ in range(26):
        create_run()
    it = agent(max_polls=2)
    monkeypatch.setattr(it, "_watch_queue", lambda seconds: None)
    it.start()

    assert len(it.deployed) == 26


def test_a_run_that_cannot_be_deployed_fails_and_the_agent_goes_on(agent, create_run, backend, capsys):
    id = create_run()
    it = agent(name="mine", max_polls=2)
    it.refuses = True
    it.start()

    assert backend.runs.get(id)["state"]["message"] == "no room here"
    assert log_of(backend, id) == [("mine", "ERROR", "no room here")]
    shown = capsys.readouterr().out
    assert f"Exception encountered while deploying flow run {id}" in shown
    assert f"Deployment of {id} aborted!" in shown


def test_a_queue_that_cannot_be_read_is_told_and_tried_again(agent, create_run, backend, monkeypatch, capsys):
    id = create_run()
    it = agent(max_polls=2)
    read = backend.runs.due
    failures = [OSError(5, "Input/output error")]

    def due(*args):
        if failures:
            raise failures.pop()
        return read(*args)

    monkeypatch.setattr(backend.runs, "due", due)
    it.start()

    assert it.deployed == [id]
    assert "The queue of flow runs could not be read; the next poll tries again." in capsys.readouterr().out


def test_a_log_that_cannot_be_written_does_not_stop_the_agent(agent, create_run, backend, monkeypatch, capsys):
    ids = [create_run(), create_run()]

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backend.logs, "append", full)
    it = agent(max_polls=1)
    it.start()

    assert sorted(it.deployed) == sorted(ids)
    assert (
        f"Could not write to the log of flow run {ids[0]}: [Errno 28] No space left on device"
        in capsys.readouterr().out
    )


def test_an_agent_can_be_stopped(agent):
    it = agent()
    thread = threading.Thread(target=it.start)
    thread.start()
    it.stop()
    thread.join(30)

    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("interrupt", "said"), [(KeyboardInterrupt(), "Keyboard interrupt"), (KeyboardInterrupt("SIGTERM"), "SIGTERM")]
)
def test_an_interrupt_ends_the_agent_in_order(agent, capsys, monkeypatch, interrupt, said):
    it = agent()

    def interrupted():
        raise interrupt

    monkeypatch.setattr(it, "poll", interrupted)
    it.start()

    assert f"{said} received! Shutting down..." in capsys.readouterr().out


# ---- environments ----------------------------------------------------------------------------------------------------


def test_the_environment_of_a_run(agent):
    with set_temporary_config({"logging.level": "DEBUG", "home_dir": "/h"}):
        environment = agent(labels=["a"], env_vars={"MINE": "1"}).environment_of({"id": "run", "flow_id": "flow"})

    assert environment == {
        "PREFECT__LOGGING__LEVEL": "DEBUG",
        "MINE": "1",
        "PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": "true",
        "PREFECT__BACKEND": "local",
        "PREFECT__HOME_DIR": "/h",
        "PREFECT__CLOUD__API": prefect.config.cloud.api,
        "PREFECT__CLOUD__API_KEY": "",
        "PREFECT__CLOUD__AGENT__LABELS": "['a']",
        "PREFECT__CONTEXT__FLOW_RUN_ID": "run",
        "PREFECT__CONTEXT__FLOW_ID": "flow",
        "PREFECT__CLOUD__USE_LOCAL_SECRETS": "false",
        "PREFECT__ENGINE__FLOW_RUNNER__DEFAULT_CLASS": "prefect.engine.cloud.CloudFlowRunner",
    }


def test_a_run_config_wins_over_the_agent(agent):
    run = {"id": "run", "flow_id": "flow", "run_config": {"env": {"MINE": "2", "PREFECT__LOGGING__LEVEL": "ERROR"}}}

    environment = agent(env_vars={"MINE": "1"}).environment_of(run)

    assert (environment["MINE"], environment["PREFECT__LOGGING__LEVEL"]) == ("2", "ERROR")


@pytest.mark.parametrize(("no_cloud_logs", "sent"), [(None, "maybe"), (False, "maybe"), (True, "false")])
def test_no_cloud_logs_wins_over_everything(agent, no_cloud_logs, sent):
    it = agent(no_cloud_logs=no_cloud_logs, env_vars={"PREFECT__CLOUD__SEND_FLOW_RUN_LOGS": "maybe"})

    assert it.environment_of({"id": "run", "flow_id": "flow"})["PREFECT__CLOUD__SEND_FLOW_RUN_LOGS"] == sent
