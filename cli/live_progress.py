"""How far a flow run is: what the live view counts, and the lines it draws.

Source: issue "A live view": tasks done of total, mapped children folded, running ones named.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.engine.state import State
    from prefect.flow import Flow
    from prefect.task import Task

#: Most tasks named at a time; the rest is counted.
MOST_NAMED = 8
#: Widest bar, in characters.
_BAR_WIDTH = 24


class MappedProgress:
    """How far the children of a mapped task are.

    Attributes:
        total: Number of children.
        done: Numbers of those that are finished.
        failed: Numbers of those that failed.
    """

    __slots__ = ("done", "failed", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self.done: set[int] = set()
        self.failed: set[int] = set()


class Progress:
    """What has happened so far in one flow run.

    Args:
        flow: The flow.
        clock: Returns seconds that only grow.
    """

    def __init__(self, flow: Flow, clock: Callable[[], float] = time.monotonic) -> None:
        from prefect.tasks.core.constants import Constant

        self._flow = flow
        self._clock = clock
        self.total = sum(not isinstance(task, Constant) for task in flow.tasks)
        self.restart()

    def restart(self) -> None:
        """Begin again, for the next run of a schedule."""
        self._began = self._clock()
        self._done: set[Task] = set()
        self._failed: set[Task] = set()
        self._running: dict[Task, float] = {}
        self._mapped: dict[Task, MappedProgress] = {}

    def task_changed(self, task: Task, map_index: int | None, new: State) -> None:
        """Take note of a task's new state."""
        if map_index is None:
            self._whole_task_changed(task, new)
        elif task in self._mapped:
            mapped = self._mapped[task]
            _note(mapped.done, map_index, new.is_finished() and not new.is_looped())
            _note(mapped.failed, map_index, new.is_failed())
            _note(self._done, task, len(mapped.done) == mapped.total)
            _note(self._failed, task, bool(mapped.failed))

    def _whole_task_changed(self, task: Task, new: State) -> None:
        if new.is_mapped():
            children: int = getattr(new, "n_map_states", 0)
            self._mapped.setdefault(task, MappedProgress(children))
            _note(self._done, task, not children)
            return
        _note(self._done, task, new.is_finished() and not new.is_looped())
        _note(self._failed, task, new.is_failed())
        if new.is_running():
            self._running.setdefault(task, self._clock())
        else:
            self._running.pop(task, None)

    @property
    def done(self) -> int:
        """Number of finished tasks; a mapped one is finished with its last child."""
        return len(self._done)

    def headline(self) -> str:
        """Return name, tasks done of all, failures and time."""
        failures = f", {len(self._failed)} failed" if self._failed else ""
        elapsed = _duration(self._clock() - self._began)
        return f"{self._flow.name}: {self.done} of {self.total} tasks done{failures}, {elapsed}"

    def details(self) -> list[tuple[str, str]]:
        """Return (name, what it is doing) of the tasks under way, mapped ones first."""
        rows = []
        for task, mapped in list(self._mapped.items()):
            if len(mapped.done) < mapped.total:
                failures = f", {len(mapped.failed)} failed" if mapped.failed else ""
                rows.append(
                    (task.name, f"{_bar(len(mapped.done), mapped.total)} {len(mapped.done)}/{mapped.total}{failures}")
                )
        now = self._clock()
        rows += [(task.name, f"running for {_duration(now - since)}") for task, since in list(self._running.items())]
        if len(rows) > MOST_NAMED:
            more = len(rows) - MOST_NAMED
            rows[MOST_NAMED:] = [(f"and {more} more", "")]
        return rows


def _note(among: set[Any], member: object, holds: bool) -> None:
    if holds:
        among.add(member)
    else:
        among.discard(member)


def _bar(done: int, total: int) -> str:
    filled = _BAR_WIDTH * done // total
    return "[" + "#" * filled + "." * (_BAR_WIDTH - filled) + "]"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
