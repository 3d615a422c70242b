"""Concurrency limits in force: slots taken by running task runs for their tags and by flow runs for their labels.

Where no limit exists this costs one look at a folder. A slot whose holder has ended without giving it back is free.

Source: backend.md §15; store.md §6.7.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

from prefect.orchestration import limits, state_rules
from prefect.storage.state.errors import Conflict, NotFound
from prefect.storage.state.layout import run_of
from prefect.storage.state.locks import Busy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prefect.storage.state.store import Store

#: A task run takes its slots before its state says so; for so many seconds that may be still to come.
_BEGINNING_SECONDS = 30.0
#: A folder changed so many seconds ago may change again without a new time of change: clocks of filesystems are coarse.
_SETTLED_SECONDS = 1.0


class Limit(NamedTuple):
    """How many may have a tag or label at once."""

    id: str
    most: int


#: Store → kind of limit → the folder's time of change, and the limits by tag or label.
_known: WeakKeyDictionary[Store, dict[str, tuple[float, dict[str, Limit]]]] = WeakKeyDictionary()


def tag_limits(store: Store) -> Mapping[str, Limit]:
    """Return the limits of tags; empty if there are none."""
    return _limits(store, "tag-limits", limits.task_tag_limits)


def label_limits(store: Store) -> Mapping[str, Limit]:
    """Return the limits of labels; empty if there are none."""
    return _limits(store, "label-limits", limits.flow_concurrency_limits)


def _limits(store: Store, kind: str, read: Callable[[Store], list[dict[str, Any]]]) -> Mapping[str, Limit]:
    try:
        changed = store.system.facts_of(store.layout.collection(kind)).mtime
    except FileNotFoundError:
        return {}
    known = _known.setdefault(store, {})
    if kind not in known or known[kind][0] != changed:
        found = {limit["name"]: Limit(limit["id"], limit["limit"]) for limit in read(store)}
        if store.system.milliseconds() / 1000 - changed < _SETTLED_SECONDS:
            return found
        known[kind] = (changed, found)
    return known[kind][1]


def take_tags(store: Store, task_run_id: str, tags: Iterable[str]) -> str | None:
    """Take a slot of each tag that has a limit; return the tag that has no room, in which case none is taken."""
    return _take(store, tag_limits(store), task_run_id, tags, _task_run_is_over)


def release_tags(store: Store, task_run_id: str, tags: Iterable[str]) -> None:
    """Give the slots of a task run back."""
    _release(store, tag_limits(store), task_run_id, tags)


def take_labels(store: Store, run: Mapping[str, Any]) -> str | None:
    """Take a slot of each label that has a limit; return the label that has no room, in which case none is taken.

    To be called under the run's lock: that is what tells others that it is about to be picked up.
    """
    return _take(store, label_limits(store), run["id"], run["labels"], _flow_run_is_over)


def release_labels(store: Store, run_id: str) -> None:
    """Give the slots of a flow run back, also those of labels that it had before."""
    known = label_limits(store)
    _release(store, known, run_id, known)


def full_label(store: Store, run: Mapping[str, Any]) -> str | None:
    """Return a label of a run whose limit has no room just now; None if there is room for it."""
    known = label_limits(store)
    for label in run["labels"] if known else ():
        if label in known:
            holders = [id for id in store.slots.holders(known[label].id) if not _is_over(store, id)]
            if run["id"] not in holders and len(holders) >= known[label].most:
                return str(label)
    return None


def _task_run_is_over(store: Store, limit_id: str, id: str) -> bool:
    """Return whether a task run that has a slot is neither running nor about to."""
    try:
        if not store.runs.get(run_of(id))["live"]:
            return True
    except NotFound:
        return True
    try:
        has_ended = store.members.get(id)["state"]["type"] in state_rules.FINISHED
    except NotFound:
        has_ended = True
    return has_ended and not _is_beginning(store, limit_id, id)


def _is_beginning(store: Store, limit_id: str, id: str) -> bool:
    taken_at = store.slots.taken_at(limit_id, id)
    return taken_at is not None and store.system.milliseconds() / 1000 - taken_at < _BEGINNING_SECONDS


def _flow_run_is_over(store: Store, limit_id: str, id: str) -> bool:
    return _is_over(store, id)


def _is_over(store: Store, run_id: str) -> bool:
    """Return whether a flow run is neither picked up nor about to be."""
    try:
        if store.runs.get(run_id)["live"]:
            return False
        # Whoever claims it has its lock: a run that is free and not picked up will not be by that claim.
        store.runs.update(run_id, {}, check=lambda run: False, waits=False)
    except Busy:
        return False
    except Conflict as conflict:
        return not conflict.current["live"]
    except NotFound:
        pass
    return True


def _take(
    store: Store,
    known: Mapping[str, Limit],
    holder: str,
    names: Iterable[str],
    is_over: Callable[[Store, str, str], bool],
) -> str | None:
    """Take a slot for a holder under each name; ``is_over`` tells of others, given limit and id, whether theirs is free."""
    taken: list[str] = []
    for name in sorted(set(names) & known.keys()) if known else ():
        limit = known[name]
        if not store.slots.take(limit.id, holder, limit.most, partial(is_over, store, limit.id)):
            _release(store, known, holder, taken)
            return name
        taken.append(name)
    return None


def _release(store: Store, known: Mapping[str, Limit], holder: str, names: Iterable[str]) -> None:
    for name in names if known else ():
        if name in known:
            store.slots.release(known[name].id, holder)
