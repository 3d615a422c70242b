"""Flow runs: created, claimed, changed, found again without scanning, deleted.

Source: store.md §4, §6.3, §6.4, §6.8, §6.9, §7.3, §8.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from prefect.storage.state import journal, layout
from prefect.storage.state.errors import NotFound, StoreIO
from prefect.storage.state.locks import Busy
from prefect.storage.state.records import Records

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.layout import QueueEntry
    from prefect.storage.state.records import Change

#: Queue entries that are read of one minute before the first is handed out.
CHUNK = 512
#: Until this age a birth leaves syncing its markers to the scrub.
_FRESH_MILLISECONDS = 5 * 60 * 1000
#: A minute of the queue stays this long after it is empty: a run could be on its way into it.
_EMPTY_MINUTE_MILLISECONDS = 60 * 60 * 1000


class Runs(Records):
    """The flow runs of a store.

    A run is a dict. The store reads ``id v at name flow_id flow_group_id labels due live idempotency_key``; all else is
    kept as it came. ``due`` is UTC text or None, ``live`` tells whether the run was picked up and has not finished.
    """

    kind = "flow run"
    frozen = frozenset(
        "format id created flow_id flow_group_id parameters context run_config idempotency_key"
        " scheduled_start_time auto_scheduled".split()
    )

    def _path(self, id: str) -> str:
        return self.layout.run(id)

    def _markers(self, record: Record) -> set[str]:
        markers = set()
        if record["due"] is not None:
            markers.add(self.layout.queued(record["labels"], record["due"], record["id"]))
        if record["live"]:
            markers.add(self.layout.active(record["id"]))
        return markers

    def _is_locked(self, marker: str) -> bool:
        return os.path.dirname(marker) == self.layout.active_runs

    def _hints(self, record: Record) -> set[str]:
        id = record["id"]
        day = layout.hour_of(id)[:10]
        return {self.layout.named(record["name"]) + id, f"{self.layout.of_group(record['flow_group_id'])}/{day}/{id}"}

    def _settled(self, old: Record | None, new: Record, now: str) -> None:
        new["labels"] = sorted(new["labels"])
        if new["due"] is not None and (old is None or new["due"] != old["due"]):
            new["due"] = max(new["due"], now)

    def _before_commit(self, old: Record, new: Record) -> None:
        # A finished run has all its history on disk.
        if old["live"] and not new["live"]:
            self.sync(old["id"])

    def sync(self, id: str) -> None:
        """Return when the task runs and the log of a run are on disk."""
        self.files.sync_file(self.layout.tasks(id))
        self.files.sync_file(self.layout.log(id))

    # ---- creating ------------------------------------------------------------------------------------------------

    def create(self, run: Record) -> tuple[Record, bool]:
        """Create a run, or find the one that was created with the same flow and idempotency key.

        Args:
            run: ``name``, ``flow_id``, ``flow_group_id``, ``labels``, ``due``, and whatever else belongs to it.

        Returns:
            The run, and whether it is new.

        Raises:
            StoreIO: The system refused; no run was created.
        """
        birth = {"idempotency_key": None, "live": False, **run}
        key = birth["idempotency_key"]
        if key is not None:
            return self._create_with_key(birth, key)
        while True:
            created, is_new = self._birth({**birth, "id": self._new_id()}, durable_markers=False)
            if is_new:
                return created, True

    def _create_with_key(self, birth: Record, key: str) -> tuple[Record, bool]:
        created = self.with_key(birth["flow_id"], key)
        if created is not None:
            return created, False
        path = self.layout.key(birth["flow_id"], key)
        # All that a caller can have got wrong shows here, before there is a key.
        self._markers({**birth, "id": self._new_id()})
        journal.encoded(birth)
        with self.files.locked(path, create=True) as fd:
            reading = journal.read_record(self.system, fd, path)
            known = reading.current
            try:
                if known is None:
                    known = {"format": journal.FORMAT, "key": key, "flow_id": birth["flow_id"], "id": self._new_id()}
                    self.files.sync_directory(os.path.dirname(path))
                    self.files.append(fd, path, journal.encoded(known), reading.end)
                return self._birth({**birth, "id": known["id"]}, durable_markers=not self._is_fresh(known["id"]))
            except StoreIO:
                if reading.current is None:
                    self.files.discard(path)  # a key to nothing is of no use
                raise

    def _new_id(self) -> str:
        return layout.new_run_id(self.system.milliseconds())

    def _is_fresh(self, id: str) -> bool:
        return self.system.milliseconds() - int(id[:8] + id[9:13], 16) < _FRESH_MILLISECONDS

    # ---- the queue -----------------------------------------------------------------------------------------------

    def due(self, labels: Collection[str] | None, at: str | None = None) -> Iterator[QueueEntry]:
        """Yield what an agent with these labels may take, earliest first; a hint, the claim decides.

        The order is exact from minute to minute and within the first 512 entries of one. The cost depends on what is
        due, not on what is stored.

        Args:
            labels: The agent's; None for everything in the queue.
            at: The time up to which runs are due; by default now.
        """
        until = layout.millisecond_of(at or self.system.now())
        minutes = []
        for key in self.files.names(f"{self.layout.root}/queue"):
            if labels is None or _may_take(key, set(labels)):
                folder = f"{self.layout.root}/queue/{key}"
                minutes += [
                    (minute, f"{folder}/{minute}") for minute in self.files.names(folder) if layout.is_minute(minute)
                ]
        for minute, folder in sorted(entry for entry in minutes if entry[0] <= until[:13]):
            yield from self._due_in(folder, minute, until)

    def _due_in(self, folder: str, minute: str, until: str) -> Iterator[QueueEntry]:
        with self.files.translated(folder):
            try:
                names = self.system.each_name(folder)
                chunk = list(islice(names, CHUNK))
            except FileNotFoundError:
                return
            if not chunk:
                self._remove_old_minute(folder, minute)
            while chunk:
                for entry in sorted(
                    filter(None, (layout.parse_queued(f"{folder}/{name}") for name in chunk)), key=_by_due
                ):
                    if entry.due <= until:
                        yield entry
                chunk = list(islice(names, CHUNK))

    def _remove_old_minute(self, folder: str, minute: str) -> None:
        import time

        hour_ago = time.gmtime((self.system.milliseconds() - _EMPTY_MINUTE_MILLISECONDS) // 1000)
        if minute < time.strftime("%Y%m%dT%H%M", hour_ago):
            try:
                self.system.remove_directory(folder)
            except OSError:
                return  # a run came in, or somebody else removed it

    def claim(
        self,
        labels: Collection[str] | None,
        change: Change,
        *,
        limit: int = 1,
        at: str | None = None,
        check: Callable[[Record], bool] | None = None,
    ) -> list[Record]:
        """Take runs that are due out of the queue. Of any number of processes exactly one gets a run.

        Args:
            labels: The agent's; None takes runs with any labels.
            change: What becomes of a run that is taken; ``due`` and ``live`` are seen to.
            limit: How many at most.
            at: The time up to which runs are due; by default now.
            check: What a run must pass, asked under its lock.

        Raises:
            BaseException: What kept the first run from being taken; whatever else is wrong shows at the next look. After an
                interrupt all runs are due again.
        """
        from prefect.storage.state.claims import Claim

        now = at or self.system.now()
        own = None if labels is None else set(labels)

        def is_ours(run: Record) -> bool:
            wanted = set(run["labels"])
            fits = own is None or (wanted <= own and bool(wanted or not own))
            return run["due"] is not None and run["due"] <= now and fits and (check is None or check(run))

        claim = Claim(self, change, is_ours)
        try:
            for entry in self.due(labels, now) if limit > 0 else ():
                claim.take(entry)
                if len(claim.taken) >= limit:
                    break
        except Exception:
            # Who called must learn of the runs that are taken; what is wrong shows again at the next look.
            if not claim.taken:
                raise
        except BaseException:
            claim.give_back()
            raise
        return claim.taken

    # ---- runs that are being executed ----------------------------------------------------------------------------

    def active(self) -> list[str]:
        """Return the ids of runs that were picked up and are not known to have finished."""
        return [name for name in self.files.names(self.layout.active_runs) if layout.is_id(name)]

    @contextmanager
    def hold(self, id: str) -> Iterator[None]:
        """Show other processes, for the length of a block, that this one executes the run.

        Raises:
            Busy: Another process executes it.
        """
        path = self.layout.active(id)
        with self.files.locked(path, create=True, waits=False, outlasts_looks=True):
            yield

    def is_held(self, id: str) -> bool:
        """Return whether a process on this machine executes the run just now."""
        try:
            with self.files.locked(self.layout.active(id), waits=False, shared=True):
                return False
        except Busy:
            return True
        except FileNotFoundError:
            return False

    def heartbeat(self, id: str) -> None:
        """Note that the run is being executed; nothing happens if it is not."""
        path = self.layout.active(id)
        with self.files.translated(path):
            try:
                self.system.touch_time(path)
            except FileNotFoundError:
                return

    def last_heartbeat(self, id: str) -> float | None:
        """Return when the run was last known to be executed, in Unix seconds; None if it is not picked up."""
        path = self.layout.active(id)
        with self.files.translated(path):
            try:
                return self.system.facts_of(path).mtime
            except FileNotFoundError:
                return None

    # ---- lists ---------------------------------------------------------------------------------------------------

    def newest(self) -> Iterator[Record]:
        """Yield all runs, the newest first; nothing is read that is not taken."""
        return self.each(self.newest_ids())

    def newest_ids(self) -> Iterator[str]:
        """Yield the ids of all runs, the newest first."""
        root = f"{self.layout.root}/runs"
        for day in reversed(self.files.names(root)):
            for hour in reversed(self.files.names(f"{root}/{day}")):
                for name in reversed(self.files.names(f"{root}/{day}/{hour}")):
                    if layout.is_id(name[:-6]):
                        yield name[:-6]

    def of_group(self, flow_group_id: str) -> Iterator[Record]:
        """Yield the runs of a flow group, the newest first."""
        return self.each(self.ids_of_group(flow_group_id))

    def ids_of_group(self, flow_group_id: str) -> Iterator[str]:
        """Yield the ids of the runs of a flow group, the newest first."""
        folder = self.layout.of_group(flow_group_id)
        for day in reversed(self.files.names(folder)):
            yield from reversed(self.files.names(f"{folder}/{day}"))

    def with_key(self, flow_id: str, key: str) -> Record | None:
        """Return the run of a flow that was created with an idempotency key; None if there is none."""
        known = self._current(self.layout.key(flow_id, key))
        if known is None:
            return None
        try:
            return self.get(known["id"])
        except NotFound:
            return None  # its creator died between key and run, or it is being deleted: the key's lock tells

    def named(self, name: str) -> list[Record]:
        """Return the runs of a name, the newest first."""
        return [run for run in self.each(self.ids_named(name)) if run["name"] == name]

    def ids_named(self, name: str) -> list[str]:
        """Return the ids of what may be runs of a name, the newest first. No record is read."""
        folder, prefix = os.path.split(self.layout.named(name))
        ids = [found[len(prefix) :] for found in self.files.names(folder) if found.startswith(prefix)]
        return sorted(ids, reverse=True)

    def names(self) -> Iterator[str]:
        """Yield the names of the newest runs first, each once."""
        seen = set()
        for run in self.newest():
            if run["name"] not in seen:
                seen.add(run["name"])
                yield run["name"]

    # ---- deleting ------------------------------------------------------------------------------------------------

    def delete(self, id: str, *, check: Callable[[Record], bool] | None = None) -> None:
        """Delete a run with its task runs, log and markers; its idempotency key is free again.

        Args:
            id: Of the run.
            check: What the run must pass, asked under its lock.

        Raises:
            Conflict: ``check`` failed; it carries the run.
            NotFound: There is no such run.
        """
        run = self.get(id)
        path = self._path(id)
        # Lock order everywhere: key, then run.
        with ExitStack() as locks:
            key = self._own_key(run, locks)
            try:
                fd = locks.enter_context(self.files.locked(path))
            except FileNotFoundError:
                raise NotFound(self.kind, id) from None
            current = journal.read_record(self.system, fd, path).current
            if current is not None:
                self._check(current, check)
            if key is not None:
                self.files.remove(key)
                self.files.sync_directory(os.path.dirname(key))
            belongings = self.belongings(id, locks)
            self._unlink(path, current)
            for other in belongings:
                self.files.discard(other)

    def belongings(self, id: str, locks: ExitStack) -> tuple[str, str]:
        """Lock task runs and log of a run that is to be deleted, and return their paths.

        The locks are held until these are gone, too: whoever looks meanwhile must not take them for what a crash has left.
        """
        paths = self.layout.tasks(id), self.layout.log(id)
        for path in paths:
            try:
                locks.enter_context(self.files.locked(path))
            except FileNotFoundError:
                continue
        return paths

    def _own_key(self, run: Record, locks: ExitStack) -> str | None:
        """Lock the file of a run's idempotency key and return its path; None if it is not, or no more, this run's."""
        if run["idempotency_key"] is None:
            return None
        path = self.layout.key(run["flow_id"], run["idempotency_key"])
        try:
            fd = locks.enter_context(self.files.locked(path))
        except FileNotFoundError:
            return None  # freed by a deletion that died: nobody can be creating this run any more
        known = journal.read_record(self.system, fd, path).current
        return path if known is None or known["id"] == run["id"] else None


def _may_take(key: str, labels: set[str]) -> bool:
    wanted = layout.labels_of(key)
    if wanted is None:
        return True
    return wanted <= labels and bool(wanted or not labels)


def _by_due(entry: QueueEntry) -> tuple[str, str]:
    return entry.due, entry.run_id
