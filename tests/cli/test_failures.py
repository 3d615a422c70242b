"""Why a run failed that a store keeps. Local runs are covered by test_run.py. Source: cli.md §3.11."""

from __future__ import annotations

import pytest

from prefect.cli.failures import recorded_failure_reason
from prefect.orchestration.flow_runs import create_flow_run, get_flow_run
from prefect.orchestration.liveness import record_failure
from prefect.orchestration.states import set_flow_run_state, set_task_run_state
from prefect.orchestration.task_runs import get_or_create_task_run

TASKS_FAILED = {"type": "Failed", "message": "Some reference tasks failed."}


class Run:
    """A running flow run with the tasks ``extract``, ``check`` and ``load``, the last one mapped."""

    def __init__(self, store, flow_id):
        self.store = store
        self.id = create_flow_run(store, flow_id=flow_id, name="crafty-otter")[0]["id"]
        self.set("Running")

    def set(self, type, message=None):
        set_flow_run_state(self.store, self.id, {"type": type, "message": message})

    def set_task(self, name, type, message=None, *, map_index=-1):
        self.store.system.pass_time(seconds=1)
        task_run = get_or_create_task_run(self.store, self.id, task_slug=f"{name}-1", map_index=map_index)
        set_task_run_state(self.store, task_run["id"], {"type": type, "message": message})

    def reason(self):
        return recorded_failure_reason(self.store, get_flow_run(self.store, self.id))


@pytest.fixture
def run(store, register):
    return Run(store, register(tasks=("extract", "check", "load")))


def test_a_failed_task_is_named_with_its_exception(run):
    run.set_task("extract", "Failed", "Unexpected error: RuntimeError('no')")
    run.set(**TASKS_FAILED)

    assert run.reason() == "Task 'extract' failed: RuntimeError: no"


def test_tasks_that_could_not_run_because_of_that_are_counted(run):
    run.set_task("extract", "Failed", "Unexpected error: RuntimeError('no')")
    run.set_task("check", "TriggerFailed", 'Trigger was "all_successful" but some of the upstream tasks failed.')
    run.set(**TASKS_FAILED)

    assert run.reason() == "Task 'extract' failed: RuntimeError: no (1 could not run because of that)"


def test_of_several_the_one_that_failed_first_is_named(run):
    run.set_task("load", "TimedOut", "Execution timed out.", map_index=4)
    run.set_task("check", "Failed", "bad")
    run.set_task("extract", "Failed", "worse")
    run.set(**TASKS_FAILED)

    assert run.reason() == "Task 'load[4]' failed: Execution timed out. (2 more failed)"


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "Error during execution of task: ZeroDivisionError('division by zero')",
            "ZeroDivisionError: division by zero",
        ),
        (
            "Failed to load and execute flow run: FlowStorageError(\"No file 'flow.py'. Push it.\")",
            "FlowStorageError: No file 'flow.py'. Push it.",
        ),
        ("Unexpected error: KeyError(1)", "KeyError(1)"),
        ("Unexpected error: OSError(2, 'No such file')", "OSError(2, 'No such file')"),
        ("Unexpected error: HTTPError(<Response [500]>)", "HTTPError(<Response [500]>)"),
        ("Unexpected error: ValueError('one\\ntwo')", "ValueError: one"),
        ("Unexpected error: <Strange exception>", "Unexpected error: <Strange exception>"),
        ("Unexpected error: ValueError()", "ValueError()"),
        ("x" * 600, "x" * 500 + "... (600 characters)"),
        ("", "Failed"),
        (None, "Failed"),
    ],
)
def test_the_message_of_a_state_becomes_one_line(run, message, cause):
    run.set_task("extract", "Failed", message)
    run.set(**TASKS_FAILED)

    assert run.reason() == f"Task 'extract' failed: {cause}"


def test_a_reason_of_the_run_itself_counts_more_than_its_tasks(run):
    run.set_task("extract", "Failed", "bad")
    run.set("Failed", "The quota is used up.")

    assert run.reason() == "The flow run 'crafty-otter' failed: The quota is used up."


def test_a_run_that_was_recorded_as_dead_says_why(run):
    run.set_task("extract", "Failed", "bad")
    run.set_task("check", "Running")
    record_failure(run.store, run.id, "The process that ran it ended with exit code 9.")

    assert run.reason() == (
        "The flow run 'crafty-otter' failed: The process that ran it ended with exit code 9. That was while task"
        " 'check-1' was running."
    )


def test_a_run_of_which_nothing_else_is_known_is_just_failed(run):
    run.set("Failed")

    assert run.reason() == "The flow run 'crafty-otter' failed: Failed"
