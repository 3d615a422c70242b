"""Journals: files of JSON lines that only grow. What their bytes mean, without touching any file but to read.

A line without its newline does not exist, nor do final lines that hold a NUL byte: that is what a crash leaves. Any other
line that does not parse is damage. Source: store.md §2, §4, §7.1, §7.2.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from prefect.storage.state.errors import Corrupt, StoreIO, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prefect.storage.state.system import System

Record = dict[str, Any]

#: The newest format of a record's first line that this version reads.
FORMAT = 1
#: A record up to this many bytes is read in one piece, of a larger one its head and tail.
WHOLE = 128 * 1024


def _encoder() -> Callable[[Any, int], Iterable[str]]:
    """Return what makes pieces of compact JSON. The standard one sets itself up for each value: half of its time."""
    encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return lambda value, level: (encoder.encode(value),)
    strings = json.encoder.encode_basestring
    pieces: Callable[[Any, int], Iterable[str]] = make(
        None, encoder.default, strings, None, ":", ",", False, False, False
    )
    return pieces


_encode = _encoder()


def encoded(value: Any) -> bytes:
    """Return a value as one line with its newline: compact, UTF-8, without NaN and Infinity.

    Raises:
        ValueError: The value holds NaN, Infinity or itself.
        TypeError: The value holds something JSON cannot say.
    """
    try:
        return "".join((*_encode(value, 0), "\n")).encode("utf-8", "surrogatepass")
    except RecursionError:
        raise ValueError("The value holds itself, or is nested too deeply. Give one that JSON can say.") from None


class Reading(NamedTuple):
    """What a record's file says.

    Attributes:
        current: The first line with the fields of the last; None if no line was ever written.
        end: Offset after the last good line, in bytes.
    """

    current: Record | None
    end: int


def good_end(data: bytes) -> int:
    """Return the offset after the last line that exists."""
    end = data.rfind(b"\n") + 1
    while end:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        if b"\0" not in data[begin:end]:
            break
        end = begin
    return end


def keyed_end(data: bytes) -> int:
    """Return the offset after the last line before the first torn one: in a keyed journal nothing after that counts.

    Lines of a keyed journal are not synced one by one, so a power cut can leave a hole with whole lines after it.
    """
    hole = data.find(b"\0")
    return data.rfind(b"\n", 0, len(data) if hole < 0 else hole) + 1


def parsed(line: bytes, path: str, number: int) -> Record:
    """Return the object of one line.

    Raises:
        Corrupt: It is none.
    """
    try:
        value = json.loads(line.decode("utf-8", "surrogatepass"))  # of bytes it would guess the encoding
    except (ValueError, RecursionError) as error:
        raise Corrupt(path, number, f"it is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise Corrupt(path, number, "it is not an object")
    return value


def lines_of(data: bytes, path: str) -> list[Record]:
    """Return every line of a record that exists, checked to have no gap in ``v``.

    Raises:
        Corrupt: A line is damaged.
        UnsupportedFormat: The record is of a newer format.
    """
    found = []
    for number, line in enumerate(data[: good_end(data)].split(b"\n")[:-1], 1):
        record = parsed(line, path, number)
        if record.get("v", number) != number:
            raise Corrupt(path, number, f"its version is {record.get('v')!r} where {number} was to come")
        found.append(record)
    if found:
        check_format(found[0], path)
    return found


def read_record(system: System, fd: int, path: str) -> Reading:
    """Read the current value of a record from an open file, reading no more than its ends if it is large.

    Raises:
        Corrupt: Its first or last line is damaged.
        StoreIO: The system refused.
        UnsupportedFormat: It is of a newer format.
    """
    try:
        size = system.facts(fd).size
        if size > WHOLE:
            try:
                return _read_ends(system, fd, path, size)
            except Corrupt:
                pass  # the whole tells the number of the line
        return current_of(system.read(fd, size, 0), path)
    except OSError as error:
        raise StoreIO(path, error) from error


def current_of(data: bytes, path: str) -> Reading:
    """Return the current value that a record's bytes give.

    Raises:
        Corrupt: The first or last line is damaged, or their versions do not fit the number of lines.
        UnsupportedFormat: The record is of a newer format.
    """
    end = good_end(data)
    if not end:
        return Reading(None, 0)
    first_end = data.find(b"\n") + 1
    last_begin = data.rfind(b"\n", 0, end - 1) + 1
    return _joined(data[:first_end], data[last_begin:end], path, end, data.count(b"\n", 0, end))


def _read_ends(system: System, fd: int, path: str, size: int) -> Reading:
    head = _first_line(system, fd, size)
    if head is None:
        return Reading(None, 0)
    length = WHOLE // 2
    while True:
        offset = max(0, size - length)
        tail = system.read(fd, size - offset, offset)
        end = good_end(tail)
        begin = tail.rfind(b"\n", 0, end - 1) + 1 if end else 0
        if begin or not offset:
            return _joined(head, tail[begin:end], path, offset + end, None) if end else Reading(None, 0)
        length *= 4


def _first_line(system: System, fd: int, size: int) -> bytes | None:
    head = b""
    while len(head) < size:
        more = system.read(fd, WHOLE // 2, len(head))
        if not more:
            break
        head += more
        if b"\n" in more:
            return head[: head.find(b"\n") + 1]
    return None


def _joined(first_line: bytes, last_line: bytes, path: str, end: int, count: int | None) -> Reading:
    first = parsed(first_line, path, 1)
    check_format(first, path)
    if last_line == first_line:
        last = first
    else:
        last = parsed(last_line, path, count or 0)
    if first.get("v", 1) != 1:
        raise Corrupt(path, 1, f"its version is {first.get('v')!r} where 1 was to come")
    if count is not None and last.get("v", count) != count:
        raise Corrupt(path, count, f"its version is {last.get('v')!r} where {count} was to come")
    return Reading({**first, **last}, end)


def check_format(first: Record, path: str) -> None:
    """Refuse what a newer version wrote.

    Raises:
        UnsupportedFormat: The format of a record's first line, or of a document, is not known.
    """
    found = first.get("format", FORMAT)
    if not isinstance(found, int) or found > FORMAT:
        raise UnsupportedFormat(path, found, FORMAT)
