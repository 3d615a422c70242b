"""Triggers, as a table over the states of upstream tasks (core.md §8.5)."""

from __future__ import annotations

from typing import Any

import pytest

from prefect import Task, context, triggers
from prefect.edge import Edge
from prefect.engine import signals
from prefect.engine.result import NoResult
from prefect.engine.state import (
    Cached,
    Cancelled,
    Failed,
    Mapped,
    Pending,
    Running,
    Skipped,
    Success,
    TriggerFailed,
)
from prefect.triggers import (
    all_failed,
    all_finished,
    all_successful,
    any_failed,
    any_successful,
    manual_only,
    not_all_skipped,
    some_failed,
    some_successful,
)

RUNS = True
FAILS = signals.TRIGGERFAIL
SKIPS = signals.SKIP

SUCCESS, FAILURE, SKIPPED, CANCELLED = Success, Failed, Skipped, Cancelled


def outcome(trigger: Any, upstream: dict[Edge, Any]) -> Any:
    """What a trigger says: true, or the class of the signal it raises."""
    try:
        return trigger(upstream)
    except signals.PrefectStateSignal as signal:
        return type(signal)


def upstream(*states: Any) -> dict[Edge, Any]:
    """One upstream task for each state."""
    end = Task()
    return {Edge(Task(), end): state for state in states}


@pytest.mark.parametrize(
    ("trigger", "states", "expected"),
    [
        (all_successful, [SUCCESS, SUCCESS], RUNS),
        (all_successful, [SUCCESS, FAILURE], FAILS),
        (all_successful, [SUCCESS, SKIPPED, Cached], RUNS),
        (all_successful, [SUCCESS, CANCELLED], FAILS),
        (all_failed, [FAILURE, FAILURE], RUNS),
        (all_failed, [FAILURE, TriggerFailed], RUNS),
        (all_failed, [FAILURE, SUCCESS], FAILS),
        (all_failed, [FAILURE, SKIPPED], FAILS),
        (all_failed, [FAILURE, CANCELLED], FAILS),
        (all_finished, [FAILURE, SUCCESS, SKIPPED, CANCELLED], RUNS),
        (all_finished, [SUCCESS, Pending], FAILS),
        (all_finished, [SUCCESS, Running], FAILS),
        (any_successful, [FAILURE, SUCCESS], RUNS),
        (any_successful, [FAILURE, SKIPPED], RUNS),
        (any_successful, [FAILURE, CANCELLED], FAILS),
        (any_failed, [FAILURE, SUCCESS], RUNS),
        (any_failed, [TriggerFailed, SUCCESS], RUNS),
        (any_failed, [SUCCESS, SKIPPED, CANCELLED], FAILS),
        (not_all_skipped, [SUCCESS, SKIPPED], RUNS),
        (not_all_skipped, [SKIPPED, SKIPPED], SKIPS),
        (not_all_skipped, [SUCCESS, FAILURE], FAILS),
        (not_all_skipped, [SKIPPED, FAILURE], FAILS),
        (not_all_skipped, [SUCCESS, SUCCESS], RUNS),
    ],
)
def test_a_trigger_decides_from_the_states(trigger: Any, states: list[Any], expected: Any):
    assert outcome(trigger, upstream(*(state() for state in states))) is expected


@pytest.mark.parametrize(
    ("trigger", "nothing", "no_children"),
    [
        (all_successful, RUNS, RUNS),
        (all_failed, RUNS, RUNS),
        (all_finished, RUNS, RUNS),
        (any_successful, RUNS, FAILS),
        (any_failed, RUNS, FAILS),
        (some_failed(at_least=1), RUNS, FAILS),
        (some_failed(at_most=1), RUNS, RUNS),
        (some_successful(at_least=1), RUNS, FAILS),
        (some_successful(at_least=0.5), RUNS, RUNS),
        (not_all_skipped, SKIPS, SKIPS),
        (manual_only, signals.PAUSE, signals.PAUSE),
    ],
)
def test_a_trigger_without_upstream_states(trigger: Any, nothing: Any, no_children: Any):
    assert outcome(trigger, {}) is nothing
    assert outcome(trigger, upstream(Mapped(map_states=[]))) is no_children


def test_mapped_states_count_as_their_children():
    children = Mapped(map_states=[Success(), Failed(), Success()])
    assert outcome(all_successful, upstream(children)) is FAILS
    assert outcome(any_failed, upstream(children)) is RUNS
    assert outcome(some_successful(at_least=2, at_most=2), upstream(children)) is RUNS


def test_two_edges_from_one_task_count_once():
    start, end, failed = Task(), Task(), Failed()
    twice = {Edge(start, end, key="x"): failed, Edge(start, end, key="y"): failed, Edge(Task(), end): Failed()}
    assert outcome(some_failed(at_least=3), twice) is FAILS
    assert outcome(some_failed(at_least=2, at_most=2), twice) is RUNS


@pytest.mark.parametrize(
    ("at_least", "at_most", "of_four"),
    [
        (None, None, [RUNS, RUNS, RUNS, RUNS, RUNS]),
        (1, None, [FAILS, RUNS, RUNS, RUNS, RUNS]),
        (None, 1, [RUNS, RUNS, FAILS, FAILS, FAILS]),
        (2, 3, [FAILS, FAILS, RUNS, RUNS, FAILS]),
        (0.5, None, [FAILS, FAILS, RUNS, RUNS, RUNS]),
        (None, 0.5, [RUNS, RUNS, RUNS, FAILS, FAILS]),
        (0.25, 0.75, [FAILS, RUNS, RUNS, RUNS, FAILS]),
        (0.3, None, [FAILS, FAILS, RUNS, RUNS, RUNS]),
        (1.0, None, [FAILS, RUNS, RUNS, RUNS, RUNS]),
        (None, 0, [RUNS, FAILS, FAILS, FAILS, FAILS]),
        (5, None, [FAILS, FAILS, FAILS, FAILS, FAILS]),
    ],
)
@pytest.mark.parametrize(
    ("factory", "counted", "other"), [(some_failed, Failed, Success), (some_successful, Success, Failed)]
)
def test_bounds_are_inclusive_and_fractions_below_one(
    factory: Any, counted: Any, other: Any, at_least: Any, at_most: Any, of_four: list[Any]
):
    trigger = factory(at_least=at_least, at_most=at_most)
    found = [
        outcome(trigger, upstream(*([counted() for _ in range(n)] + [other() for _ in range(4 - n)]))) for n in range(5)
    ]
    assert found == of_four


@pytest.mark.parametrize(
    ("trigger", "states", "message"),
    [
        (all_successful, [Failed()], 'Trigger was "all_successful" but some of the upstream tasks failed.'),
        (all_failed, [Success()], 'Trigger was "all_failed" but some of the upstream tasks succeeded.'),
        (any_successful, [Failed()], 'Trigger was "any_successful" but none of the upstream tasks succeeded.'),
        (any_failed, [Success()], 'Trigger was "any_failed" but none of the upstream tasks failed.'),
        (not_all_skipped, [Failed()], 'Trigger was "not_all_skipped" but some of the upstream tasks failed.'),
        (not_all_skipped, [Skipped()], "All upstreams were skipped"),
        (manual_only, [], 'Trigger function is "manual_only"'),
    ],
)
def test_a_trigger_says_why_not(trigger: Any, states: list[Any], message: str):
    with pytest.raises(signals.PrefectStateSignal) as caught:
        trigger(upstream(*states))
    assert caught.value.state.message == message


def test_a_skip_by_not_all_skipped_has_no_result():
    with pytest.raises(signals.SKIP) as caught:
        not_all_skipped(upstream(Skipped()))
    assert caught.value.state._result is NoResult


def test_manual_only_runs_once_resumed():
    with context(resume=True):
        assert manual_only(upstream(Failed())) is True


def test_always_run_is_all_finished():
    assert triggers.always_run is triggers.all_finished
