"""Whether it is worth asking the queue: a look that costs next to nothing, sixteen times a second.

Source: DESIGN §3 step 4 and §6; store.md §6.4.
"""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING

from prefect.orchestration.waiting import NEVER
from prefect.storage.state.errors import StoreError
from prefect.storage.state.layout import millisecond_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from prefect.storage.state.store import Store
    from prefect.storage.state.system import FileFacts

#: Seconds after which the queue is looked at whether or not anything tells of news.
LOOK_SECONDS = 1.0
#: Runs at the head of the queue that are told apart; behind more than that, new ones are found with the next poll.
HEAD = 100


class QueueWatch:
    """Remembers the queue as it was, to tell whether runs have come or their time has.

    Args:
        store: Where the queue is.
        labels: The agent's.
    """

    def __init__(self, store: Store, labels: Collection[str]) -> None:
        self._store = store
        self._labels = labels
        self._feed_path = ""
        self._feed: FileFacts | None = None
        self._next_due: str | None = None
        self._look_at = 0.0
        self.held_back: frozenset[str] = frozenset()

    def due(self) -> set[str]:
        """Return the ids of the first runs that have been due for a moment."""
        now = millisecond_of(self._store.system.now())
        # What is due in this millisecond may be due later in it: it need not wait for anything but that.
        return {entry.run_id for entry in islice(self._store.runs.due(self._labels), HEAD) if entry.due < now}

    def hold_back(self, ids: Iterable[str]) -> None:
        """Take note of runs that are due and could not be taken: they wait for a free slot, and are no news."""
        self.held_back = frozenset(ids)
        self._look_at = 0.0

    def has_news(self) -> bool:
        """Return whether a run is due that was not held back. What the system refuses to tell is no news."""
        if time.monotonic() < self._look_at:
            if self._feed_now() == self._feed and not self._time_has_come():
                return False
        else:
            self._feed_path = self._store.feed.path_today()
        # The feed is read first: what comes in during this look changes it again.
        self._feed, self._look_at, self._next_due = self._feed_now(), time.monotonic() + LOOK_SECONDS, None
        try:
            return self._is_any_due()
        except (OSError, StoreError):
            return False

    def _is_any_due(self) -> bool:
        now = millisecond_of(self._store.system.now())
        for entry in islice(self._store.runs.due(self._labels, NEVER), HEAD):
            if entry.due > now:
                self._next_due = entry.due
                return False
            if entry.run_id not in self.held_back:
                return True
        return False

    def _time_has_come(self) -> bool:
        return self._next_due is not None and millisecond_of(self._store.system.now()) >= self._next_due

    def _feed_now(self) -> FileFacts | None:
        try:
            return self._store.system.facts_of(self._feed_path)
        except OSError:
            return None
