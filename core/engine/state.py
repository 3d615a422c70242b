"""States of task runs and flow runs, as users import them.

Source: core.md §6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.context import context as prefect_context
from prefect.engine.state_base import State as State
from prefect.engine.state_base import as_aware, as_pendulum
from prefect.engine.state_base import now_utc as now_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from prefect.engine.result import Result


class Pending(State):
    """The run has not begun."""

    __slots__ = ()
    color = "#7ebdff"
    _is_pending = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        cached_inputs: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)


class Scheduled(Pending):
    """The run is to begin at ``start_time``, by default now."""

    __slots__ = ("_start_time",)
    color = "#ffab00"
    _is_scheduled = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        start_time: datetime | None = None,
        cached_inputs: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, cached_inputs, context)
        self._start_time: datetime | None = as_aware(start_time) or now_utc()
        run_count = prefect_context.get("task_run_count")
        if run_count is not None:
            self.context["task_run_count"] = run_count

    @property
    def start_time(self) -> Any:
        """When the run is to begin, a ``pendulum.DateTime``; None only for ``Paused``."""
        return as_pendulum(self._start_time)

    @start_time.setter
    def start_time(self, moment: datetime | None) -> None:
        self._start_time = as_aware(moment)


class Paused(Scheduled):
    """The run waits for approval, or until ``start_time`` if there is one."""

    __slots__ = ()
    color = "#99a8e8"

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        start_time: datetime | None = None,
        cached_inputs: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, start_time, cached_inputs, context)
        self.start_time = start_time


class _MetaState(State):
    """A state that says something about another one; wrapping a meta state wraps what it holds."""

    __slots__ = ("_state",)
    _is_meta_state = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        state: State | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.state = state

    @property
    def state(self) -> State | None:
        """The plain state inside."""
        return self._state

    @state.setter
    def state(self, state: State | None) -> None:
        self._state = state.state if isinstance(state, _MetaState) else state


class ClientFailed(_MetaState):
    """The state inside could not be reported to the backend."""

    __slots__ = ()
    color = "#eb0000"


class Submitted(_MetaState):
    """An agent has taken the run."""

    __slots__ = ()
    color = "#ffdf5d"
    _is_submitted = True


class Queued(_MetaState):
    """A concurrency limit holds the run back until ``start_time``, by default now."""

    __slots__ = ("_start_time",)
    color = "#ffea7f"
    _is_queued = True
    _is_scheduled = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        state: State | None = None,
        start_time: datetime | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, state, context, cached_inputs)
        self._start_time = as_aware(start_time) or now_utc()

    @property
    def start_time(self) -> Any:
        """When to ask again, a ``pendulum.DateTime``."""
        return as_pendulum(self._start_time)

    @start_time.setter
    def start_time(self, moment: datetime) -> None:
        self._start_time = as_aware(moment) or now_utc()


class Resume(Scheduled):
    """A paused run was approved."""

    __slots__ = ()
    color = "#f58c0c"


class Retrying(Scheduled):
    """The run failed and is to be tried again at ``start_time``.

    Args:
        run_count: Attempts made so far.
    """

    __slots__ = ("run_count",)
    color = "#f66a0a"
    _is_retrying = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        start_time: datetime | None = None,
        cached_inputs: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        run_count: int | None = None,
    ) -> None:
        super().__init__(message, result, start_time, cached_inputs, context)
        self.run_count: int = prefect_context.get("task_run_count", 1) if run_count is None else run_count


class Running(State):
    """The run is being executed."""

    __slots__ = ()
    color = "#3d67ff"
    _is_running = True


class Cancelling(Running):
    """The run is being stopped."""

    __slots__ = ()
    color = "#E8E8E8"


class Finished(State):
    """The run is over."""

    __slots__ = ()
    color = "#003ccb"
    _is_finished = True


class Looped(Finished):
    """One iteration is over and another follows.

    Args:
        loop_count: Number of the iteration, from 1.
    """

    __slots__ = ("loop_count",)
    color = "#003ccb"
    _is_looped = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        loop_count: int | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.loop_count: int = prefect_context.get("task_loop_count", 1) if loop_count is None else loop_count


class Success(Finished):
    """The run succeeded."""

    __slots__ = ()
    color = "#28a745"
    _is_successful = True


class Cached(Success):
    """The value was found in a cache, or put into one for later runs.

    Args:
        cached_parameters: Flow parameters of the run that made the value.
        cached_result_expiration: When the value stops being valid; None is never.
        hashed_inputs: Argument → content token of the run that made the value.
    """

    __slots__ = ("_cached_result_expiration", "cached_parameters", "hashed_inputs")
    color = "#34d058"
    _is_cached = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        cached_inputs: dict[str, Any] | None = None,
        cached_parameters: dict[str, Any] | None = None,
        cached_result_expiration: datetime | None = None,
        context: dict[str, Any] | None = None,
        hashed_inputs: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.cached_parameters = cached_parameters
        self._cached_result_expiration = as_aware(cached_result_expiration)
        self.hashed_inputs = hashed_inputs

    @property
    def cached_result_expiration(self) -> Any:
        """When the value stops being valid, a ``pendulum.DateTime``; None is never."""
        return as_pendulum(self._cached_result_expiration)

    @cached_result_expiration.setter
    def cached_result_expiration(self, moment: datetime | None) -> None:
        self._cached_result_expiration = as_aware(moment)


class Mapped(Success):
    """The run has been replaced by one child for each element.

    Args:
        map_states: States of the children.
        n_map_states: Number of children; by default that of ``map_states``.
    """

    __slots__ = ("_n_map_states", "map_states")
    color = "#003ccb"
    _is_mapped = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        map_states: Sequence[State] | None = None,
        context: dict[str, Any] | None = None,
        cached_inputs: dict[str, Any] | None = None,
        n_map_states: int | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)
        self.map_states: Any = [] if map_states is None else map_states
        self._n_map_states = n_map_states

    @property
    def n_map_states(self) -> int:
        """Number of children."""
        return len(self.map_states) if self._n_map_states is None else self._n_map_states

    @n_map_states.setter
    def n_map_states(self, number: int | None) -> None:
        self._n_map_states = number

    def load_result(self, result: Result | None = None) -> State:
        """Read the values of all children from where they were stored."""
        for child in self.map_states:
            if child is not None:
                child.load_result(result)
        self.result = [None if child is None else child.result for child in self.map_states]
        return self


class Skipped(Success):
    """The run was skipped."""

    __slots__ = ()
    color = "#62757f"
    _is_skipped = True


class Cancelled(Finished):
    """The run was stopped before it could finish."""

    __slots__ = ()
    color = "#bdbdbd"


class Failed(Finished):
    """The run failed."""

    __slots__ = ()
    color = "#eb0000"
    _is_failed = True

    def __init__(
        self,
        message: Any = None,
        result: Any = None,
        cached_inputs: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, result, context, cached_inputs)


class TimedOut(Failed):
    """The run took longer than its ``timeout``."""

    __slots__ = ()
    color = "#ff4e33"


class TriggerFailed(Failed):
    """The trigger did not let the run begin."""

    __slots__ = ()
    color = "#ff5131"


class ValidationFailed(Failed):
    """The value did not pass a check."""

    __slots__ = ()
    color = "#ff5131"


def initial(state: State | None) -> State:
    """Return the state in which a run begins: the plain one inside a meta state, and ``Pending`` if there is none."""
    if isinstance(state, _MetaState):
        state = state.state
    return Pending() if state is None else state
