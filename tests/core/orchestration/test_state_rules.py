"""What a state does to a run, without a store."""

from __future__ import annotations

import pytest

from prefect.engine import state as states
from prefect.exceptions import ClientError
from prefect.orchestration import state_rules
from prefect.orchestration.state_rules import completed, earliest_start, next_flow_run, next_task_run, plain, submitted

BEFORE = "2024-05-17T11:00:00.000000+00:00"
NOW = "2024-05-17T12:00:00.000000+00:00"
LATER = "2024-05-17T13:00:00.000000+00:00"


def run(kind: str = "Scheduled", **fields: object) -> dict:
    return {
        "version": 1,
        "state": {"type": kind},
        "state_timestamp": BEFORE,
        "start_time": None,
        "end_time": None,
        **fields,
    }


def classes(predicate) -> set[str]:
    known = [cls for cls in vars(states).values() if isinstance(cls, type) and issubclass(cls, states.State)]
    return {cls.__name__ for cls in known if cls.__name__ in state_rules.TYPES and predicate(cls())}


def test_the_types_are_those_of_the_engine():
    assert classes(lambda state: state.is_scheduled()) == state_rules.SCHEDULED
    assert classes(lambda state: state.is_running()) == state_rules.RUNNING
    assert classes(lambda state: state.is_finished()) == state_rules.FINISHED
    assert classes(lambda state: state.is_failed()) == state_rules.FAILED
    assert classes(lambda state: state.is_successful()) == state_rules.SUCCESSFUL
    assert classes(lambda state: state.is_meta_state()) == state_rules.META
    assert len(state_rules.TYPES) == 21


# ---- what is accepted ------------------------------------------------------------------------------------------------


def test_the_type_alone_is_a_state():
    assert completed({"type": "Success"}, NOW) == {"type": "Success"}


def test_an_unknown_type_is_refused():
    with pytest.raises(ClientError, match=r"There is no state of type 'Succes'\. Known types: Cached, Cancelled,"):
        completed({"type": "Succes"}, NOW)


@pytest.mark.parametrize("kind", ["Scheduled", "Resume", "Retrying", "Queued"])
def test_without_a_start_time_a_state_starts_now(kind):
    assert completed({"type": kind}, NOW)["start_time"] == NOW


def test_without_a_start_time_a_paused_state_waits_for_somebody():
    assert completed({"type": "Paused"}, NOW)["start_time"] is None


def test_a_start_time_becomes_utc():
    state = completed({"type": "Scheduled", "start_time": "2024-05-17T15:00:00+02:00"}, NOW)

    assert state["start_time"] == LATER


@pytest.mark.parametrize(
    "entry",
    [{"message": "x" * 1_000_001}, {"context": {"text": "x" * 1_000_001}}, {"context": {"list": ["x"] * 400_000}}],
)
def test_a_state_that_is_too_large_is_refused(entry):
    with pytest.raises(ClientError, match=r"^State payload is too large\. .*shorten the message\.$"):
        completed({"type": "Failed", **entry}, NOW)


def test_a_large_state_is_accepted():
    state = {"type": "Failed", "message": "x" * 900_000, "context": {"tags": ["a", "b"]}}

    assert completed(state, NOW) == state


# ---- versions and times ----------------------------------------------------------------------------------------------


def test_each_state_counts_the_version_up():
    changes = next_task_run(run(), {"type": "Running"}, NOW)

    assert (changes["version"], changes["state"], changes["state_timestamp"]) == (2, {"type": "Running"}, NOW)


def test_the_time_of_states_never_goes_back():
    assert next_task_run(run(state_timestamp=LATER), {"type": "Running"}, NOW)["state_timestamp"] == LATER


def test_a_run_has_started_when_it_was_running_first():
    first = next_task_run(run(), {"type": "Running"}, NOW)["start_time"]
    again = next_task_run(run(start_time=BEFORE), {"type": "Running"}, NOW)["start_time"]

    assert (first, again) == (NOW, BEFORE)


@pytest.mark.parametrize("kind", sorted(state_rules.TYPES - {"Running"}))
def test_only_a_running_state_starts_a_run(kind):
    assert next_task_run(run(), completed({"type": kind}, NOW), NOW)["start_time"] is None


@pytest.mark.parametrize("kind", sorted(state_rules.FINISHED))
def test_a_run_has_ended_with_every_finished_state(kind):
    assert next_task_run(run("Running"), {"type": kind}, NOW)["end_time"] == NOW


@pytest.mark.parametrize("kind", sorted(state_rules.TYPES - state_rules.FINISHED))
def test_a_run_that_is_started_again_has_not_ended(kind):
    assert next_task_run(run("Failed", end_time=BEFORE), completed({"type": kind}, NOW), NOW)["end_time"] is None


def test_cached_inputs_are_carried_over_to_a_state_without_any():
    old = run(state={"type": "Retrying", "cached_inputs": {"x": {"type": "LocalResult"}}})

    kept = next_task_run(old, {"type": "Running", "cached_inputs": {}}, NOW)["state"]
    own = next_task_run(old, {"type": "Running", "cached_inputs": {"y": {}}}, NOW)["state"]

    assert kept == {"type": "Running", "cached_inputs": {"x": {"type": "LocalResult"}}}
    assert own == {"type": "Running", "cached_inputs": {"y": {}}}


# ---- who is to look at a flow run ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Scheduled", "Resume", "Retrying", "Queued", "Paused"])
def test_a_flow_run_with_a_start_time_is_due_then(kind):
    changes = next_flow_run(run(), {"type": kind, "start_time": LATER}, NOW)

    assert (changes["due"], changes["live"], changes["process"]) == (LATER, False, None)


def test_a_paused_flow_run_without_a_start_time_is_not_due():
    changes = next_flow_run(run(), {"type": "Paused", "start_time": None}, NOW)

    assert (changes["due"], changes["live"]) == (None, False)


@pytest.mark.parametrize("kind", ["Submitted", "Running", "Cancelling"])
def test_a_flow_run_that_was_picked_up_is_live(kind):
    changes = next_flow_run(run(), {"type": kind}, NOW)

    assert (changes["due"], changes["live"], "process" in changes) == (None, True, False)


@pytest.mark.parametrize("kind", sorted(state_rules.FINISHED | {"Pending"}))
def test_a_flow_run_that_has_finished_or_not_begun_is_neither_due_nor_live(kind):
    changes = next_flow_run(run("Running"), {"type": kind}, NOW)

    assert (changes["due"], changes["live"]) == (None, False)


def test_a_waiting_flow_run_is_due_when_its_first_task_run_is():
    runs = [
        run(state={"type": "Retrying", "start_time": LATER}),
        run(state={"type": "Paused", "start_time": None}),
        run(state={"type": "Resume", "start_time": NOW}),
        run(state={"type": "Success"}),
    ]

    assert earliest_start(runs) == NOW
    assert earliest_start(runs[:1], grace=3) == "2024-05-17T13:00:03.000000+00:00"
    assert earliest_start(runs[2:], grace=3) == NOW
    assert earliest_start(runs[3:]) is None


# ---- states in states ------------------------------------------------------------------------------------------------


def test_a_submitted_state_wraps_the_plain_one():
    queued = {"type": "Queued", "start_time": NOW, "state": {"type": "Scheduled", "start_time": NOW}}

    assert submitted(queued) == {
        "type": "Submitted",
        "message": "Submitted for execution",
        "state": {"type": "Scheduled", "start_time": NOW},
    }


def test_a_state_that_wraps_none_is_plain():
    assert plain({"type": "Queued", "start_time": NOW}) == {"type": "Queued", "start_time": NOW}
