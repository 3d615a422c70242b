"""What can be wrong with journals: records and their markers, keys, task runs, streams.

Each function is for one file. It is to be run to its end at once: it may hold the file's lock.

Source: store.md §6.1, §7.2, §11.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt, UnsupportedFormat
from prefect.storage.state.folds import Fold
from prefect.storage.state.layout import hour_of, is_run_id, run_of
from prefect.storage.state.looks import ERROR, WARNING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from prefect.storage.state.journal import Record
    from prefect.storage.state.looks import Finding, Look
    from prefect.storage.state.records import Records


# ---- records ---------------------------------------------------------------------------------------------------------


def run(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at the record of a flow run, and for its markers."""
    if _is_in_place(id, path, look.layout.run):
        yield from _record(look, path, id, look.runs)
    else:
        yield look.found(ERROR, path, _misplaced(id))


def flow(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at the record of a registered flow, and for its markers."""
    yield from _record(look, path, id, look.flows)


def _record(look: Look, path: str, id: str, records: Records) -> Iterator[Finding]:
    with look.opened(path) as fd:
        current = yield from _lines(look, fd, path)
        if current is None:
            return
        if current.get("id") != id:
            yield look.found(ERROR, path, f"The record says that its id is {current.get('id')!r}.")
            return
        try:
            wanted = records.wanted(current)
        except KeyError as error:
            yield look.found(ERROR, path, f"The record lacks the field {error}.")
        except (AttributeError, TypeError, ValueError) as error:
            yield look.found(ERROR, path, f"The record has a field that cannot be used: {error}")
        else:
            yield from _missing_markers(look, path, wanted)


def _missing_markers(look: Look, path: str, wanted: set[str]) -> Iterator[Finding]:
    for marker in sorted(wanted):
        if look.system.exists(marker):
            look.present[os.path.dirname(marker)] += 1
            continue
        if look.repairs:
            look.files.mark(marker, durable=True)
        message = f"This marker is missing, so {look.layout.inside(path)} is not found where it should be."
        yield look.found(ERROR, marker, message, repaired=look.repairs)


def _lines(look: Look, fd: int, path: str) -> Generator[Finding, None, Record | None]:
    """Look at the lines of a record and return its current value; None if there is none that can be read."""
    data = look.content(fd, path)
    end = journal.good_end(data)
    if not end:
        if look.repairs:
            look.take_away(path, data, "Bytes of a creation that was never finished.")
        yield look.found(
            WARNING, path, "It holds no whole line: its creation was never finished.", repaired=look.repairs
        )
        return None
    if end < len(data):
        yield _torn_tail(look, fd, path, data, end)
    try:
        current = journal.current_of(data[:end], path).current
    except UnsupportedFormat as error:
        yield look.unsupported(path, error)
        return None
    except Corrupt as error:
        yield _unreadable(look, fd, path, data, error)
        return None
    lines = data[:end].split(b"\n")[:-1]
    for number, line in enumerate(lines[1:-1], 2):
        reason = _damage(line, path, number)
        if reason:
            yield look.found(ERROR, path, f"Line {number} is damaged: {reason}. The current value is not concerned.")
    return current


def _damage(line: bytes, path: str, number: int) -> str:
    """Return what is wrong with a line of a record; empty if nothing is."""
    try:
        found = journal.parsed(line, path, number)
    except Corrupt as error:
        return error.reason
    v = found.get("v", number)
    return "" if v == number else f"its version is {v!r} where {number} was to come"


def _torn_tail(look: Look, fd: int, path: str, data: bytes, end: int) -> Finding:
    if look.repairs:
        look.cut_off(fd, path, end, data[end:], "Bytes after the last whole line.")
    message = f"It ends in {_counted(len(data) - end, 'byte')} that are no whole line, which a crash has left."
    return look.found(WARNING, path, message, repaired=look.repairs)


def _unreadable(look: Look, fd: int, path: str, data: bytes, error: Corrupt) -> Finding:
    """Take a record back to its last line that is one, or away if that leaves nothing to read.

    Lines that are there and do not fit together were edited by hand: nothing is taken from them.
    """
    problem = f"Line {error.line} is damaged: {error.reason}."
    lines = data[: journal.good_end(data)].split(b"\n")[:-1]
    versions = len(lines)
    while versions and not _is_object(lines[versions - 1], path):
        versions -= 1
    if versions == len(lines) and _is_object(lines[0], path):
        remedy = 'The record cannot be read: give its lines a "v" of 1, 2, 3 and so on.'
        return look.found(ERROR, path, f"{problem} {remedy}")
    if not _is_object(lines[0], path):
        if look.repairs:
            look.take_away(path, data, problem)
        return look.found(ERROR, path, f"{problem} The record cannot be read.", repaired=look.repairs)
    if look.repairs:
        look.cut_off(fd, path, _size(lines[:versions]), data, problem)
    return look.found(ERROR, path, f"{problem} The last whole version is {versions}.", repaired=look.repairs)


def _is_object(line: bytes, path: str) -> bool:
    try:
        journal.parsed(line, path, 0)
    except Corrupt:
        return False
    return True


def _size(lines: list[bytes]) -> int:
    return sum(len(line) + 1 for line in lines)


# ---- keys ------------------------------------------------------------------------------------------------------------


def key(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at an idempotency key and for its run."""
    with look.opened(path) as fd:
        current = yield from _lines(look, fd, path)
        if current is None:
            return
        severity, message = _leads_astray(look, path, current)
        if message:
            if look.repairs:
                look.take_away(path, look.content(fd, path), message)
            yield look.found(severity, path, message, repaired=look.repairs)


def _leads_astray(look: Look, path: str, current: Record) -> tuple[str, str]:
    """Return how severe it is that a key does not lead to its run, and why it does not; nothing if it does."""
    flow_id, key, id = (str(current.get(field)) for field in ("flow_id", "key", "id"))
    if look.layout.key(flow_id, key) != path or not is_run_id(id):
        return ERROR, "The idempotency key in this file is another than its name says."
    run_path = look.layout.run(id)
    try:
        run = journal.current_of(look.files.read(run_path) or b"", run_path).current
    except (Corrupt, UnsupportedFormat):
        return WARNING, ""  # the run's own finding
    if run is None:
        return WARNING, f"The flow run {id} of this idempotency key does not exist."
    if (run.get("flow_id"), run.get("idempotency_key")) != (flow_id, key):
        return ERROR, f"The flow run {id} has another idempotency key than this one, which leads to it."
    return WARNING, ""


# ---- task runs and artifacts -----------------------------------------------------------------------------------------


def tasks(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at the task runs and artifacts of a run."""
    if not _is_in_place(id, path, look.layout.tasks):
        yield look.found(ERROR, path, _misplaced(id))
        return
    with look.opened(path) as fd:
        data = look.content(fd, path)
        if not look.system.exists(look.layout.run(id)):
            yield _orphan(look, path, data)
            return
        end = journal.keyed_end(data)
        if end < len(data):
            yield _torn_tail(look, fd, path, data, end)
        fold = Fold(path, look.system)
        try:
            fold.catch_up(look.system, fd)
        except UnsupportedFormat as error:
            yield look.unsupported(path, error)
            return
        except Corrupt as error:
            yield _unreadable_members(look, fd, path, data, error)
            return
    foreign = sorted(member for member in fold.records if run_of(member) != id)
    if foreign:
        yield look.found(ERROR, path, f"It has task runs of another flow run, such as {foreign[0]}.")


def _unreadable_members(look: Look, fd: int, path: str, data: bytes, error: Corrupt) -> Finding:
    """Cut task runs off before a line that is none; where lines do not fit together nothing is taken from them."""
    problem = f"Line {error.line} is damaged: {error.reason}. No task run of the flow run can be read for that."
    lines = data.split(b"\n")[: error.line]
    if _is_object(lines[-1], path):
        return look.found(ERROR, path, problem)
    if look.repairs:
        look.cut_off(fd, path, _size(lines[:-1]), data, problem)
    return look.found(ERROR, path, problem, repaired=look.repairs)


def _orphan(look: Look, path: str, data: bytes) -> Finding:
    message = "There is no flow run that this belongs to."
    if look.repairs:
        look.take_away(path, data, message)
    return look.found(WARNING, path, message, repaired=look.repairs)


# ---- streams ---------------------------------------------------------------------------------------------------------


def log(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at the log of a run."""
    if not _is_in_place(id, path, look.layout.log):
        yield look.found(ERROR, path, _misplaced(id))
        return
    with look.opened(path) as fd:
        # Who deletes the run holds this lock until the log is gone too.
        if not look.system.exists(look.layout.run(id)):
            yield _orphan(look, path, look.content(fd, path))
            return
    yield from stream(look, path, id)


def stream(look: Look, path: str, id: str) -> Iterator[Finding]:
    """Look at a stream. It is never locked, so it is left as it is: readers skip what they cannot read."""
    *lines, tail = (look.files.read(path) or b"").split(b"\n")
    unreadable = [number for number, line in enumerate(lines, 1) if not _is_object(line, path)]
    if unreadable:
        count = _counted(len(unreadable), "line")
        yield look.found(
            WARNING, path, f"{count} cannot be read, first line {unreadable[0]}. Readers skip what they cannot read."
        )
    if tail:
        size = _counted(len(tail), "byte")
        yield look.found(WARNING, path, f"It ends in {size} that are no whole line. Readers skip them.")


def _is_in_place(id: str, path: str, path_of: Callable[[str], str]) -> bool:
    return is_run_id(id) and path_of(id) == path


def _misplaced(id: str) -> str:
    if not is_run_id(id):
        return "The name of this file is not the id of a flow run, so nothing leads to it."
    return f"By its id this file belongs into the hour {hour_of(id)}, so nothing leads to it here."


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
