"""Signals: exceptions that end a task run in a state (core.md §7)."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from prefect import exceptions
from prefect.engine import runner, signals, state
from prefect.engine.result import NoResult

SIGNALS = {
    signals.FAIL: state.Failed,
    signals.TRIGGERFAIL: state.TriggerFailed,
    signals.VALIDATIONFAIL: state.ValidationFailed,
    signals.SUCCESS: state.Success,
    signals.SKIP: state.Skipped,
    signals.RETRY: state.Retrying,
    signals.PAUSE: state.Paused,
    signals.LOOP: state.Looped,
}


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_stands_for_a_state(signal: Any):
    assert type(signal("m").state) is SIGNALS[signal]
    assert signal("m").state.message == "m"


@pytest.mark.parametrize("signal", [*SIGNALS, signals.ENDRUN])
def test_a_signal_is_no_exception_that_except_exception_swallows(signal: Any):
    assert issubclass(signal, exceptions.PrefectSignal)
    assert issubclass(signal, BaseException)
    assert not issubclass(signal, Exception)


@pytest.mark.parametrize("signal", [s for s in SIGNALS if s is not signals.LOOP])
def test_the_result_is_the_signal_itself(signal: Any):
    raised = signal("m")
    assert raised.state.result is raised


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_result_can_be_given(signal: Any):
    assert signal("m", result=5).state.result == 5


def test_a_result_can_be_given_by_position():
    assert signals.FAIL("m", 5).state.result == 5


@pytest.mark.parametrize("signal", SIGNALS)
def test_an_explicit_none_is_no_result(signal: Any):
    assert signal("m", result=None).state._result is NoResult


@pytest.mark.parametrize(("signal", "text"), [(signals.LOOP(), "LOOP()"), (signals.LOOP("hl"), "LOOP('hl')")])
def test_the_result_of_a_loop_is_the_text_of_the_signal(signal: Any, text: str):
    assert signal.state.result == text


@pytest.mark.parametrize(
    ("signal", "text"),
    [(signals.FAIL(), "FAIL(None)"), (signals.FAIL("m"), "FAIL('m')"), (signals.SKIP("m"), "SKIP('m')")],
)
def test_a_signal_shows_its_message(signal: Any, text: str):
    assert repr(signal) == text


def test_a_signal_without_a_message_has_a_state_without_one():
    assert signals.FAIL().state.message is None


def test_further_arguments_go_to_the_state():
    import pendulum

    later = pendulum.datetime(2030, 1, 1)
    assert signals.RETRY("m", start_time=later).state.start_time == later
    assert signals.PAUSE("m", start_time=later).state.start_time == later
    assert signals.FAIL("m", context={"x": 1}).state.context == {"x": 1}


def test_a_retry_is_due_at_once_by_default(clock: Any):
    assert signals.RETRY().state.start_time == clock.now


def test_trigger_and_validation_failures_are_failures():
    assert issubclass(signals.TRIGGERFAIL, signals.FAIL)
    assert issubclass(signals.VALIDATIONFAIL, signals.FAIL)


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_goes_through_pickle(signal: Any):
    back = pickle.loads(pickle.dumps(signal("m", result=5)))
    assert type(back) is signal
    assert (back.state.message, back.state.result) == ("m", 5)


def test_a_signal_that_is_its_own_result_goes_through_pickle():
    back = pickle.loads(pickle.dumps(signals.FAIL("m")))
    assert back.state.result is back


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_state_leads_back_to_its_signal(signal: Any):
    assert signals.signal_from_state(SIGNALS[signal]()) is signal


@pytest.mark.parametrize(
    "cls", [state.State, state.Cancelled, state.Cached, state.Mapped, state.TimedOut, state.Pending, state.Running]
)
def test_a_state_without_a_signal_is_refused(cls: Any):
    with pytest.raises(ValueError) as caught:
        signals.signal_from_state(cls())
    assert str(caught.value) == f"No signal leads to the state <{cls.__name__}>."


def test_endrun_carries_exactly_its_state():
    final = state.Failed("ended", result=3)
    assert signals.ENDRUN(final).state is final
    assert repr(signals.ENDRUN(final)) == "ENDRUN('')"


def test_endrun_is_no_state_signal():
    assert not issubclass(signals.ENDRUN, signals.PrefectStateSignal)


def test_endrun_goes_through_pickle():
    back = pickle.loads(pickle.dumps(signals.ENDRUN(state.Failed("ended", result=3))))
    assert back.state == state.Failed("ended", result=3)


def test_endrun_can_be_imported_from_the_runner():
    assert runner.ENDRUN is signals.ENDRUN


@pytest.mark.parametrize(
    ("exception", "base"),
    [
        (exceptions.PrefectSignal, BaseException),
        (exceptions.VersionLockMismatchSignal, exceptions.PrefectSignal),
        (exceptions.TaskTimeoutSignal, exceptions.PrefectSignal),
        (exceptions.PrefectException, Exception),
        (exceptions.ClientError, exceptions.PrefectException),
        (exceptions.ObjectNotFoundError, exceptions.ClientError),
        (exceptions.AuthorizationError, exceptions.ClientError),
        (exceptions.FlowStorageError, exceptions.PrefectException),
    ],
)
def test_exceptions_form_the_tree_of_1_4_1_and_take_a_message(exception: Any, base: Any):
    assert exception.__bases__ == (base,)
    assert str(exception("m")) == "m"
    assert str(exception()) == ""
