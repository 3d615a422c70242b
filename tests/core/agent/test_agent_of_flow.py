"""``Flow.run_agent``. Source: core.md §2.10."""

from __future__ import annotations

import os

import pytest

import prefect
from prefect import Flow
from prefect.agent.local import LocalAgent
from prefect.run_configs import UniversalRun


@pytest.fixture
def started(backend, monkeypatch):
    """The agents that were started, and the settings at that time."""
    found = []

    def start(agent):
        cloud = prefect.config.cloud
        found.append((agent, cloud.agent.auth_token, cloud.api_key))

    monkeypatch.setattr(LocalAgent, "start", start)
    return found


def test_an_agent_with_the_labels_of_the_flow_is_run(started):
    Flow("f", run_config=UniversalRun(labels=["a"])).run_agent(show_flow_logs=True)

    ((agent, *_),) = started
    assert (agent.labels, agent.show_flow_logs) == (sorted(["a", os.uname().nodename]), True)


def test_a_flow_without_run_config_has_no_labels(started):
    Flow("f").run_agent()

    assert started[0][0].labels == [os.uname().nodename]


def test_what_is_given_holds_while_the_agent_runs(started):
    before = prefect.config.cloud.api_key
    Flow("f").run_agent(api_key="K", log_to_cloud=False)

    ((agent, _, key),) = started
    assert (agent.log_to_cloud, key, prefect.config.cloud.api_key) == (False, "K", before)


def test_the_old_name_of_the_key_is_deprecated(started):
    with pytest.warns(UserWarning, match="`token` is deprecated. Use `api_key` instead."):
        Flow("f").run_agent(token="T")

    assert started[0][1] == "T"


def test_no_agent_is_run_while_a_file_is_loaded(started):
    with (
        prefect.context(loading_flow=True),
        pytest.warns(UserWarning, match="does nothing while its file is being loaded"),
    ):
        Flow("f").run_agent()

    assert started == []
