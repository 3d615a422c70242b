"""``RenameFlowRun`` and ``CancelFlowRun``. Source: core.md §21.6."""

from __future__ import annotations

import pytest

import prefect
from prefect import Client, Flow
from prefect.engine.state import Cancelled
from prefect.tasks.prefect.flow_run_cancel import CancelFlowRun
from prefect.tasks.prefect.flow_run_rename import RenameFlowRun


def name_of(flow_run_id):
    return Client().get_flow_run_info(flow_run_id).name


def test_a_run_is_renamed_by_its_id(flow_run_id):
    assert RenameFlowRun().run(flow_run_id, "new") is True
    assert name_of(flow_run_id) == "new"


def test_what_the_task_was_made_with_counts_unless_it_is_called_with_something_else(flow_run_id):
    rename = RenameFlowRun(flow_run_id=flow_run_id, flow_run_name="mine")

    rename.run()
    assert name_of(flow_run_id) == "mine"
    rename.run(flow_run_name="other")
    assert name_of(flow_run_id) == "other"


def test_the_current_run_is_renamed_by_default(flow_run_id):
    with prefect.context(flow_run_id=flow_run_id):
        RenameFlowRun(flow_run_name="new").run()

    assert name_of(flow_run_id) == "new"


def test_renaming_works_inside_a_flow(flow_run_id):
    with Flow("renaming") as flow:
        RenameFlowRun()(flow_run_id, "new")

    assert flow.run().is_successful()
    assert name_of(flow_run_id) == "new"


def test_renaming_needs_an_id_and_a_name():
    with pytest.raises(ValueError, match=r"^`flow_run_id` must be explicitly provided or available in the context\.$"):
        RenameFlowRun().run()
    with pytest.raises(ValueError, match=r"^Must provide a flow run name\. Give `flow_run_name` to "):
        RenameFlowRun().run("id")


def test_a_run_is_cancelled_by_its_id(flow_run_id):
    assert CancelFlowRun().run(flow_run_id) is True
    assert isinstance(Client().get_flow_run_state(flow_run_id), Cancelled)


def test_the_current_run_is_cancelled_by_default(flow_run_id):
    with prefect.context(flow_run_id=flow_run_id):
        CancelFlowRun().run()

    assert isinstance(Client().get_flow_run_state(flow_run_id), Cancelled)


def test_cancelling_needs_an_id():
    with pytest.raises(ValueError, match=r"^Can't cancel a flow run without flow run ID\. Give `flow_run_id` to "):
        CancelFlowRun().run()
