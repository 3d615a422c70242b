"""What agents read from the flow runs they deploy (core.md §1.2, §15, §16.4)."""

from __future__ import annotations

from typing import Any

import pytest

from prefect.run_configs import DockerRun, KubernetesRun, UniversalRun
from prefect.serialization import serialize_run_config
from prefect.utilities.agent import get_flow_image, get_flow_run_command
from prefect.utilities.graphql import GraphQLResult

DOCKER = {"type": "Docker", "registry_url": "registry", "image_name": "image", "image_tag": "tag", "flows": {}}


def flow_run(storage: dict[str, Any] | None = None, run_config: Any = None) -> GraphQLResult:
    """Return a flow run as a client of the backend sees it."""
    document = None if run_config is None else serialize_run_config(run_config)
    return GraphQLResult({"flow": {"storage": storage or {"type": "Local"}}, "run_config": document})


def test_the_image_of_a_docker_storage_wins():
    run = flow_run(DOCKER, DockerRun(image="other"))

    assert get_flow_image(run, default="mine") == "registry/image:tag"


@pytest.mark.parametrize(
    "run_config", [DockerRun(image="other"), KubernetesRun(image="other")], ids=lambda config: type(config).__name__
)
def test_the_image_of_the_run_config_is_next(run_config):
    assert get_flow_image(flow_run(run_config=run_config), default="mine") == "other"


@pytest.mark.parametrize("run_config", [None, DockerRun(), UniversalRun()], ids=lambda config: type(config).__name__)
def test_the_default_is_last(run_config):
    assert get_flow_image(flow_run(run_config=run_config), default="mine") == "mine"


def test_a_run_may_be_a_plain_dictionary():
    assert get_flow_image({"flow": {"storage": DOCKER}}) == "registry/image:tag"


def test_without_any_image_it_says_where_to_name_one():
    with pytest.raises(ValueError) as caught:
        get_flow_image(flow_run())

    assert str(caught.value) == (
        "Nothing names an image for the flow run. Give its run config an `image`, or name a default."
    )


def test_a_run_is_executed_by_the_command_that_agents_start():
    assert get_flow_run_command(flow_run()) == "prefect execute flow-run"
