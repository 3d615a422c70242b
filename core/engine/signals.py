"""Signals: exceptions that end a task run in a state of their own.

All derive from ``BaseException``, so ``except Exception`` in a task does not swallow them.

Source: core.md §7.
"""

from __future__ import annotations

from typing import Any

from prefect.engine import state
from prefect.exceptions import PrefectSignal


class ENDRUN(PrefectSignal):
    """Stop all further processing of this run and end it in exactly ``state``."""

    def __init__(self, state: state.State) -> None:
        self.state = state
        super().__init__()

    def __reduce__(self) -> Any:
        return (type(self), (self.state,))


class PrefectStateSignal(PrefectSignal):
    """Raised in a task, ends it in a state of the signal's class.

    Args:
        message: Message of the state.
        *args: Further positional arguments of the state.
        **kwargs: Further arguments of the state; ``result`` is the signal itself unless given.
    """

    _state_cls: type[state.State] = state.State

    def __init__(self, message: Any = None, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("result", self._default_result())
        super().__init__(message)
        self.state = self._state_cls(message, *args, **kwargs)

    def _default_result(self) -> Any:
        return self


class FAIL(PrefectStateSignal):
    """End the task as failed; retried like any failure if retries remain."""

    _state_cls = state.Failed


class TRIGGERFAIL(FAIL):
    """End the task as if its trigger had failed."""

    _state_cls = state.TriggerFailed


class VALIDATIONFAIL(FAIL):
    """End the task because its value did not pass a check."""

    _state_cls = state.ValidationFailed


class SUCCESS(PrefectStateSignal):
    """End the task as successful; its value is ``result``."""

    _state_cls = state.Success


class RETRY(PrefectStateSignal):
    """Try the task again at ``start_time``, by default at once, whatever its ``max_retries``."""

    _state_cls = state.Retrying


class SKIP(PrefectStateSignal):
    """Skip the task, and with it the tasks behind it unless they say otherwise."""

    _state_cls = state.Skipped


class PAUSE(PrefectStateSignal):
    """Pause the task until it is approved, or until ``start_time`` if given."""

    _state_cls = state.Paused


class LOOP(PrefectStateSignal):
    """Run the task again at once, with ``result`` as ``prefect.context.task_loop_result``."""

    _state_cls = state.Looped

    def _default_result(self) -> Any:
        # Before `Exception.__init__` has its arguments: of a signal without any this is "LOOP()".
        return repr(self)


def signal_from_state(state: state.State) -> type[PrefectStateSignal]:
    """Return the class of the signal that ends a task in a state of this class.

    Raises:
        ValueError: No signal leads to such a state.
    """
    pending: list[type[PrefectStateSignal]] = [PrefectStateSignal]
    while pending:
        signal = pending.pop()
        if signal._state_cls is type(state) and signal is not PrefectStateSignal:
            return signal
        pending.extend(signal.__subclasses__())
    raise ValueError(f"No signal leads to the state {state!r}.")
