"""What can be wrong with names: markers, slots, collections of documents, files left while they were written.

Source: store.md §6.2, §6.7, §11.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt, StoreIO, UnsupportedFormat
from prefect.storage.state.layout import id_in, is_id, is_run_id, run_of, slug
from prefect.storage.state.looks import ERROR, WARNING
from prefect.storage.state.places import place_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.looks import Finding, Look
    from prefect.storage.state.records import Records

#: Collections whose documents have slots.
_LIMITS = ("tag-limits", "label-limits")
#: A file that is still being written is younger.
_LEFT_SECONDS = 60 * 60


# ---- markers ---------------------------------------------------------------------------------------------------------


def run_marker(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look whether the flow run that a marker leads to wants it."""
    if is_run_id(id):
        yield from _marker(look, path, id, look.layout.run(id), look.runs)
    else:
        yield look.found(WARNING, path, "The id in this marker's name is not that of a flow run; it is left alone.")


def active_marker(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look whether a flow run is being executed, or is to be according to its record."""
    if not (look.certain and look.runs.is_held(id)):
        yield from run_marker(look, path, id)


def flow_marker(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look whether the registered flow that a marker leads to wants it."""
    yield from _marker(look, path, id, look.layout.flow(id), look.flows)


def _marker(look: Look, path: str, id: str, record_path: str, records: Records) -> Iterator[Finding]:
    current = None
    try:
        with look.opened(record_path) as fd:
            current = journal.current_of(look.content(fd, record_path), record_path).current
            if current is not None and path in records.wanted(current):
                return
            is_there = look.system.exists(path)
    except FileNotFoundError:
        is_there = look.system.exists(path)
    except (Corrupt, StoreIO, UnsupportedFormat, AttributeError, KeyError, TypeError, ValueError):
        return  # the record's own finding
    if not is_there:
        return
    if look.repairs:
        records.heal(id, path)
    message = f"The {records.kind} does not want this marker." if current else f"There is no {records.kind} of this id."
    yield look.found(WARNING, path, message, repaired=look.repairs and not look.system.exists(path))


def slots(look: Look, folder: str) -> Iterator[Finding]:
    """Look whether the units in use of a limit are used by runs that there are."""
    limit_id = os.path.basename(folder)
    with look.holding(f"{folder}/.lock", create=look.repairs):
        known = {id_in(name) for kind in _LIMITS for name in look.files.names(look.layout.collection(kind))}
        for holder in filter(is_id, look.files.names(folder)):
            if limit_id not in known:
                message = "There is no limit that this unit belongs to."
            elif not look.system.exists(look.layout.run(run_of(holder))):
                message = "There is no flow run that uses this unit of a limit."
            else:
                continue
            if look.repairs:
                look.files.remove(f"{folder}/{holder}")
            yield look.found(WARNING, f"{folder}/{holder}", message, repaired=look.repairs)


# ---- documents -------------------------------------------------------------------------------------------------------


def documents(look: Look, folder: str) -> Iterator[Finding]:
    """Look at the documents of a collection."""
    of_id: dict[str, list[tuple[str, str]]] = {}
    of_slug: dict[str, set[str]] = {}
    with look.holding(f"{folder}/.lock", create=look.repairs):
        for name in look.files.names(folder):
            path = f"{folder}/{name}"
            place = place_of(look.layout.inside(path))
            if place is None or not place.kind.startswith("document"):
                continue
            document = yield from _document(look, path, place.id)
            if document is not None:
                of_id.setdefault(place.id, []).append((str(document.get("updated")), path))
                of_slug.setdefault(name.partition("~")[0], set()).add(place.id)
        for copies in of_id.values():
            yield from _older_copies(look, sorted(copies))
    for found, ids in of_slug.items():
        if len(ids) > 1:
            paths = sorted(f"{folder}/{found}~{id}.json" for id in ids)
            others = ", ".join(map(look.layout.inside, paths[1:]))
            yield look.found(ERROR, paths[0], f"There are others of the same name: {others}. Delete all but one.")


def _document(look: Look, path: str, id: str) -> Generator[Finding, None, Record | None]:
    """Look at a document and return it; None if it cannot be read."""
    data = look.files.read(path)
    if data is None:
        return None
    try:
        document = journal.parsed(data, path, 0)
        journal.check_format(document, path)
    except UnsupportedFormat as error:
        yield look.unsupported(path, error)
        return None
    except Corrupt as error:
        yield _damaged_document(look, path, data, error.reason)
        return None
    name = document.get("name")
    if document.get("id") != id or not isinstance(name, str):
        yield _damaged_document(look, path, data, "it does not say its id and name")
        return None
    if not os.path.basename(path).startswith(f"{slug(name)}~"):
        yield look.found(ERROR, path, f"Its name is {name!r}, and is not looked for in a file called so.")
    return document


def _damaged_document(look: Look, path: str, data: bytes, reason: str) -> Finding:
    message = f"The document is damaged: {reason}."
    if look.repairs:
        look.take_away(path, data, message)
    return look.found(ERROR, path, message, repaired=look.repairs)


def _older_copies(look: Look, copies: list[tuple[str, str]]) -> Iterator[Finding]:
    """Tell of files that a renaming that died has left.

    Args:
        look: The look.
        copies: When each file of a document was written, and its path; the last counts.
    """
    newest = look.layout.inside(copies[-1][1])
    for _, path in copies[:-1]:
        message = f"The document was renamed; {newest} is newer."
        if look.repairs:
            look.take_away(path, look.files.read(path) or b"", message)
        yield look.found(WARNING, path, message, repaired=look.repairs)


def bookmark(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at what says how far runs were scrubbed; without it the scrub begins with the oldest."""
    data = look.files.read(path)
    if data is not None:
        try:
            journal.parsed(data, path, 0)
        except Corrupt as error:
            yield _damaged_document(look, path, data, error.reason)


# ---- files left while they were written ------------------------------------------------------------------------------


def temporary(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look whether a document's file that is not whole yet has been left by its writer."""
    folder = os.path.dirname(path)
    with look.holding(f"{folder}/.lock") as is_locked:
        try:
            with look.files.translated(path):
                age = look.system.milliseconds() / 1000 - look.system.facts_of(path).mtime
        except FileNotFoundError:
            return
        if look.certain and not is_locked and age < _LEFT_SECONDS:
            return
        if look.repairs:
            look.files.remove(path)
        yield look.found(WARNING, path, "Its writer has left this file before it was whole.", repaired=look.repairs)
