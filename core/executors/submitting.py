"""A pool over any executor that has ``submit`` and ``wait``.

Source: core.md §14.1.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from prefect.engine.unit import run_unit

if TYPE_CHECKING:
    from prefect.engine.parallel_run import Key
    from prefect.engine.settings import RunSettings
    from prefect.engine.state import State
    from prefect.engine.unit import Unit
    from prefect.executors.base import Executor


class SubmittingPool:
    """Hands every run to an executor and waits for them in the order in which they were handed over.

    Args:
        executor: An executor inside its ``start`` block.
        settings: What the tasks of the pass have in common.
    """

    def __init__(self, executor: Executor, settings: RunSettings) -> None:
        self._executor = executor
        self._settings = settings
        self._submitted: deque[tuple[Key, Any]] = deque()

    def room(self) -> int:
        """Return a number larger than any flow, since the executor has a queue of its own."""
        return 1_000_000_000

    def submit(self, key: Key, unit: Unit) -> None:
        """Begin a run."""
        names = {"task_name": unit.step.name, "task_tags": set(unit.step.tags), "task_index": unit.map_index}
        self._submitted.append((key, self._executor.submit(run_unit, unit, self._settings, extra_context=names)))

    def next_done(self) -> tuple[Key, State]:
        """Wait for the run that was submitted first."""
        key, future = self._submitted.popleft()
        return key, self._executor.wait(future)
