"""``Flow.register`` before there is a backend: core.md §2.9, step 1."""

from __future__ import annotations

import pytest

import prefect
from prefect import Flow
from prefect.exceptions import ClientError


def test_a_flow_cannot_be_registered_inside_its_own_block():
    with (
        Flow("f") as flow,
        pytest.raises(ValueError, match=r"^The flow 'f' cannot be registered inside its own `with`"),
    ):
        flow.register("project")


def test_registering_does_nothing_while_the_file_is_loaded():
    flow = Flow("f")

    with prefect.context(loading_flow=True), pytest.warns(UserWarning, match="of the flow 'f' does nothing") as caught:
        flow_id = flow.register("project")

    assert flow_id is None
    assert caught[0].filename == __file__


def test_being_inside_the_block_counts_more_than_being_loaded():
    with prefect.context(loading_flow=True), Flow("f") as flow, pytest.raises(ValueError, match="inside its own"):
        flow.register("project")


def test_another_flow_can_be_registered_inside_a_block_as_far_as_the_block_is_concerned():
    with Flow("outer"), pytest.raises(ClientError):
        Flow("f").register("project")


def test_without_a_backend_one_sentence_says_so():
    with pytest.raises(ClientError) as caught:
        Flow("f").register("project", labels=["a"], directory="/flows")

    assert str(caught.value) == (
        "The flow 'f' cannot be registered, since this version has no backend;"
        " run it with `flow.run()` or `prefect run -p FILE`."
    )


def test_without_a_backend_there_is_nothing_for_an_agent():
    with pytest.raises(ClientError, match=r"^No agent can be run for the flow .f., since "):
        Flow("f").run_agent(show_flow_logs=True)
