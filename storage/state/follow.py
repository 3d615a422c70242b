"""Following a run while it is written: what was added since the last look.

Source: store.md §7.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from prefect.storage.state.errors import NotFound
from prefect.storage.state.journal import keyed_end, parsed
from prefect.storage.state.layout import is_id
from prefect.storage.state.streams import readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect.storage.state.files import Files
    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout


class Changes(NamedTuple):
    """New lines, in the order they were written.

    Attributes:
        run: Of the run's record. The first line of a record is complete, the others lack what never changes.
        members: Of its task runs and artifacts, each complete.
        logs: Of its log.
    """

    run: list[Record]
    members: list[Record]
    logs: list[Record]


class _Tail:
    """A file that grows, and how far it was read. One that was replaced or cut is begun again.

    Args:
        files: How it is read.
        path: Where it is.
        end_of: Gives the offset after the last line that exists.
    """

    def __init__(self, files: Files, path: str, end_of: Callable[[bytes], int]) -> None:
        self._files = files
        self._path = path
        self._end_of = end_of
        self._begin_again(None)

    def _begin_again(self, inode: int | None) -> None:
        self._inode = inode
        self._offset = 0
        self._lines = 0

    def records(self) -> list[Record]:
        """Return new lines.

        Raises:
            Corrupt: One is damaged; the next look meets it again.
        """
        data = self._added()
        found = [parsed(line, self._path, number) for number, line in enumerate(_lines(data), self._lines + 1)]
        self._pass(data)
        return found

    def entries(self) -> list[Record]:
        """Return new lines that can be read."""
        data = self._added()
        self._pass(data)
        return readable(_lines(data), self._path)

    def skip(self) -> None:
        """Leave out what is there already."""
        self._pass(self._added())

    def _pass(self, data: bytes) -> None:
        self._offset += len(data)
        self._lines += data.count(b"\n")

    def _added(self) -> bytes:
        """Return whole lines that were not passed yet."""
        system = self._files.system
        with self._files.translated(self._path):
            try:
                fd = system.open_to_read(self._path)
            except FileNotFoundError:
                self._begin_again(None)
                return b""
            try:
                facts = system.facts(fd)
                if facts.inode != self._inode or facts.size < self._offset:
                    self._begin_again(facts.inode)
                if facts.size == self._offset:
                    return b""
                data = system.read(fd, facts.size - self._offset, self._offset)
                return data[: self._end_of(data)]
            finally:
                system.close(fd)


def _lines(data: bytes) -> list[bytes]:
    return data.split(b"\n")[:-1]


def _last_newline(data: bytes) -> int:
    return data.rfind(b"\n") + 1


class Follower:
    """What is added to a run's record, members and log, from one look to the next. Files need not be there yet.

    Args:
        files: How files are read.
        layout: Where they are.
        run_id: The run.
        from_end: Leave out what is there already.

    Raises:
        NotFound: ``run_id`` is no id.
        StoreIO: The system refused.
    """

    def __init__(self, files: Files, layout: Layout, run_id: str, *, from_end: bool = False) -> None:
        if not is_id(run_id):
            raise NotFound("flow run", run_id)
        self._run = _Tail(files, layout.run(run_id), keyed_end)
        self._members = _Tail(files, layout.tasks(run_id), keyed_end)
        self._log = _Tail(files, layout.log(run_id), _last_newline)
        if from_end:
            for tail in (self._run, self._members, self._log):
                tail.skip()

    def poll(self) -> Changes:
        """Return what is new since the last look, or since the beginning.

        Raises:
            Corrupt: A line of the record or of its members is damaged; the next look meets it again.
            StoreIO: The system refused.
        """
        return Changes(self._run.records(), self._members.records(), self._log.entries())
