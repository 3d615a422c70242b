"""Streams: journals of independent lines that are never locked. Logs of runs, cached states, the feed.

Source: store.md §2, §6.6, §7.2, §9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.storage.state.errors import Corrupt, NotFound, StoreError
from prefect.storage.state.journal import encoded, parsed
from prefect.storage.state.layout import is_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prefect.storage.state.background import BackgroundSync
    from prefect.storage.state.files import Files
    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout

#: Bytes that are read at once from the end of a stream.
_BLOCK = 64 * 1024


def readable(lines: Iterable[bytes], path: str) -> list[Record]:
    """Return the lines of a stream that can be read; the others are skipped with a warning that counts them."""
    given = list(lines)
    found = [entry for line in given if (entry := _entry(line, path)) is not None]
    if len(found) < len(given):
        from logging import getLogger

        skipped = len(given) - len(found)
        getLogger("prefect.store").warning(
            "%s of the file %s cannot be read and %s left out. 'prefect store check' says which.",
            "A line" if skipped == 1 else f"{skipped} lines",
            path,
            "is" if skipped == 1 else "are",
        )
    return found


def _entry(line: bytes, path: str) -> Record | None:
    # With NUL bytes it could pass for JSON in another encoding.
    if b"\0" in line:
        return None
    try:
        return parsed(line, path, 0)
    except Corrupt:
        return None


class Logs:
    """The logs of a store's runs. What is appended survives the process at once and is on disk within a second.

    Args:
        files: How files are written.
        layout: Where they are.
        background: What syncs files later.
    """

    def __init__(self, files: Files, layout: Layout, background: BackgroundSync) -> None:
        self.files = files
        self.layout = layout
        self._background = background

    def append(self, run_id: str, entries: Iterable[Mapping[str, Any]], *, create: bool = True) -> None:
        """Append lines to the log of a run in one write; lines of other processes do not come between.

        Args:
            run_id: The run.
            entries: The lines.
            create: Begin the log if there is none; whether there is such a run is not looked at.

        Raises:
            NotFound: ``run_id`` is no id, or there is no log and ``create`` is false.
            StoreIO: The system refused.
        """
        data = b"".join(map(encoded, entries))
        try:
            path = self.layout.log(run_id)
        except ValueError:
            raise NotFound("flow run", run_id) from None
        if data:
            try:
                self.files.append_stream(path, data, create)
            except FileNotFoundError:
                raise NotFound("flow run", run_id) from None
            self._background.add(path)

    def read(self, run_id: str) -> list[Record]:
        """Return the readable lines of a run's log in the order they were written; none if it has none.

        Raises:
            StoreIO: The system refused.
        """
        if not is_id(run_id):
            return []
        path = self.layout.log(run_id)
        data = self.files.read(path) or b""
        return readable(data.split(b"\n")[:-1], path)


class Cached:
    """Where task runs in a ``Cached`` state are, by cache key or task. Lost with a power cut, to no harm.

    Args:
        files: How files are written.
        layout: Where they are.
    """

    def __init__(self, files: Files, layout: Layout) -> None:
        self.files = files
        self.layout = layout

    def append(self, key: str, entry: Mapping[str, Any]) -> None:
        """Note a state under a cache key or a task's id.

        Raises:
            StoreIO: The system refused.
        """
        self.files.append_stream(self.layout.cached(key), encoded(entry))

    def newest(self, key: str, limit: int = 100) -> list[Record]:
        """Return what was noted under a key, the newest first; no more of the file is read than that needs.

        Raises:
            StoreIO: The system refused.
        """
        path = self.layout.cached(key)
        found: list[Record] = []
        for lines in self._blocks(path):
            found += readable(reversed(lines), path)
            if len(found) >= limit:
                break
        return found[:limit]

    def _blocks(self, path: str) -> Iterator[list[bytes]]:
        """Yield the whole lines of a file in portions, the last portion first."""
        system = self.files.system
        with self.files.translated(path):
            try:
                fd = system.open_to_read(path)
            except FileNotFoundError:
                return
            try:
                begin, rest, is_last = system.facts(fd).size, b"", True
                while begin:
                    length = min(begin, _BLOCK)
                    begin -= length
                    first, *lines = (system.read(fd, length, begin) + rest).split(b"\n")
                    if is_last and lines:
                        # What stands after the last newline does not exist.
                        lines.pop()
                        is_last = False
                    rest = first
                    yield lines
                if not is_last:
                    yield [rest]
            finally:
                system.close(fd)


class Feed:
    """One line per state change of any run: a hint to look again. Lost with a power cut, to no harm.

    Args:
        files: How files are written.
        layout: Where they are.
    """

    def __init__(self, files: Files, layout: Layout) -> None:
        self.files = files
        self.layout = layout

    def append(self, entry: Mapping[str, Any]) -> None:
        """Append a line with the time; what it tells of is committed, so nothing is raised."""
        now = self.files.system.now()
        path = self.layout.feed(now[:10])
        try:
            self.files.append_stream(path, encoded({"at": now, **entry}))
        except (OSError, StoreError, TypeError, ValueError) as error:
            from logging import getLogger

            getLogger("prefect.store").debug("Could not write to %s: %s", path, error)

    def path_today(self) -> str:
        """Return the file of today's feed (UTC), which need not exist."""
        return self.layout.feed(self.files.system.now()[:10])
