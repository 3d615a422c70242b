"""``prefect agent``. Source: cli.md §8."""

from __future__ import annotations

import os

import pytest

import prefect as package
from prefect.agent.local import LocalAgent


@pytest.fixture
def started(backend, monkeypatch):
    """The agents that the command has started, none of which did anything, and the level of their lines."""
    found = []
    monkeypatch.setattr(LocalAgent, "start", lambda agent: found.append((agent, package.config.cloud.agent.level)))
    return found


def test_an_agent_is_started_as_the_options_say(prefect, started):
    done = prefect(
        *("agent", "local", "start", "--name", "mine", "-l", "b", "-l", "a", "-l", "b", "--env", "A=1=2", "-e", "B="),
        *("-p", "/one", "--import-path", "/two", "-f", "--no-hostname-label", "--max-polls", "3"),
        *("--agent-address", "http://:8080", "--no-cloud-logs", "--log-level", "debug", "--agent-config-id", "c"),
    )

    assert done == (0, "", "")
    ((agent, level),) = started
    assert (agent.name, agent.labels, agent.env_vars) == ("mine", ["a", "b"], {"A": "1=2", "B": ""})
    assert (agent.import_paths, agent.show_flow_logs, agent.max_polls) == (["/one", "/two"], True, 3)
    assert (agent.agent_address, agent.log_to_cloud, agent.agent_config_id) == ("http://:8080", False, "c")
    assert level == "DEBUG"


def test_the_name_of_the_machine_is_a_label_unless_that_is_refused(prefect, started):
    prefect("agent", "local", "start", "-l", "a")

    assert started[0][0].labels == sorted(["a", os.uname().nodename])


def test_key_tenant_and_api_are_accepted(prefect, started):
    assert prefect("agent", "local", "start", "-k", "K", "--tenant-id", "T", "-a", "http://x").exit_code == 0


@pytest.mark.parametrize("value", ["A", "=1"])
def test_a_variable_needs_a_name_and_a_value(prefect, started, value):
    done = prefect("agent", "local", "start", "--env", value)

    assert done.exit_code == 2
    assert f"Invalid value for '-e' / '--env': {value!r} is not of the form KEY=VALUE." in done.stderr


def test_an_address_without_port_is_told(prefect, started):
    done = prefect("agent", "local", "start", "--agent-address", "http://localhost")

    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("Must specify port in agent address, which is 'http://localhost'.")


def test_the_configuration_of_supervisor_is_printed(prefect):
    done = prefect(
        *("agent", "local", "install", "-k", "KEY", "--tenant-id", "T", "-l", "gpu", "-l", "my label", "-e", "A=50%"),
        *("--agent-config-id", "C", "-p", "/p2", "-f"),
    )

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[15:17] == [
        "[program:prefect-agent]",
        "command=prefect agent local start -f -l gpu -l 'my label' -e A=50%% -p /p2 -k KEY --tenant-id T"
        " --agent-config-id C",
    ]
    sections = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert sections == [
        "[unix_http_server]",
        "[supervisord]",
        "[rpcinterface:supervisor]",
        "[supervisorctl]",
        "[program:prefect-agent]",
    ]


@pytest.mark.parametrize("words", [("agent",), ("agent", "local")])
def test_a_group_alone_prints_its_help(prefect, words):
    done = prefect(*words)

    assert done.exit_code == 0
    assert done.stdout.startswith(f"Usage: prefect {' '.join(words)}")
