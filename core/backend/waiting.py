"""How the process of a flow run waits for its next task run: a retry, a free slot, or a person.

Source: backend.md §10.2, §10.3, §11.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from prefect.backend.task_states import begun_from, paused, replace, waiting_states
from prefect.engine.state import Queued, now_utc
from prefect.utilities.logging import get_logger

if TYPE_CHECKING:
    from datetime import datetime

    from prefect.backend.recorder import RunRecorder
    from prefect.backend.watcher import Watcher
    from prefect.engine.state import State
    from prefect.task import Task

#: Seconds after which a task run asks again for a slot; twice as many after every refusal, up to the backend's time.
FIRST_QUEUE_SECONDS = 1.0
#: Seconds after which a process that waits looks at the clock again, which may have been set meanwhile.
SLICE_SECONDS = 5.0


class Waiting:
    """Waits in slices, so that cancellations, resumed task runs and clocks that jump are noticed.

    Args:
        watcher: Interrupts the waiting when the run is cancelled.
        recorder: Knows what the backend says of task runs.
        longest: Most seconds to wait; None waits as long as it takes.
    """

    def __init__(self, watcher: Watcher, recorder: RunRecorder, longest: float | None) -> None:
        self._watcher = watcher
        self._recorder = recorder
        self._longest = longest
        self._queue_seconds = FIRST_QUEUE_SECONDS
        self._logger = get_logger("CloudFlowRunner")

    def until(self, moment: datetime) -> bool:
        """Wait for a time; return False if that is too far away."""
        if self._is_too_far(moment):
            return False
        while (left := _seconds_until(moment)) > 0:
            self._watcher.wait(min(left, SLICE_SECONDS))
        return True

    def for_task_runs(self, states: dict[Task, State]) -> bool:
        """Wait until a task run can begin, and put the states of resumed ones into ``states``.

        Returns:
            False if the next one is too far away, or none will ever begin by itself.
        """
        found = list(waiting_states(states))
        starts = [state._start_time for state in found if state._start_time is not None]
        moment = min(starts, default=None)
        if moment is None:
            return bool(found) and self._longest is None and self._for_a_person(states, None)
        if self._is_too_far(moment):
            return False
        if any(isinstance(state, Queued) for state in found):
            moment = min(moment, now_utc() + timedelta(seconds=self._queue_seconds))
            self._queue_seconds *= 2
        elif _seconds_until(moment) > 0:
            self._queue_seconds = FIRST_QUEUE_SECONDS
            self._logger.info("Waiting for next available Task run at %s", moment.isoformat())
        return self._for_a_person(states, moment)

    def _for_a_person(self, states: dict[Task, State], moment: datetime | None) -> bool:
        """Wait for a time, or until somebody resumes a paused task run."""
        asked = paused(states)
        while not self._are_resumed(states, asked):
            longest = self._watcher.interval if asked else SLICE_SECONDS
            left = longest if moment is None else _seconds_until(moment)
            if left <= 0:
                break
            self._watcher.wait(min(left, longest))
        return True

    def _are_resumed(self, states: dict[Task, State], asked: list[tuple[Task, int | None, State]]) -> bool:
        are_resumed = False
        for task, index, state in asked:
            now = self._recorder.task_run_state(task, index)
            if type(now) is not type(state) or now.start_time != state.start_time:  # type: ignore[attr-defined]
                replace(states, task, index, begun_from(now))
                are_resumed = True
        return are_resumed

    def _is_too_far(self, moment: datetime) -> bool:
        return self._longest is not None and _seconds_until(moment) > self._longest


def _seconds_until(moment: datetime) -> float:
    return (moment - now_utc()).total_seconds()
