"""Task runs and artifacts of a run: one journal, in which the last line of an id counts.

Source: store.md §4, §5, §6.5, §7.2.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from prefect.storage.state import journal
from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.folds import Folds
from prefect.storage.state.layout import is_id, member, run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.storage.state.background import BackgroundSync
    from prefect.storage.state.files import Files
    from prefect.storage.state.folds import Fold
    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import Layout
    from prefect.storage.state.records import Change
    from prefect.storage.state.system import OpenFacts

_KIND = "task run or artifact"


class Members:
    """The task runs and artifacts of a store's runs.

    A member is a dict with ``format id v at`` and what it was given; a task run has ``task`` and ``map_index``. What is
    written survives the process at once, and is on disk within a second, on :meth:`sync`, or with ``durable``. Values
    inside of what is returned are shared: they are not to be changed in place.

    Args:
        files: How files are written.
        layout: Where they are.
        background: What syncs files later.
    """

    def __init__(self, files: Files, layout: Layout, background: BackgroundSync) -> None:
        self.files = files
        self.system = files.system
        self.layout = layout
        self._background = background
        self.forget()

    def forget(self) -> None:
        """Forget what is known and which thread holds what, as a forked process must: its other threads are gone."""
        # With them goes what they keep open: a lock taken on a file that was open before the fork would be shared.
        self._folds = Folds(self.layout, self.system)

    # ---- reading -------------------------------------------------------------------------------------------------

    def all(self, run_id: str) -> dict[str, Record]:
        """Return id → record of what a run has, in the order of creation; nothing if there is no such run.

        Raises:
            Corrupt: A line is damaged.
        """
        if not is_id(run_id):
            return {}
        fold = self._seen(run_id)
        with fold.guard:
            return {id: {**record} for id, record in fold.records.items()}

    def get(self, id: str) -> Record:
        """Return a task run or an artifact.

        Raises:
            Corrupt: A line of its run is damaged.
            NotFound: It does not exist, or has no line yet.
        """
        fold = self._seen(_run_of(id))
        with fold.guard:
            if id not in fold.records:
                raise NotFound(_KIND, id)
            return {**fold.records[id]}

    def find_task_run(self, run_id: str, task: str, map_index: int) -> Record | None:
        """Return the task run of a task and map index; None if there is none with a line.

        Raises:
            Corrupt: A line of the run is damaged.
        """
        if not is_id(run_id):
            return None
        fold = self._seen(run_id)
        with fold.guard:
            found = fold.at({"task": task, "map_index": map_index})
            return None if found is None else {**found}

    def _seen(self, run_id: str) -> Fold:
        """Return what a run has as of now."""
        fold = self._folds.of(run_id)
        with self.files.translated(fold.path):
            try:
                fd = self.system.open_to_read(fold.path)
            except FileNotFoundError:
                with fold.guard:
                    fold.forget()
                return fold
            try:
                with fold.guard:
                    fold.catch_up(self.system, fd)
            finally:
                self.system.close(fd)
        return fold

    # ---- writing -------------------------------------------------------------------------------------------------

    def create(self, run_id: str, fields: Mapping[str, Any], *, after: int = 0, durable: bool = False) -> Record:
        """Create a task run or an artifact under the next free number.

        Args:
            run_id: Its run.
            fields: What it consists of. With ``task`` and ``map_index`` it is a task run; if there is one of the same,
                that is returned instead.
            after: Numbers up to this one are taken, though they may have no line yet.
            durable: Return when it is on disk.

        Raises:
            NotFound: There is no such run.
            StoreIO: The system refused; nothing was created.
            ValueError: The run has as many members as a run can have.
        """
        same: Record | None = None

        def build(fold: Fold) -> list[Record]:
            nonlocal same
            same = fold.at(fields) if "task" in fields else None
            if same is not None:
                return []
            id = member(run_id, max(after, fold.highest) + 1)
            return [{"format": journal.FORMAT, "id": id, "v": 1, "at": self.system.now(), **fields}]

        written = self._write(_checked_run(run_id), build, durable)
        return {**same} if same is not None else written[0]

    def update(
        self,
        id: str,
        change: Change,
        *,
        birth: Record | Callable[[str], Record | None] | None = None,
        expect: int | None = None,
        check: Callable[[Record], bool] | None = None,
        durable: bool = False,
        at: str | None = None,
    ) -> Record:
        """Change a task run or an artifact under the lock of its run's members and return its new value.

        Args:
            id: Of the member.
            change: Field → new value, or a function that gives that from the current value.
            birth: What it is without a line, or a function that says so of an id: the task run of an unmapped task exists
                from the birth of its run.
            expect: The ``v`` it must have; 0 without a line.
            check: What the current value must pass.
            durable: Return when it is on disk.
            at: Time of the change, by default now; it is never before that of the change before.

        Raises:
            Conflict: ``expect`` or ``check`` failed; it carries the current value.
            Corrupt: A line of its run is damaged.
            NotFound: It has no line and no birth, or its run does not exist.
            StoreIO: The system refused; nothing was changed.
        """

        def build(fold: Fold) -> list[Record]:
            old = fold.records.get(id) or _value(None, id, birth(id) if callable(birth) else birth)
            if (expect is not None and old["v"] != expect) or (check is not None and not check(old)):
                raise Conflict(f"The {_KIND} {id} has changed meanwhile. Look at it again, then decide.", old)
            return [self._changed(old, change, at)]

        return self._write(_run_of(id), build, durable, None if birth else id)[0]

    def update_many(self, run_id: str, changes: Iterable[tuple[str, Change, Record | None]]) -> list[Record]:
        """Change several members of one run, all or none, and return their new values.

        Args:
            run_id: Their run.
            changes: For each its id, its change and its birth as for :meth:`update`.

        Raises:
            Corrupt: A line of the run is damaged.
            NotFound: One has no line and no birth, or the run does not exist.
            StoreIO: The system refused; nothing was changed.
        """
        wanted = list(changes)
        if not wanted:
            return []

        def build(fold: Fold) -> list[Record]:
            latest: dict[str, Record] = {}
            lines = []
            for id, change, birth in wanted:
                latest[id] = self._changed(latest.get(id) or _value(fold.records.get(id), id, birth), change)
                lines.append(latest[id])
            return lines

        return self._write(_checked_run(run_id), build)

    def delete(self, id: str) -> bool:
        """Delete an artifact; return whether there was one. Its number is not used again."""

        def build(fold: Fold) -> list[Record]:
            old = _value(fold.records.get(id), id, None)
            line = {
                "format": journal.FORMAT,
                "id": id,
                "v": old["v"] + 1,
                "at": max(self.system.now(), old["at"]),
                "deleted": True,
            }
            return [line]

        try:
            self._write(_run_of(id), build, missing=id)
        except NotFound:
            return False
        return True

    def sync(self, run_id: str) -> None:
        """Return when what a run has is on disk.

        Raises:
            StoreIO: The system refused.
        """
        if is_id(run_id):
            self.files.sync_file(self.layout.tasks(run_id))

    def _changed(self, old: Record, change: Change, at: str | None = None) -> Record:
        changes = change(old) if callable(change) else change
        now, before = at or self.system.now(), old["at"]
        at = max(before, now)
        return {"format": journal.FORMAT, **old, **changes, "id": old["id"], "v": old["v"] + 1, "at": at}

    def _write(
        self,
        run_id: str,
        build: Callable[[Fold], list[Record]],
        durable: bool = False,
        missing: str | None = None,
    ) -> list[Record]:
        """Append the lines that ``build`` makes, under the lock, of what a run has, and return copies of them.

        Args:
            run_id: The run.
            build: See above.
            durable: Return when they are on disk.
            missing: The member that is not found if there is no file; without it the file is made.
        """
        fold = self._folds.of(run_id)
        with fold.writing:
            try:
                return self._written(fold, build, durable)
            except FileNotFoundError:
                if missing is not None:
                    raise NotFound(_KIND, missing) from None
            self._create_file(run_id, fold.path)
            try:
                return self._written(fold, build, durable)
            except FileNotFoundError as error:
                raise NotFound("flow run", run_id) from error

    def _written(self, fold: Fold, build: Callable[[Fold], list[Record]], durable: bool) -> list[Record]:
        fd, facts = self.files.lock_kept(fold.path, fold.kept)
        try:
            if facts.size != fold.end or facts.inode != fold.inode:
                with fold.guard:
                    fold.catch_up(self.system, fd, facts)
            records = build(fold)
            if records:
                self._append(fd, facts, fold, records, durable)
        finally:
            # A process that was forked meanwhile shares the lock.
            self.system.unlock(fd)
        return [{**record} for record in records]

    def _create_file(self, run_id: str, path: str) -> None:
        """Make the journal; a run that is gone, or is being deleted, gets none."""
        run = self.layout.run(run_id)
        if not self.system.exists(run):
            raise NotFound("flow run", run_id)
        with self.files.locked(path, create=True):
            # Whoever deletes the run unlinks it first, then this.
            if not self.system.exists(run):
                self.files.discard(path)
                raise NotFound("flow run", run_id)

    def _append(self, fd: int, facts: OpenFacts, fold: Fold, records: list[Record], durable: bool) -> None:
        data = journal.encoded(records[0]) if len(records) == 1 else b"".join(map(journal.encoded, records))
        begin = fold.end
        if durable and not fold.is_named:
            self.files.sync_directory(os.path.dirname(fold.path))
            fold.is_named = True
        try:
            self.files.append(fd, fold.path, data, begin, durable, facts)
        except BaseException:
            with fold.guard:
                fold.forget()
            raise
        with fold.guard:
            fold.add(records, begin, len(data))
        if not durable:
            self._background.add(fold.path)


def _checked_run(run_id: str) -> str:
    if not is_id(run_id):
        raise NotFound("flow run", run_id)
    return run_id


def _run_of(id: str) -> str:
    try:
        return run_of(id)
    except ValueError:
        raise NotFound(_KIND, id) from None


def _value(record: Record | None, id: str, birth: Record | None) -> Record:
    if record is not None:
        return record
    if birth is None:
        raise NotFound(_KIND, id)
    return birth if "v" in birth else {"at": "", "v": 0, **birth, "id": id}
