"""States as documents: core.md §6.2 and §20.4."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pendulum
import pytest

import prefect
from prefect.engine import state as states
from prefect.engine.result import NoResult, Result
from prefect.engine.results import ConstantResult, LocalResult, PrefectResult
from prefect.engine.state import State
from prefect.serialization import ValidationError
from prefect.tasks.secrets import EnvVarSecret, PrefectSecret
from prefect.tasks.secrets.base import SecretBase

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=timezone(timedelta(hours=1)))

ROUND_TRIPS = [
    *(cls("a message") for cls in (states.Pending, states.Running, states.Cancelling, states.Finished, states.Skipped)),
    *(cls(context={"tags": ["a"]}) for cls in (states.Success, states.Cancelled, states.Failed, states.TimedOut)),
    *(states.TriggerFailed(), states.ValidationFailed(), states.Paused(), states.Mapped()),
    *(cls(start_time=MOMENT) for cls in (states.Scheduled, states.Paused, states.Resume)),
    states.Retrying(start_time=MOMENT, run_count=3),
    states.Looped(loop_count=4),
    states.Cached(cached_parameters={"p": [1]}, cached_result_expiration=MOMENT, hashed_inputs={"x": "ab"}),
    states.Queued(state=states.Scheduled(start_time=MOMENT), start_time=MOMENT),
    states.Submitted(state=states.Running("go")),
    states.ClientFailed(state=states.Failed("no")),
]


def there_and_back(state):
    return State.deserialize(json.loads(json.dumps(state.serialize())))


@pytest.mark.parametrize("state", ROUND_TRIPS, ids=lambda state: f"{type(state).__name__}-{state.message}")
def test_a_state_comes_back_equal(state):
    loaded = there_and_back(state)

    assert loaded == state
    assert (loaded.message, loaded.context) == (state.message, state.context)


def test_every_public_state_can_be_written():
    tested = {type(state) for state in ROUND_TRIPS}

    assert tested == {cls for cls in State.children() if cls.__module__ == "prefect.engine.state"} | {
        *(states.ClientFailed, states.Queued, states.Submitted)
    }


def test_values_never_appear():
    document = states.Success(result="the secret value").serialize()

    assert "the secret value" not in json.dumps(document)
    assert document["_result"] == {"type": "Result", "location": None, "__version__": prefect.__version__}


def test_an_exception_as_message_is_written_as_text():
    assert states.Failed(ValueError("boom")).serialize()["message"] == "boom"


def test_a_mapped_state_comes_back_with_as_many_empty_children():
    loaded = there_and_back(states.Mapped(map_states=[states.Success(), states.Failed()]))

    assert (loaded.map_states, loaded.n_map_states) == ([None, None], 2)


def test_a_state_of_ones_own_is_written_as_what_it_descends_from():
    class Delayed(states.Retrying):
        pass

    document = Delayed(run_count=2).serialize()

    assert (document["type"], document["run_count"]) == ("Retrying", 2)


def test_a_state_that_descends_from_none_is_refused():
    with pytest.raises(ValidationError, match=r'^<State: "m"> is of no type that documents know\.'):
        State("m").serialize()


@pytest.mark.parametrize(
    "value", [{1}, type("Unknown", (), {"__repr__": lambda self: "<unknown>"})(), MOMENT, float("inf")], ids=repr
)
def test_a_context_that_json_cannot_hold_is_refused(value):
    with pytest.raises(ValidationError, match=r"^The context of <Success> cannot be written as JSON: "):
        states.Success(context={"x": value}).serialize()


def test_cached_parameters_that_json_cannot_hold_are_refused():
    with pytest.raises(ValidationError, match=r"^The cached parameters of <Cached> cannot be written as JSON: "):
        states.Cached(cached_parameters={"p": {1}}).serialize()


def test_a_context_is_written_as_json_gives_it_back():
    assert states.Success(context={1: (2,)}).serialize()["context"] == {"1": [2]}


def test_the_tags_of_the_present_run_do_not_get_into_a_state_that_is_read():
    document = states.Scheduled(start_time=MOMENT).serialize()

    with prefect.context(task_tags=["here"], task_run_count=7):
        loaded = State.deserialize(document)

    assert loaded.context == {}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05+00:00", pendulum.datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05Z", pendulum.datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05", pendulum.datetime(2026, 1, 2, 3, 4, 5)),
        ("2026-01-02T03:04:05.12345+00:00", pendulum.datetime(2026, 1, 2, 3, 4, 5, 123450)),
        ("2026-01-02T04:04:05.000600+01:00", pendulum.datetime(2026, 1, 2, 3, 4, 5, 600)),
    ],
)
def test_moments_are_read_as_backends_write_them(text, moment):
    assert State.deserialize({"type": "Scheduled", "start_time": text}).start_time == moment


def test_a_scheduled_state_without_a_time_is_due_now():
    before = datetime.now(timezone.utc)

    loaded = State.deserialize({"type": "Scheduled", "start_time": None})

    assert before <= loaded.start_time <= datetime.now(timezone.utc)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Success"},
        {"type": "Success", "context": None, "cached_inputs": None, "message": None},
        {"type": "Success", "colour": "#fff", "__version__": "0.1"},
    ],
)
def test_what_is_missing_or_unknown_does_no_harm(document):
    loaded = State.deserialize(document)

    assert loaded == states.Success()
    assert loaded._result is NoResult


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "The state is None, not a JSON object."),
        ({"type": "Success", "_result": None}, "The result is None, not a JSON object."),
        (
            {"type": "Success", "message": 3},
            "The Success state has 3 as its 'message', which has another type in the 1.x JSON form.",
        ),
        (
            {"type": "Scheduled", "start_time": "soon"},
            "The 'start_time' of a Scheduled state is 'soon', which is no moment. Write it like 2024-05-17T13:45:00+00:00.",
        ),
        (
            {"type": "Retrying", "run_count": "3"},
            "The Retrying state has '3' as its 'run_count', which has another type in the 1.x JSON form.",
        ),
        (
            {"type": "Mapped", "n_map_states": 10**30},
            f"The Mapped state has {10**30} children, more than this machine can hold.",
        ),
    ],
)
def test_a_document_that_describes_no_state_is_refused(document, message):
    with pytest.raises(ValidationError) as caught:
        State.deserialize(document)

    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [None, "Nope", "State", "_MetaState", ["Success"]])
def test_an_unknown_type_is_refused(kind):
    with pytest.raises(ValidationError, match="type"):
        State.deserialize({"type": kind})


@pytest.mark.parametrize(
    "result",
    [
        Result(location="here"),
        LocalResult(dir="/data", location="a/b", validate_dir=False),
        PrefectResult(location="3"),
        ConstantResult(location="here"),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_result_comes_back_with_its_location(result):
    loaded = there_and_back(states.Success(result=result))._result

    assert (type(loaded), loaded.location, loaded.value) == (type(result), result.location, None)
    assert getattr(loaded, "dir", None) == getattr(result, "dir", None)


def test_a_stored_value_can_be_read_again(tmp_path):
    written = LocalResult(dir=str(tmp_path)).write([1, 2])

    loaded = there_and_back(states.Success(result=written)).load_result()

    assert loaded.result == [1, 2]


def test_reading_a_document_creates_no_folder(tmp_path):
    folder = tmp_path / "elsewhere"

    State.deserialize({"type": "Success", "_result": {"type": "LocalResult", "dir": str(folder), "location": "a"}})

    assert not folder.exists()


def test_a_result_of_ones_own_comes_back_as_a_plain_one():
    class Own(LocalResult):
        pass

    state = states.Success(result=Own(dir="/data", location="a", validate_dir=False))

    loaded = there_and_back(state)._result

    assert state.serialize()["_result"]["type"] == "CustomResult"
    assert (type(loaded), loaded.location) == (Result, "a")


def test_a_result_of_an_unknown_type_comes_back_as_a_plain_one():
    loaded = State.deserialize({"type": "Success", "_result": {"type": "FutureResult", "location": "a"}})._result

    assert (type(loaded), loaded.location) == (Result, "a")


def test_a_secret_is_fetched_again_by_its_name(monkeypatch):
    monkeypatch.setenv("TOKEN", "from the environment")
    loaded = there_and_back(states.Success(result=EnvVarSecret("TOKEN").result))
    with prefect.context(secrets={"TOKEN": "kept"}):
        kept = there_and_back(states.Success(result=PrefectSecret("TOKEN").result)).load_result()

    assert loaded.load_result().result == "from the environment"
    assert kept.result == "kept"


def test_a_secret_of_ones_own_kind_keeps_its_name_only():
    class Vault(SecretBase):
        def run(self, name=None):
            return "value"

    loaded = there_and_back(states.Success(result=Vault(name="TOKEN").result))._result

    assert (loaded.location, loaded.value) == ("TOKEN", None)


def test_cached_inputs_come_back_with_their_locations():
    loaded = there_and_back(states.Pending(cached_inputs={"x": Result(3, location="here"), "y": 4}))

    assert {name: (result.value, result.location) for name, result in loaded.cached_inputs.items()} == {
        "x": (None, "here"),
        "y": (None, None),
    }
