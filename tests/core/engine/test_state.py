"""States: classes, predicates, results, equality, keeping (core.md §6)."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import pendulum
import pytest

from prefect.context import context
from prefect.engine import state as states
from prefect.engine.result import NoResult, Result
from prefect.engine.results import LocalResult
from prefect.engine.state import (
    Cached,
    Cancelled,
    Cancelling,
    ClientFailed,
    Failed,
    Finished,
    Looped,
    Mapped,
    Paused,
    Pending,
    Queued,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Submitted,
    Success,
    TimedOut,
    TriggerFailed,
    ValidationFailed,
)

COLORS = {
    State: "#696969",
    Pending: "#7ebdff",
    Scheduled: "#ffab00",
    Paused: "#99a8e8",
    Resume: "#f58c0c",
    Retrying: "#f66a0a",
    ClientFailed: "#eb0000",
    Submitted: "#ffdf5d",
    Queued: "#ffea7f",
    Running: "#3d67ff",
    Cancelling: "#E8E8E8",
    Finished: "#003ccb",
    Looped: "#003ccb",
    Success: "#28a745",
    Cached: "#34d058",
    Mapped: "#003ccb",
    Skipped: "#62757f",
    Cancelled: "#bdbdbd",
    Failed: "#eb0000",
    TimedOut: "#ff4e33",
    TriggerFailed: "#ff5131",
    ValidationFailed: "#ff5131",
}
ALL = list(COLORS)

PARENTS = {
    Pending: State,
    Scheduled: Pending,
    Paused: Scheduled,
    Resume: Scheduled,
    Retrying: Scheduled,
    ClientFailed: states._MetaState,
    Submitted: states._MetaState,
    Queued: states._MetaState,
    Running: State,
    Cancelling: Running,
    Finished: State,
    Looped: Finished,
    Success: Finished,
    Cached: Success,
    Mapped: Success,
    Skipped: Success,
    Cancelled: Finished,
    Failed: Finished,
    TimedOut: Failed,
    TriggerFailed: Failed,
    ValidationFailed: Failed,
}

FINISHED = {
    Finished,
    Looped,
    Success,
    Cached,
    Mapped,
    Skipped,
    Cancelled,
    Failed,
    TimedOut,
    TriggerFailed,
    ValidationFailed,
}
PREDICATES = {
    "is_pending": {Pending, Scheduled, Paused, Resume, Retrying},
    "is_scheduled": {Scheduled, Paused, Resume, Retrying, Queued},
    "is_retrying": {Retrying},
    "is_queued": {Queued},
    "is_submitted": {Submitted},
    "is_running": {Running, Cancelling},
    "is_finished": FINISHED,
    "is_successful": {Success, Cached, Mapped, Skipped},
    "is_failed": {Failed, TimedOut, TriggerFailed, ValidationFailed},
    "is_skipped": {Skipped},
    "is_cached": {Cached},
    "is_mapped": {Mapped},
    "is_looped": {Looped},
    "is_meta_state": {ClientFailed, Submitted, Queued},
}

#: The order of the positional arguments differs between the classes.
PLAIN = ("message", "result", "context", "cached_inputs")
PENDING = ("message", "result", "cached_inputs", "context")
SCHEDULED = ("message", "result", "start_time", "cached_inputs", "context")


class Unpicklable(Exception):
    def __reduce__(self) -> Any:
        raise TypeError("no")


# ---- classes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ALL)
def test_every_state_has_its_color(cls: Any):
    assert cls.color == COLORS[cls]


@pytest.mark.parametrize("cls", PARENTS)
def test_the_classes_form_the_tree_of_1_4_1(cls: Any):
    assert cls.__bases__ == (PARENTS[cls],)


@pytest.mark.parametrize("cls", ALL)
def test_every_class_says_that_it_lives_in_prefect_engine_state(cls: Any):
    assert cls.__module__ == "prefect.engine.state"
    assert getattr(states, cls.__name__) is cls


@pytest.mark.parametrize("predicate", PREDICATES)
@pytest.mark.parametrize("cls", ALL)
def test_a_predicate_is_true_for_its_family(cls: Any, predicate: str):
    assert getattr(cls(), predicate)() is (cls in PREDICATES[predicate])


def test_a_class_of_ones_own_answers_like_the_one_it_derives_from():
    class Nearly(Failed):
        pass

    assert Nearly().is_failed()
    assert Nearly().is_finished()
    assert not Nearly().is_successful()


def test_children_lists_the_classes_below():
    assert set(Success.children()) >= {Cached, Mapped, Skipped}
    assert Success not in Success.children()


def test_children_can_include_the_class_and_give_names():
    assert Skipped.children(include_self=True, names_only=True) == ["Skipped"]


def test_children_hides_classes_with_an_underscore_but_not_those_below():
    assert states._MetaState not in State.children()
    assert Queued in State.children()


def test_parents_lists_the_classes_above():
    assert Retrying.parents() == [Scheduled, Pending, State]
    assert Retrying.parents(include_self=True, names_only=True) == ["Retrying", "Scheduled", "Pending", "State"]


def test_parents_hides_classes_with_an_underscore():
    assert Queued.parents() == [State]


# ---- construction --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (State, PLAIN),
        (Pending, PENDING),
        (Scheduled, SCHEDULED),
        (Paused, SCHEDULED),
        (Resume, SCHEDULED),
        (Retrying, (*SCHEDULED, "run_count")),
        (Running, PLAIN),
        (Finished, PLAIN),
        (Success, PLAIN),
        (Skipped, PLAIN),
    ],
)
def test_the_order_of_positional_arguments_is_that_of_1_4_1(cls: Any, names: tuple[str, ...]):
    values: dict[str, Any] = {
        "message": "m",
        "result": 7,
        "context": {"a": 1},
        "cached_inputs": {"x": Result(1)},
        "start_time": pendulum.datetime(2020, 1, 1),
        "run_count": 3,
    }
    state = cls(*(values[name] for name in names))
    assert {name: getattr(state, name) for name in names} == {name: values[name] for name in names}


def test_a_state_is_empty_by_default():
    state = Success()
    assert (state.message, state.result, state.context, state.cached_inputs) == (None, None, {}, {})


@pytest.mark.parametrize("cls", [Scheduled, Resume, Retrying, Queued])
def test_a_start_time_is_now_by_default(cls: Any, clock: Any):
    assert cls().start_time == clock.now


def test_a_paused_state_has_no_start_time_unless_given():
    assert Paused().start_time is None
    assert Paused(start_time=pendulum.datetime(2020, 1, 1)).start_time == pendulum.datetime(2020, 1, 1)


@pytest.mark.parametrize("cls", [Scheduled, Queued, Paused])
def test_times_become_pendulum(cls: Any):
    moment = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    state = cls(start_time=moment)
    assert isinstance(state.start_time, pendulum.DateTime)
    assert state.start_time == moment


@pytest.mark.parametrize("cls", [Scheduled, Queued, Paused])
def test_a_naive_time_counts_as_utc(cls: Any):
    state = cls(start_time=datetime.datetime(2020, 1, 1))  # noqa: DTZ001
    assert state.start_time == pendulum.datetime(2020, 1, 1, tz="UTC")


def test_a_start_time_can_be_assigned():
    state = Scheduled()
    state.start_time = datetime.datetime(2020, 1, 1)  # noqa: DTZ001
    assert state.start_time == pendulum.datetime(2020, 1, 1, tz="UTC")


def test_an_expiration_becomes_pendulum():
    state = Cached(cached_result_expiration=datetime.datetime(2020, 1, 1))  # noqa: DTZ001
    assert isinstance(state.cached_result_expiration, pendulum.DateTime)
    assert state.cached_result_expiration == pendulum.datetime(2020, 1, 1, tz="UTC")


def test_a_cached_state_knows_nothing_unless_told():
    state = Cached()
    assert (state.cached_parameters, state.cached_result_expiration, state.hashed_inputs) == (None, None, None)


@pytest.mark.parametrize(("found", "count"), [(None, 1), (4, 4)])
def test_a_retry_counts_from_the_context(found: int | None, count: int):
    with context({} if found is None else {"task_run_count": found}):
        assert Retrying().run_count == count


@pytest.mark.parametrize(("found", "count"), [(None, 1), (4, 4)])
def test_a_loop_counts_from_the_context(found: int | None, count: int):
    with context({} if found is None else {"task_loop_count": found}):
        assert Looped().loop_count == count


def test_counts_can_be_given():
    with context(task_run_count=4, task_loop_count=4):
        assert Retrying(run_count=9).run_count == 9
        assert Looped(loop_count=9).loop_count == 9


def test_a_mapped_state_has_as_many_children_as_states_unless_told():
    assert (Mapped().map_states, Mapped().n_map_states) == ([], 0)
    assert Mapped(map_states=[Success(), Failed()]).n_map_states == 2
    assert Mapped(n_map_states=5).n_map_states == 5


# ---- context -------------------------------------------------------------------------------------------------------


def test_a_state_made_in_a_task_notes_the_tags_of_the_task():
    with context(task_tags={"b", "a"}):
        assert Success().context == {"tags": ["a", "b"]}
        assert Success(context={"x": 1}).context == {"x": 1, "tags": ["a", "b"]}


def test_a_state_made_in_a_task_without_tags_notes_that():
    with context(task_tags=set()):
        assert Success().context == {"tags": []}


@pytest.mark.parametrize("cls", [Scheduled, Paused, Resume, Retrying])
def test_a_scheduled_state_notes_the_run_count(cls: Any):
    with context(task_run_count=3):
        assert cls().context == {"task_run_count": 3}
    assert cls().context == {}


def test_other_states_note_no_run_count():
    with context(task_run_count=3):
        assert Success().context == Pending().context == {}


def test_a_given_context_is_left_alone():
    given = {"x": 1}
    with context(task_tags={"a"}, task_run_count=2):
        Scheduled(context=given)
    assert given == {"x": 1}


# ---- results -------------------------------------------------------------------------------------------------------


def test_a_plain_value_is_wrapped_in_a_result():
    state = Success(result=3)
    assert state.result == 3
    assert type(state._result) is Result
    assert state._result.value == 3


def test_a_result_is_stored_as_it_is():
    result = Result(value=3, location="there")
    state = Success(result=result)
    assert state._result is result
    assert state.result == 3


def test_no_result_means_none():
    state = Success()
    assert state._result is NoResult
    assert state.result is None


def test_a_result_can_be_assigned():
    state, result = Success(), Result(value=4)
    state.result = 3
    assert state._result.value == 3
    state.result = result
    assert state._result is result
    state.result = None
    assert type(state._result) is Result


def test_a_state_made_in_the_cheap_way_is_like_any_other():
    state = Success.of("Done.", 3, ("a", "b"))
    with context(task_tags={"a", "b"}):
        assert state == Success("Done.", result=3)
    assert (state.message, state.result, state.context, state.cached_inputs) == ("Done.", 3, {"tags": ["a", "b"]}, {})
    assert type(state._result) is Result


def test_load_result_reads_a_value_known_only_by_its_location(tmp_path: Any):
    written = LocalResult(dir=str(tmp_path), location="x").write([1])
    state = Success(result=LocalResult(dir=str(tmp_path), location=written.location))
    assert state.result is None
    assert state.load_result() is state
    assert state.result == [1]


def test_load_result_reads_with_another_result_if_given(tmp_path: Any):
    written = LocalResult(dir=str(tmp_path), location="x").write([1])
    state = Success(result=Result(location=written.location))
    assert state.load_result(LocalResult(dir=str(tmp_path))).result == [1]


@pytest.mark.parametrize("state", [Success(), Success(result=3), Success(result=Result(3, location="nowhere"))])
def test_load_result_leaves_a_known_value_alone(state: State):
    before = state.result
    assert state.load_result(LocalResult()).result == before


def test_load_result_of_a_mapped_state_loads_each_child(tmp_path: Any):
    written = LocalResult(dir=str(tmp_path), location="x").write([1])
    child = Success(result=LocalResult(dir=str(tmp_path), location=written.location))
    assert Mapped(map_states=[child, Success(result=2)]).load_result().result == [[1], 2]


def test_load_cached_results_reads_inputs_known_only_by_their_location(tmp_path: Any):
    written = LocalResult(dir=str(tmp_path), location="x").write([1])
    unread = Result(location=written.location)
    state = Success(cached_inputs={"x": unread, "y": Result(2)})
    state.load_cached_results({"x": LocalResult(dir=str(tmp_path))})
    assert {name: held.value for name, held in state.cached_inputs.items()} == {"x": [1], "y": 2}


# ---- meta states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [ClientFailed, Submitted, Queued])
def test_a_meta_state_wraps_another_one(cls: Any):
    inner = Running()
    assert cls(state=inner).state is inner


def test_a_wrapped_meta_state_is_unwrapped():
    inner = Running()
    outer = Queued(state=Submitted(state=inner))
    assert outer.state is inner
    outer.state = ClientFailed(state=Submitted(state=inner))
    assert outer.state is inner


# ---- equality and text ---------------------------------------------------------------------------------------------


def test_states_of_one_class_with_equal_values_are_equal():
    assert Success("a", result=1, context={"x": 1}) == Success("b", result=1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Success(), Finished()),
        (Success(result=1), Success(result=2)),
        (Success(cached_inputs={"x": 1}), Success()),
        (Scheduled(start_time=pendulum.datetime(2020, 1, 1)), Scheduled(start_time=pendulum.datetime(2020, 1, 2))),
        (Retrying(run_count=1), Retrying(run_count=2)),
        (Looped(loop_count=1), Looped(loop_count=2)),
        (Mapped(map_states=[Success()]), Mapped(map_states=[Failed()])),
        (Mapped(n_map_states=1), Mapped(n_map_states=2)),
        (Cached(hashed_inputs={"x": "1"}), Cached(hashed_inputs={"x": "2"})),
        (Cached(cached_parameters={"x": 1}), Cached()),
        (Submitted(state=Running()), Submitted(state=Pending())),
        (Success(), "Success"),
    ],
)
def test_states_that_differ_in_class_or_value_are_not_equal(one: Any, other: Any):
    assert one != other


def test_a_public_attribute_of_ones_own_counts_too():
    class Noted(Success):
        def __init__(self, note: str, secret: str = "") -> None:
            super().__init__()
            self.note, self._secret = note, secret

    assert Noted("a", "x") == Noted("a", "y")
    assert Noted("a") != Noted("b")


def test_a_hash_is_an_identity():
    one, other = Success(result=1), Success(result=1)
    assert len({one, other, one}) == 2


@pytest.mark.parametrize(
    ("state", "text"),
    [(Success("All good."), '<Success: "All good.">'), (Failed(), "<Failed>"), (Failed(""), "<Failed>")],
)
def test_a_state_shows_its_class_and_message(state: State, text: str):
    assert repr(state) == text


# ---- keeping -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", ALL)
def test_a_pickled_state_comes_back_equal(cls: Any):
    state = cls(message="m", result=[1], context={"a": 1})
    back = pickle.loads(pickle.dumps(state))
    assert back == state
    assert (back.message, back.context) == ("m", {"a": 1})


def test_a_pickled_state_keeps_what_is_its_own():
    state = Mapped(map_states=[Success(result=1), Retrying(run_count=3)], n_map_states=2)
    assert pickle.loads(pickle.dumps(state)) == state


def test_no_result_stays_no_result_when_pickled():
    assert pickle.loads(pickle.dumps(Success()))._result is NoResult


def test_an_exception_that_cannot_be_pickled_is_replaced_by_a_text():
    back = pickle.loads(pickle.dumps(Failed("m", result=Unpicklable("lost"))))
    assert back.message == "m"
    assert back.result == "The exception Unpicklable('lost') could not be pickled, so it is replaced by this text."


def test_an_exception_that_can_be_pickled_stays():
    back = pickle.loads(pickle.dumps(Failed(result=ValueError("kept"))))
    assert repr(back.result) == "ValueError('kept')"


def test_a_value_that_cannot_be_pickled_is_an_error():
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(Success(result=lambda: None))


def test_a_copy_shares_the_value():
    error = Unpicklable("kept")
    original = Failed("m", result=error, context={"a": 1})
    new = copy.copy(original)
    assert new is not original
    assert (new.result, new.message, new.context) == (error, "m", {"a": 1})


def test_a_state_goes_through_json_and_back():
    state = Retrying("again", start_time=pendulum.datetime(2020, 1, 1), run_count=2)
    assert State.deserialize(state.serialize()) == state
