"""What an observer is told of a run on a Dask cluster, in the process of the flow run.

A question and its answer go through the scheduler, which takes longer than a small task. So workers wait for an answer
only where it decides how the run goes on: of states that failed, which may be retried, and before a run that the observer
may hold back. Of others they just tell. What the observer makes of those counts when the run is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.engine.runner import ENDRUN, Runner, answered
from prefect.engine.signals import PAUSE
from prefect.engine.state import initial
from prefect.executors.dask_values import Stays, holding, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit


class Reports(Runner):
    """The states of one run, as the observer knows them.

    Args:
        unit: The run.
        settings: What the tasks of the pass have in common.

    Attributes:
        last: The state that the worker told last, which says whether its value stays there.
        final: What the observer has made of the run, or None if it left everything as it was told.
        was_refused: Whether the observer did not want the run to begin, which had begun.
    """

    def __init__(self, unit: Unit, settings: RunSettings) -> None:
        self.task = unit.step.task
        self.map_index = unit.map_index
        self.title = f"Task '{unit.layer()['task_full_name']}'"
        self.logger = settings.logger
        self.raises = settings.raises
        self.last: State | None = None
        self.final: State | None = None
        self.was_refused = False
        self._observer: Any = settings.observer
        self._known = initial(unit.given)

    def call_runner_target_handlers(self, old_state: State, new_state: State) -> State:
        """Tell the observer; the handlers of the task have been told on the worker."""
        self._known = answered(
            self._observer.task_state_changed(self.task, self.map_index, old_state, new_state), new_state
        )
        return self._known

    def tell(self, payload: bytes) -> None:
        """Tell the observer of a state that the worker has gone on with."""
        self.last = unpack(payload)
        if self.final is not None:
            return
        new = _without_value(self.last)
        try:
            state = self.handle_state_change(self._known, new)
        except (ENDRUN, PAUSE) as end:
            self.final = self._ended(end.state)
        else:
            self.final = None if state is new else state
        self.was_refused = new.is_running() and self.final is not None

    def _ended(self, state: State) -> State:
        """Tell the observer of a state that it has ended the run with, or that its own mistake has."""
        try:
            return self.call_runner_target_handlers(self._known, state)
        except ENDRUN as end:
            return end.state

    def ask(self, method: str, arguments: Sequence[Any]) -> Any:
        """Return what a method of the observer returns, for a worker that waits for it.

        Raises:
            ENDRUN: The observer has ended the run already.
            BaseException: Whatever the observer raises.
        """
        if self.final is not None:
            raise ENDRUN(self.final)
        if method == "task_run_named":
            return self._observer.task_run_named(self.task, self.map_index, *arguments)
        new = _without_value(unpack(*arguments))
        state = self.call_runner_target_handlers(self._known, new)
        return None if state is new else state


def _without_value(state: State) -> State:
    return holding(state, None) if isinstance(state.result, Stays) else state
