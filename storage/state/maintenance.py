"""What is done to a store from time to time: making up for markers that a power cut took, deleting old runs.

Source: store.md §6.8, §6.9.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt, NotFound, StoreError, StoreIO, UnsupportedFormat
from prefect.storage.state.layout import is_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_HOUR = re.compile(r"\d{4}-\d\d-\d\d/\d\d\Z")
#: Folders that have one for each day, and in it one for each hour; that of the runs is first.
_BY_HOUR = ("runs", "tasks", "logs")
#: Births of an hour are over so long after it: no run is later in getting its file.
_SETTLED_MILLISECONDS = 10 * 60 * 1000
_HOUR_MILLISECONDS = 60 * 60 * 1000
#: Runs whose files a prune has locked at once: each has three of them open, and they share the sync of their folder.
_AT_ONCE = 16


# ---- scrub -----------------------------------------------------------------------------------------------------------


def scrub(store: Store) -> int:
    """Make the markers and hints that runs lack, and return how many runs lacked some.

    The birth of a run does not wait for its markers to be on disk; this makes up for it after a power cut. Runs of hours
    that were looked through before and had ended ten minutes earlier are not read again.

    Raises:
        StoreIO: The system refused.
    """
    if not store.system.exists(f"{store.root}/runs"):
        return 0
    until = _settled_hour(store)
    begin = min(_scrubbed_hour(store), until)
    mended = 0
    for hour in _hours(store, "runs"):
        if hour >= begin:
            mended += sum(_is_mended(store, id) for id in _ids_in(store, f"runs/{hour}"))
    if begin != until:
        store.files.replace(_scrub_path(store), journal.encoded({"format": journal.FORMAT, "hour": until}))
    return mended


def _is_mended(store: Store, id: str) -> bool:
    try:
        return store.runs.remark(id)
    except NotFound:
        return False  # being born or deleted
    except (Corrupt, UnsupportedFormat, KeyError, TypeError, ValueError):
        return False  # damaged: check tells, and no other run shall go without its markers for that


def _scrub_path(store: Store) -> str:
    return f"{store.root}/scrub.json"


def _scrubbed_hour(store: Store) -> str:
    """Return the hour up to which runs have been looked through; one before all others if that is not known."""
    path = _scrub_path(store)
    try:
        found = journal.parsed(store.files.read(path) or b"{}", path, 0).get("hour")
    except Corrupt:
        found = None
    return found if isinstance(found, str) and _HOUR.match(found) else ""


def _settled_hour(store: Store) -> str:
    """Return the last hour that ended more than ten minutes ago."""
    import time

    seconds = (store.system.milliseconds() - _SETTLED_MILLISECONDS - _HOUR_MILLISECONDS) // 1000
    return time.strftime("%Y-%m-%d/%H", time.gmtime(seconds))


# ---- prune -----------------------------------------------------------------------------------------------------------


def is_over(run: Record) -> bool:
    """Return whether nobody executes a run or is going to."""
    return run["due"] is None and not run["live"]


def prunable(store: Store, older_than: str, is_finished: Callable[[Record], bool] = bool) -> Iterator[Record]:
    """Yield the runs that :func:`prune` would delete now, the oldest hour first.

    Args:
        store: Where they are.
        older_than: Runs that were last changed before this time: UTC text as the store writes it.
        is_finished: What such a run must be besides being neither in the queue nor executed.
    """
    is_old = _rule(store, older_than, is_finished)
    for hour in _hours_until(store, older_than, "runs"):
        yield from _old_runs(store, hour, is_old)


def prune(store: Store, older_than: str, is_finished: Callable[[Record], bool] = bool) -> int:
    """Delete old runs with their task runs, logs and markers, hour by hour, and return how many were deleted.

    What deletions that died have left of other runs of these hours goes too, and so do the days of the feed before and
    the cached states of tasks that had none since. It needs no room on the disk.

    Args:
        store: Where they are.
        older_than: Runs that were last changed before this time: UTC text as the store writes it.
        is_finished: See :func:`prunable`; asked again under the run's lock.

    Raises:
        StoreIO: The system refused; the runs that were deleted until then stay deleted.
    """
    is_old = _rule(store, older_than, is_finished)
    count = 0
    for hour in _hours_until(store, older_than, *_BY_HOUR):
        count += _delete(store, hour, is_old)
        if hour < _hour_of(older_than):
            _remove_remains(store, hour)
        _remove_hour(store, hour)
    _remove_days(store)
    for name in store.files.names(f"{store.root}/feed"):
        if name < older_than[:10]:
            store.files.discard(f"{store.root}/feed/{name}")
    _forget_cached(store, older_than)
    return count


def _rule(store: Store, older_than: str, is_finished: Callable[[Record], bool]) -> Callable[[Record | None], bool]:
    runs = store.runs

    def is_old(run: Record | None) -> bool:
        if run is None:
            return False
        try:
            runs.wanted(run)  # so that all that belongs to it can be found
            return str(run["at"]) < older_than and is_over(run) and is_finished(run)
        except (KeyError, TypeError, ValueError):
            return False  # edited by hand: check tells

    return is_old


def _delete(store: Store, hour: str, is_old: Callable[[Record | None], bool]) -> int:
    """Delete the old runs of an hour: first the keys, then the records, which is the commit, then what belongs to them."""
    old = list(_old_runs(store, hour, is_old))
    _free_keys(store, old, is_old)
    deleted = []
    for begin in range(0, len(old), _AT_ONCE):
        deleted += _deleted(store, hour, old[begin : begin + _AT_ONCE], is_old)
    for group in {store.layout.inside(store.layout.of_group(run["flow_group_id"])) for run in deleted}:
        _remove_empty(store, f"{group}/{hour[:10]}", group)
    return len(deleted)


def _deleted(store: Store, hour: str, runs: list[Record], is_old: Callable[[Record | None], bool]) -> list[Record]:
    """Delete those of some runs of an hour that are still old, and return them."""
    with ExitStack() as locks:
        deleted = [run for run in (_unlinked(store, run["id"], is_old, locks) for run in runs) if run is not None]
        if deleted:
            store.files.sync_directory(f"{store.root}/runs/{hour}")
        for run in deleted:
            for path in (store.layout.tasks(run["id"]), store.layout.log(run["id"]), *store.runs.wanted(run)):
                store.files.discard(path)
    return deleted


def _free_keys(store: Store, runs: Iterable[Record], is_old: Callable[[Record | None], bool]) -> None:
    """Remove the idempotency keys of runs and return when that is on disk, so that no key leads to a run that is gone."""
    folders = set()
    for run in runs:
        if run["idempotency_key"] is None:
            continue
        path = store.layout.key(run["flow_id"], run["idempotency_key"])
        try:
            with store.files.locked(path) as fd:
                known = journal.read_record(store.system, fd, path).current
                # The run is looked at again: until now it was there for all who asked with the key.
                if known is not None and known["id"] == run["id"] and is_old(_read(store, run["id"])):
                    store.files.remove(path)
                    folders.add(os.path.dirname(path))
        except (FileNotFoundError, Corrupt, UnsupportedFormat):
            continue
    for folder in folders:
        store.files.sync_directory(folder)


def _unlinked(store: Store, id: str, is_old: Callable[[Record | None], bool], locks: ExitStack) -> Record | None:
    """Unlink a run's record under its lock and return the run, if it is still old; all that is its own stays locked then."""
    path = store.layout.run(id)
    try:
        with ExitStack() as own:
            fd = own.enter_context(store.files.locked(path))
            run = journal.read_record(store.system, fd, path).current
            if not is_old(run):
                return None
            store.runs.belongings(id, own)
            store.files.remove(path)
            locks.enter_context(own.pop_all())
            return run
    except (FileNotFoundError, Corrupt, UnsupportedFormat):
        return None


def _remove_remains(store: Store, hour: str) -> None:
    """Remove task runs and logs without a run: deletions that died have left them."""
    for folder in ("tasks", "logs"):
        for id in _ids_in(store, f"{folder}/{hour}"):
            if not store.system.exists(store.layout.run(id)):
                store.files.discard(f"{store.root}/{folder}/{hour}/{id}.jsonl")


def _remove_hour(store: Store, hour: str) -> None:
    """Remove the folders of an hour that are empty and that nobody is going to write into.

    Writers rely on a folder to have a durable name once they have seen to it. So those of the present hour stay, and while
    an hour has runs, so do the folders of what these runs may still write.
    """
    if hour >= _hour_of(store.system.now()):
        return
    for folder in _BY_HOUR:
        _remove_empty(store, f"{folder}/{hour}")
        if store.system.exists(f"{store.root}/runs/{hour}"):
            return


def _remove_days(store: Store) -> None:
    """Remove the folders of days before today that are empty."""
    today = store.system.now()[:10]
    for folder in _BY_HOUR:
        for day in store.files.names(f"{store.root}/{folder}"):
            if _DAY.match(day) and day < today:
                _remove_empty(store, f"{folder}/{day}")


def _forget_cached(store: Store, older_than: str) -> None:
    """Remove what was noted of cached states in files that nothing was added to since a time."""
    from datetime import datetime

    since = datetime.fromisoformat(older_than).timestamp()
    for name in store.files.names(f"{store.root}/cached"):
        path = f"{store.root}/cached/{name}"
        with store.files.translated(path):
            try:
                is_old = store.system.facts_of(path).mtime < since
            except FileNotFoundError:
                continue
        if is_old:
            store.files.discard(path)


def _remove_empty(store: Store, *folders: str) -> None:
    """Remove folders that are empty, the inner before the outer.

    Those of keys and names are not among them: there are only so many, and they fill again.
    """
    for folder in folders:
        try:
            store.system.remove_directory(f"{store.root}/{folder}")
        except OSError:
            return  # not empty, or gone


# ---- looking through runs --------------------------------------------------------------------------------------------


def _old_runs(store: Store, hour: str, is_old: Callable[[Record | None], bool]) -> Iterator[Record]:
    return (
        run for run in (_read(store, id) for id in _ids_in(store, f"runs/{hour}")) if run is not None and is_old(run)
    )


def _read(store: Store, id: str) -> Record | None:
    """Return a run; None if it is gone or cannot be read."""
    try:
        return store.runs.get(id)
    except StoreIO:
        raise
    except StoreError:
        return None


def _hours_until(store: Store, older_than: str, *folders: str) -> list[str]:
    """Return the hours, oldest first, in which there may be runs that were last changed before a time."""
    return [hour for hour in _hours(store, *folders) if hour <= _hour_of(older_than)]


def _hour_of(time_text: str) -> str:
    return f"{time_text[:10]}/{time_text[11:13]}"


def _hours(store: Store, *folders: str) -> list[str]:
    """Return the days and hours, such as ``2024-05-17/13``, that one of the folders has, oldest first."""
    found = set()
    for folder in folders:
        for day in store.files.names(f"{store.root}/{folder}"):
            found |= {f"{day}/{hour}" for hour in store.files.names(f"{store.root}/{folder}/{day}")}
    return sorted(filter(_HOUR.match, found))


def _ids_in(store: Store, folder: str) -> list[str]:
    """Return the ids that name the files of a folder."""
    names = store.files.names(f"{store.root}/{folder}")
    return [name[:-6] for name in names if name.endswith(".jsonl") and is_run_id(name[:-6])]
