"""What task runs and flow runs have in common: steps that turn a state into the next one.

Source: core.md §8.2.6 and the end of §8.3.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import TYPE_CHECKING, Any

from prefect.engine.signals import ENDRUN as ENDRUN
from prefect.engine.signals import PAUSE, PrefectStateSignal
from prefect.engine.state import Failed, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType


class Runner:
    """Takes a run from state to state.

    Attributes:
        title: How log lines call the run, such as ``Task 'load'``.
        logger: Logger of this kind of run.
        raises: Whether exceptions leave the run instead of becoming states (``raise_on_exception``).
    """

    title: str
    logger: logging.Logger
    raises: bool

    def log_exception(self, exc: BaseException, message: str, *args: object) -> None:
        """Log an error with the traceback of the user's own code, if that had a part in it."""
        self.logger.error(message, *args, exc_info=_exc_info(exc, everything=self.logger.isEnabledFor(logging.DEBUG)))

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Tell whoever wants to know of a change of state, and return the state they leave."""
        return new_state

    def handle_state_change(self, old_state: State, new_state: State) -> State:
        """Tell the state handlers and return the state to go on with.

        Raises:
            ENDRUN: A handler raised it, or raised an exception, which ends the run as failed.
            PAUSE: A handler raised it.
        """
        self.logger.debug(
            "%s: Handling state change from %s to %s", self.title, type(old_state).__name__, type(new_state).__name__
        )
        try:
            return self.call_runner_target_handlers(old_state, new_state)
        except (ENDRUN, PAUSE):
            raise
        except PrefectStateSignal as signal:
            return signal.state
        except Exception as exc:
            if self.raises:
                raise
            message = f"Unexpected error while calling state handlers: {exc!r}"
            self.log_exception(exc, message)
            raise ENDRUN(Failed(message=message, result=exc)) from exc


def answered(answer: Any, new_state: State) -> State:
    """Return the state that a handler leaves: what it returned, or ``new_state`` if that is None.

    Raises:
        TypeError: It returned something else.
    """
    if not answer:
        return new_state
    if not isinstance(answer, State):
        raise TypeError(
            f"A handler returned {answer!r} instead of a state. Return a State, or None to keep the one at hand."
        )
    return answer


def call_state_handlers(method: Callable[..., State]) -> Callable[..., State]:
    """Make a method ``(self, state, ...) -> State`` of a :class:`Runner` a step.

    A state signal raised in the step becomes its state, ``ENDRUN`` ends the run with its state, any other exception
    becomes ``Failed``; a state that is not the one given goes to the state handlers.
    """

    @wraps(method)
    def step(self: Runner, state: State, *args: Any, **kwargs: Any) -> State:
        ends = False
        try:
            new_state = method(self, state, *args, **kwargs)
        except ENDRUN as end:
            ends, new_state = True, end.state
        except PrefectStateSignal as signal:
            self.logger.info("%s signal raised: %r", type(signal).__name__, signal)
            new_state = signal.state
        except Exception as exc:
            message = f"Unexpected error: {exc!r}"
            self.log_exception(exc, message)
            if self.raises:
                raise
            new_state = Failed(message=message, result=exc)
        if new_state is not state:
            new_state = self.handle_state_change(state, new_state)
        if ends:
            raise ENDRUN(new_state)
        return new_state

    return step


def _exc_info(exc: BaseException, everything: bool) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Return what a log record takes, with a traceback that begins where this package calls the user's code.

    Args:
        exc: The exception.
        everything: Show the frames of this package if there are no others, for those who look for a mistake in it.
    """
    traceback = exc.__traceback__
    while traceback is not None and _is_own(traceback):
        traceback = traceback.tb_next
    return type(exc), exc, exc.__traceback__ if traceback is None and everything else traceback


def _is_own(traceback: TracebackType) -> bool:
    module: str = traceback.tb_frame.f_globals.get("__name__", "")
    return module == "prefect" or module.startswith("prefect.")
