"""Documents of states, made once for many. Source: core.md §20.4."""

from __future__ import annotations

import pytest

from prefect import context
from prefect.client.state_documents import state_document
from prefect.engine.result import Result
from prefect.engine.results import LocalResult
from prefect.engine.state import Failed, Running, Scheduled, Success
from prefect.exceptions import ClientError
from prefect.orchestration.state_rules import LONGEST_STATE, completed


def tagged(state):
    state.context = {"tags": ["a"]}
    return state


@pytest.mark.parametrize(
    "state",
    [
        Running("Starting task run."),
        Running.without_value("Starting task run.", ("a", "b")),
        Success("Task run succeeded."),
        Success("Task run succeeded.", result=42),
        Success.of("Task run succeeded.", 42, ("a",)),
        Success("Task run succeeded.", result=Result(42, location="x")),
        Success("Task run succeeded.", result=LocalResult("/tmp", location="x")),
        tagged(Success("Task run succeeded.")),
        Running(None),
        Failed("it broke"),
        Scheduled("later"),
    ],
    ids=repr,
)
def test_the_document_is_that_of_the_state(state):
    assert state_document(state) == state.serialize()


def test_states_of_the_same_type_message_and_tags_share_a_document():
    first = state_document(Running.without_value("Starting task run.", ("a",)))

    assert state_document(Running.without_value("Starting task run.", ("a",))) is first
    assert state_document(Running.without_value("Starting task run.", ("b",)))["context"] == {"tags": ["b"]}


def test_a_shared_document_is_complete_as_it_is():
    document = state_document(Running.without_value("Starting task run.", ()))

    assert completed(document, "2026-01-01T00:00:00.000000+00:00") is document


def test_a_state_that_is_too_large_is_refused_before_it_is_shared():
    with pytest.raises(ClientError, match=r"^State payload is too large\."):
        state_document(Running.without_value("x" * LONGEST_STATE, ()))


def test_what_a_run_says_of_its_tags_does_not_leak_into_the_shared_document():
    with context(tags=["of the context"]):
        document = state_document(Success.of("done", 1, None))

    assert document["context"] == {}
