"""Runs that somebody takes out of the queue: all of them are handed out, or they are due again.

Source: store.md §6.3.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from prefect.storage.state.errors import Conflict, Corrupt, NotFound, StoreError, StoreIO, UnsupportedFormat
from prefect.storage.state.locks import Busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import QueueEntry
    from prefect.storage.state.records import Change
    from prefect.storage.state.runs import Runs


class Claim:
    """Runs that are taken one after the other.

    Args:
        runs: Where they are kept.
        change: What becomes of a run that is taken; ``due`` and ``live`` are seen to.
        fits: What a run must pass, asked under its lock.

    Attributes:
        taken: The runs that were taken.
    """

    def __init__(self, runs: Runs, change: Change, fits: Callable[[Record], bool]) -> None:
        self._runs = runs
        self._change = change
        self._fits = fits
        # Run before its change, and the change, which is noted first: an interrupt may come between it and the next step.
        self._begun: list[tuple[Record, Record]] = []
        self.taken: list[Record] = []

    def take(self, entry: QueueEntry) -> None:
        """Take a run that is due unless somebody else has; a run that cannot be read does not stop the others.

        Raises:
            StoreIO: The system refused.
        """
        try:
            try:
                self.taken.append(self._runs.update(entry.run_id, self._changes, check=self._fits, waits=False))
            except (Conflict, NotFound):
                self._runs.heal(entry.run_id, entry.path)
        except Busy:
            return
        except (Corrupt, UnsupportedFormat) as error:
            self._runs.warn(entry.run_id, error)
        except StoreIO as error:
            if error.errno not in (errno.EACCES, errno.EPERM) or error.path != self._runs.layout.run(entry.run_id):
                raise
            self._runs.warn(entry.run_id, error)

    def _changes(self, run: Record) -> Record:
        changes = {**(self._change(run) if callable(self._change) else self._change), "due": None, "live": True}
        self._begun.append((run, changes))
        return changes

    def give_back(self) -> None:
        """Put all runs that were taken into the queue again, as they were before."""
        for before, changes in self._begun:

            def is_taken(run: Record, before: Record = before, changes: Record = changes) -> bool:
                # Somebody else may have been quicker than the change was.
                is_next = run["v"] == before["v"] + 1
                return is_next and all(run[field] == value for field, value in changes.items())

            try:
                self._runs.update(before["id"], {field: before.get(field) for field in changes}, check=is_taken)
            except StoreError:
                continue  # not ours, or refused by the system: then it is as if this process had died at this moment
