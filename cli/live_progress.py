"""How far a flow run is: what the live view counts, and the lines it draws.

Whoever knows of the run says so: the engine that runs it here, or what a backend keeps of it.

Source: issue "A live view": tasks done of total, mapped children folded, running ones named.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

#: Most tasks named at a time; the rest is counted.
MOST_NAMED = 8
#: Widest bar, in characters.
_BAR_WIDTH = 24


class Standing(NamedTuple):
    """What of the state of a task run counts here.

    Attributes:
        is_running: It runs.
        is_done: It is finished, and no further loop follows.
        is_failed: It failed.
        children: Number of its mapped children; None for a task run that has none of its own.
    """

    is_running: bool
    is_done: bool
    is_failed: bool
    children: int | None = None


class _Children:
    """How far the children of a mapped task are: how many there are, the numbers of the finished and the failed ones."""

    __slots__ = ("done", "failed", "total")

    def __init__(self, total: int) -> None:
        self.total = total
        self.done: set[int] = set()
        self.failed: set[int] = set()


class Progress:
    """What has happened so far in one flow run.

    Args:
        title: Name of the flow.
        names: Key of a task → its name, for all tasks that count. Others are passed over.
        clock: Returns seconds.
    """

    def __init__(self, title: str, names: Mapping[Any, str], clock: Callable[[], float] = time.monotonic) -> None:
        self._title = title
        self._names = names
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Begin again, for the next run of a schedule."""
        self.began = self._clock()
        self._done: set[Hashable] = set()
        self._failed: set[Hashable] = set()
        self._running: dict[Hashable, float] = {}
        self._mapped: dict[Hashable, _Children] = {}

    def task_changed(self, key: Hashable, map_index: int | None, standing: Standing, at: float | None = None) -> None:
        """Take note of a task's new state.

        Args:
            key: Key of the task.
            map_index: Number of the mapped child from 0; None for a task run that is none.
            standing: What its state says.
            at: When it got it, in seconds of the clock; by default now.
        """
        if key not in self._names:
            return
        if map_index is None:
            self._whole_task_changed(key, standing, at)
        elif key in self._mapped:
            children = self._mapped[key]
            _note(children.done, map_index, standing.is_done)
            _note(children.failed, map_index, standing.is_failed)
            _note(self._done, key, len(children.done) == children.total)
            _note(self._failed, key, bool(children.failed))

    def _whole_task_changed(self, key: Hashable, standing: Standing, at: float | None) -> None:
        if standing.children is not None:
            self._mapped.setdefault(key, _Children(standing.children))
            _note(self._done, key, not standing.children)
            return
        _note(self._done, key, standing.is_done)
        _note(self._failed, key, standing.is_failed)
        if standing.is_running:
            self._running.setdefault(key, self._clock() if at is None else at)
        else:
            self._running.pop(key, None)

    @property
    def done(self) -> int:
        """Number of finished tasks; a mapped one is finished with its last child."""
        return len(self._done)

    def headline(self) -> str:
        """Return name, tasks done of all, failures and time."""
        failures = f", {len(self._failed)} failed" if self._failed else ""
        elapsed = _duration(self._clock() - self.began)
        return f"{self._title}: {self.done} of {len(self._names)} tasks done{failures}, {elapsed}"

    def details(self) -> list[tuple[str, str]]:
        """Return (name, what it is doing) of the tasks under way, mapped ones first."""
        rows = []
        for key, children in self._mapped.items():
            done, total = len(children.done), children.total
            if done < total:
                failures = f", {len(children.failed)} failed" if children.failed else ""
                rows.append((self._names[key], f"{_bar(done, total)} {done}/{total}{failures}"))
        now = self._clock()
        rows += [(self._names[key], f"running for {_duration(now - since)}") for key, since in self._running.items()]
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
    # The clock of another machine may be ahead.
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
