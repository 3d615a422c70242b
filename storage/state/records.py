"""Records and the markers that lead to them: one order of steps for every change.

Markers come before the truth and go after it, so there may be one too many, never one too few. Source: store.md §6.2.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from prefect.storage.state import journal
from prefect.storage.state.errors import Conflict, NotFound, StoreError, StoreIO
from prefect.storage.state.locks import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from prefect.storage.state.files import Files
    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout

    Change = Mapping[str, Any] | Callable[[Record], Mapping[str, Any]]


class Records:
    """Records of one kind. What is specific to a kind is in the methods that begin with an underscore.

    Args:
        files: How files are written.
        layout: Where they are.

    Attributes:
        skipped: Ids of those that were left out of a list because they cannot be read.
    """

    #: How messages call one.
    kind = "record"
    #: Fields that only the first line has.
    frozen: frozenset[str] = frozenset()

    def __init__(self, files: Files, layout: Layout) -> None:
        self.files = files
        self.system = files.system
        self.layout = layout
        self.skipped: set[str] = set()

    # ---- what a kind says of itself ------------------------------------------------------------------------------

    def _path(self, id: str) -> str:
        raise NotImplementedError

    def _markers(self, record: Record) -> set[str]:
        """Return the markers without which the record would not be found when it must be."""
        raise NotImplementedError

    def _hints(self, record: Record) -> set[str]:
        """Return the markers that only make finding quick; they are never synced and made again if missing."""
        raise NotImplementedError

    def _is_locked(self, marker: str) -> bool:
        """Return whether a marker is locked at times, and so must be a file of its own."""
        return False

    def _settled(self, old: Record | None, new: Record, now: str) -> None:
        """Bring the fields of a value that is about to be committed into order."""

    def _before_commit(self, old: Record, new: Record) -> None:
        """Do what must be on disk before a change is."""

    def wanted(self, record: Record) -> set[str]:
        """Return all markers that a record is to have."""
        return self._markers(record) | self._hints(record)

    # ---- reading -------------------------------------------------------------------------------------------------

    def get(self, id: str) -> Record:
        """Return the current value of a record.

        Raises:
            Corrupt: It is damaged.
            NotFound: There is none.
        """
        found = self._current(self._checked_path(id))
        if found is None:
            raise NotFound(self.kind, id)
        return found

    def history(self, id: str) -> list[Record]:
        """Return every line of a record; the first is complete, the others lack the fields that never change.

        Raises:
            Corrupt: A line is damaged.
            NotFound: There is none.
        """
        path = self._checked_path(id)
        found = journal.lines_of(self.files.read(path) or b"", path)
        if not found:
            raise NotFound(self.kind, id)
        return found

    def each(self, ids: Iterable[str]) -> Iterator[Record]:
        """Yield the records of ids; those that are gone are skipped, damaged ones with a warning, once each."""
        for id in ids:
            try:
                yield self.get(id)
            except NotFound:
                continue
            except StoreError as error:
                self.warn(id, error)

    def _current(self, path: str) -> Record | None:
        with self.files.translated(path):
            try:
                fd = self.system.open_to_read(path)
            except FileNotFoundError:
                return None
            try:
                return journal.read_record(self.system, fd, path).current
            finally:
                self.system.close(fd)

    def _checked_path(self, id: str) -> str:
        try:
            return self._path(id)
        except ValueError:
            raise NotFound(self.kind, id) from None

    def warn(self, id: str, error: StoreError) -> None:
        """Say that a record cannot be read; once."""
        if id not in self.skipped:
            from logging import getLogger

            self.skipped.add(id)
            getLogger("prefect.store").warning("%s", error)

    # ---- writing -------------------------------------------------------------------------------------------------

    def update(
        self,
        id: str,
        change: Change,
        *,
        expect: int | None = None,
        check: Callable[[Record], bool] | None = None,
        waits: bool = True,
    ) -> Record:
        """Change a record under its lock and return its new value. This is the only way to change one.

        Args:
            id: Of the record.
            change: Field → new value, or a function that gives that from the current value.
            expect: The ``v`` the record must have.
            check: What the current value must pass.
            waits: Wait for whoever is changing it just now.

        Raises:
            Busy: Somebody is, and ``waits`` is false.
            Conflict: ``expect`` or ``check`` failed; it carries the current value.
            Corrupt: The record is damaged.
            NotFound: There is none.
            StoreIO: The system refused; nothing was changed.
            ValueError: A field is to change that never does.
        """
        path = self._checked_path(id)
        with ExitStack() as lock:
            try:
                fd = lock.enter_context(self.files.locked(path, waits=waits))
            except FileNotFoundError:
                raise NotFound(self.kind, id) from None
            reading = journal.read_record(self.system, fd, path)
            old = reading.current
            if old is None:
                raise NotFound(self.kind, id)
            if expect is not None and old["v"] != expect:
                raise self._conflict(old)
            self._check(old, check)
            changes = change(old) if callable(change) else change
            if not self.frozen.isdisjoint(changes):
                names = ", ".join(sorted(self.frozen.intersection(changes)))
                raise ValueError(f"The {self.kind} {id} cannot change in {names}. Create another one.")
            return self._commit(fd, path, old, {**old, **changes}, reading.end)

    def _check(self, current: Record, check: Callable[[Record], bool] | None) -> None:
        if check is not None and not check(current):
            raise self._conflict(current)

    def _conflict(self, current: Record) -> Conflict:
        message = f"The {self.kind} {current['id']} has changed meanwhile. Look at it again, then decide."
        return Conflict(message, current)

    def _commit(self, fd: int, path: str, old: Record, new: Record, end: int) -> Record:
        now = max(self.system.now(), old["at"])
        new["v"] = old["v"] + 1
        new["at"] = now
        self._settled(old, new, now)
        line = journal.encoded({key: value for key, value in new.items() if key not in self.frozen})
        self._before_commit(old, new)
        have, want = self._markers(old), self._markers(new)
        for marker in want - have:
            self.files.mark(marker, durable=True)
        old_hints, hints = self._hints(old), self._hints(new)
        for hint in hints:
            if not self.system.exists(hint):
                self.files.mark(hint, durable=False)
        self.files.append(fd, path, line, end)
        for marker in (have - want) | (old_hints - hints):
            self.files.discard(marker)
        return new

    def _birth(self, record: Record, durable_markers: bool) -> tuple[Record, bool]:
        """Write the first line of a record unless it has one; return the record, and whether it is new."""
        path = self._path(record["id"])
        now = self.system.now()
        new = {"format": journal.FORMAT, "v": 1, "at": now, "created": now, **record}
        self._settled(None, new, now)
        # All that a caller can have got wrong shows here, before there is a file.
        line, markers, hints = journal.encoded(new), self._markers(new), self._hints(new)
        with self.files.locked(path, create=True) as fd:
            reading = journal.read_record(self.system, fd, path)
            if reading.current is not None:
                return reading.current, False
            try:
                self.files.sync_directory(os.path.dirname(path))
                known = None
                for hint in hints:
                    self.files.mark(hint, durable=False, like=known)
                    known = hint
                for marker in markers:
                    self.files.mark(marker, durable=durable_markers, like=None if self._is_locked(marker) else known)
                self.files.append(fd, path, line, reading.end)
            except StoreIO:
                # Nobody is to find, and no check to tell of, what was never born.
                for other in (*markers, *hints, path):
                    self.files.discard(other)
                raise
            return new, True

    def heal(self, id: str, marker: str) -> None:
        """Remove a marker that its record does not want, and a record whose birth was never finished.

        Nothing happens while somebody is changing the record.

        Raises:
            Corrupt: The record is damaged.
            StoreIO: The system refused.
        """
        path = self._checked_path(id)
        try:
            # Without a file there is no lock, and a birth under the same id could lose its marker to this: so one is made.
            with self.files.locked(path, create=True, waits=False) as fd:
                current = journal.read_record(self.system, fd, path).current
                if current is None:
                    self.files.discard(marker)
                    self.files.discard(path)
                elif marker not in self.wanted(current):
                    self.files.discard(marker)
        except Busy:
            return

    def remark(self, id: str) -> bool:
        """Make markers and hints that are missing, under the record's lock; return whether any was."""
        record = self.get(id)
        if all(map(self.system.exists, self.wanted(record))):
            return False
        path = self._path(id)
        try:
            with self.files.locked(path) as fd:
                current = journal.read_record(self.system, fd, path).current
                for marker in self.wanted(current) if current else ():
                    self.files.mark(marker, durable=True)
        except FileNotFoundError:
            return False
        return True

    def _unlink(self, path: str, current: Record | None) -> None:
        """Unlink a locked record, which is the commit, then its markers."""
        self.files.remove(path)
        self.files.sync_directory(os.path.dirname(path))
        for marker in self.wanted(current) if current else ():
            self.files.discard(marker)
