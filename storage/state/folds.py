"""What a process remembers of the journals of task runs and artifacts, so that it reads only what was added.

Source: store.md §6.5, §7.2.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt
from prefect.storage.state.kept_open import KeptOpen
from prefect.storage.state.layout import is_id, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout
    from prefect.storage.state.system import OpenFacts, System

#: Runs that are remembered; the journals of others are read again.
_MOST = 8


class Fold:
    """The members of one run as this process last saw them.

    Args:
        path: The journal.
        system: What opens it.

    Attributes:
        kept: The journal, open to be written; used while ``writing`` is held.
        writing: Held around the file's lock, so that threads of one process need not poll for it.
        guard: Held while the attributes below are read or changed.
        inode: Identity of the file that was read; None if none was.
        end: Offset after the last line that was read.
        highest: Highest number in use, also of what was deleted.
        records: Id → record.
        is_named: Whether this process has made the file's name durable.
    """

    def __init__(self, path: str, system: System) -> None:
        self.path = path
        self.kept = KeptOpen(system)
        self.writing = threading.Lock()
        self.guard = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Begin again with nothing."""
        self.inode: int | None = None
        self.end = 0
        self.highest = 0
        self.records: dict[str, Record] = {}
        self.is_named = False
        self._lines = 0
        self._places: dict[tuple[Any, Any], str] = {}

    def at(self, fields: Mapping[str, Any]) -> Record | None:
        """Return the task run with the task and map index of these fields."""
        id = self._places.get(_place(fields))
        return None if id is None else self.records[id]

    def catch_up(self, system: System, fd: int, facts: OpenFacts | None = None) -> None:
        """Read what was added to the open file since the last look.

        Args:
            system: What reads.
            fd: The file.
            facts: What it is like now, if that is known.

        Raises:
            Corrupt: A line is damaged.
            UnsupportedFormat: A newer version began the file.
        """
        facts = facts or system.facts(fd)
        if facts.inode != self.inode or facts.size < self.end:
            self.forget()
            self.inode = facts.inode
        if facts.size == self.end:
            return
        try:
            self._read(system, fd, facts.size)
        except Corrupt:
            # What was read last may have been taken back after a failed sync; the file from its start tells.
            self.forget()
            self._read(system, fd, facts.size)
            self.inode = facts.inode

    def _read(self, system: System, fd: int, size: int) -> None:
        data = system.read(fd, size - self.end, self.end)
        length = journal.keyed_end(data)
        for line in data[:length].split(b"\n")[:-1]:
            self._add(self._checked(journal.parsed(line, self.path, self._lines + 1)))
        self.end += length

    def _checked(self, record: Record) -> Record:
        number = self._lines + 1
        if number == 1:
            journal.check_format(record, self.path)
        id, v = record.get("id"), record.get("v")
        if not is_id(id):
            raise Corrupt(self.path, number, f"its id is {id!r}")
        expected = 1 + self.records[id]["v"] if id in self.records else 1
        if v != expected:
            raise Corrupt(self.path, number, f"its version of {id} is {v!r} where {expected} was to come")
        return record

    def add(self, records: list[Record], begin: int, length: int) -> None:
        """Take in lines that this process has written at ``begin``, unless they were read meanwhile."""
        if self.end == begin:
            for record in records:
                self._add(record)
            self.end += length

    def _add(self, record: Record) -> None:
        id = record["id"]
        self._lines += 1
        if "deleted" in record:
            self._places.pop(_place(self.records.pop(id, {})), None)
            return
        if id not in self.records:
            self.highest = max(self.highest, number_of(id))
            if "task" in record:
                self._places.setdefault(_place(record), id)
        self.records[id] = record


def _place(fields: Mapping[str, Any]) -> tuple[Any, Any]:
    return fields.get("task"), fields.get("map_index")


class Folds:
    """The folds of the runs that were used last.

    Args:
        layout: Where their journals are.
        system: What opens them.
    """

    def __init__(self, layout: Layout, system: System) -> None:
        self._layout = layout
        self._system = system
        self._guard = threading.Lock()
        self._known: OrderedDict[str, Fold] = OrderedDict()

    def of(self, run_id: str) -> Fold:
        """Return the fold of a run."""
        with self._guard:
            fold = self._known.get(run_id)
            if fold is None:
                fold = self._known[run_id] = Fold(self._layout.tasks(run_id), self._system)
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(run_id)
            return fold
