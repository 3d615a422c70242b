"""What the bytes of a journal mean. How values become lines: ``test_journal.py``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect.storage.state import journal
from prefect.storage.state.errors import Corrupt, StoreIO, UnsupportedFormat
from prefect.storage.state.journal import Reading
from prefect.storage.state.memory import MemorySystem

PATH = "/store/runs/2024-05-17/13/some.jsonl"
FIRST = b'{"format":1,"v":1,"state":"a","born":true}\n'
SECOND = b'{"v":2,"state":"b"}\n'
THIRD = b'{"v":3,"state":"c"}\n'
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def read(data: bytes) -> Reading:
    system = MemorySystem({PATH: data})
    return journal.read_record(system, system.open_to_read(PATH), PATH)


# ---- lines -----------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.text(st.characters()), st.text(st.characters()) | NUMBERS))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_line_is_read_as_it_was_written_and_holds_no_nul(value: dict[str, Any]):
    line = journal.encoded(value)

    assert b"\0" not in line
    assert line.index(b"\n") == len(line) - 1
    assert journal.parsed(line, PATH, 1) == value


@pytest.mark.parametrize("line", [b"", b"rubbish", b"[1]", b"1", b'{"a":1', b"\xff", b"{\0}", "{}".encode("utf-16")])
def test_a_line_that_is_no_object_is_damage(line: bytes):
    with pytest.raises(Corrupt) as caught:
        journal.parsed(line, PATH, 7)

    assert (caught.value.path, caught.value.line) == (PATH, 7)


# ---- where a journal ends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "good"),
    [
        (b"", b""),
        (b"a", b""),
        (b"a\n", b"a\n"),
        (b"a\nb", b"a\n"),
        (b"a\n\0\n", b"a\n"),
        (b"a\n\0\n\0\0\nb", b"a\n"),
        (b"a\nb\0\n", b"a\n"),
        (b"a\n\0\nb\n", b"a\n\0\nb\n"),
        (b"\0\n", b""),
        (b"\0", b""),
    ],
)
def test_bytes_after_the_last_newline_and_final_lines_with_nul_do_not_exist(data: bytes, good: bytes):
    assert data[: journal.good_end(data)] == good


# ---- the current value -----------------------------------------------------------------------------------------------


def test_the_current_value_is_the_first_line_with_the_fields_of_the_last():
    current = {"format": 1, "v": 3, "state": "c", "born": True}

    assert read(FIRST + SECOND + THIRD) == Reading(current, len(FIRST + SECOND + THIRD))


def test_a_record_of_one_line_is_that_line():
    assert read(FIRST).current == json.loads(FIRST)


@pytest.mark.parametrize("data", [b"", b"{", FIRST[:-1], bytes(100), bytes(100) + b"\n"], ids=str)
def test_a_birth_that_was_not_finished_is_no_record(data: bytes):
    assert read(data) == Reading(None, 0)


@pytest.mark.parametrize("rest", [b"{", THIRD[:-1], bytes(10), bytes(10) + b"\n", b'{"v":3,"st\0\0\0\n'], ids=str)
def test_what_a_crash_leaves_behind_the_last_line_does_not_exist(rest: bytes):
    assert read(FIRST + SECOND + rest) == read(FIRST + SECOND)


@pytest.mark.parametrize("size", [journal.WHOLE - 100, journal.WHOLE, journal.WHOLE + 1, 4 * journal.WHOLE])
def test_a_large_record_is_read_as_a_small_one(size: int):
    birth = {"format": 1, "v": 1, "born": "x" * size, "state": 1}
    lines = [journal.encoded(birth), *(journal.encoded({"v": v, "state": str(v) * size}) for v in (2, 3))]

    for count in (1, 2, 3):
        for rest in (b"", b"torn", bytes(size), bytes(size) + b"\n"):
            whole = b"".join(lines[:count])
            assert read(whole + rest) == Reading({**birth, **json.loads(lines[count - 1])}, len(whole))


NULS = bytes(2 * journal.WHOLE)


@pytest.mark.parametrize("data", [NULS, NULS + b"\n", b"x" * len(NULS)], ids=["nul", "nul line", "cut"])
def test_a_large_birth_that_was_not_finished_is_no_record(data: bytes):
    assert read(data) == Reading(None, 0)


def test_a_large_birth_with_a_page_missing_is_no_record():
    line = journal.encoded({"v": 1, "born": "x" * 2 * journal.WHOLE})

    assert read(line[:4096] + bytes(4096) + line[8192:]) == Reading(None, 0)


def test_of_a_large_record_only_the_ends_are_read():
    class Reads(MemorySystem):
        count = 0

        def read(self, fd: int, length: int, offset: int) -> bytes:
            data = super().read(fd, length, offset)
            self.count += len(data)
            return data

    lines = [FIRST, *(journal.encoded({"v": v, "state": "x" * 1000}) for v in range(2, 2000))]
    system = Reads({PATH: b"".join(lines)})

    current = journal.read_record(system, system.open_to_read(PATH), PATH).current

    assert current is not None
    assert current["v"] == 1999
    assert system.count <= journal.WHOLE


# ---- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"rubbish\n" + SECOND, 1, "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        (FIRST + b"rubbish\n", 2, "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        (FIRST + b"[]\n", 2, "it is not an object"),
        (FIRST + THIRD, 2, "its version is 3 where 2 was to come"),
        (FIRST + SECOND + SECOND, 3, "its version is 2 where 3 was to come"),
        (SECOND, 1, "its version is 2 where 1 was to come"),
    ],
)
def test_damage_is_told_with_its_line(data: bytes, line: int, reason: str):
    with pytest.raises(Corrupt) as caught:
        read(data)

    assert (caught.value.path, caught.value.line, caught.value.reason) == (PATH, line, reason)


def test_damage_of_a_large_record_is_told_with_its_line_too():
    with pytest.raises(Corrupt) as caught:
        read(FIRST + SECOND + b"{" + b" " * 2 * journal.WHOLE + b"\n")

    assert caught.value.line == 3


def test_damage_between_the_ends_is_found_when_all_lines_are_read():
    data = FIRST + b"rubbish\n" + THIRD

    assert read(data).current == {"format": 1, "v": 3, "state": "c", "born": True}
    with pytest.raises(Corrupt) as caught:
        journal.lines_of(data, PATH)
    assert caught.value.line == 2


def test_all_lines_are_those_that_exist():
    assert [line["state"] for line in journal.lines_of(FIRST + SECOND + THIRD + b"torn", PATH)] == ["a", "b", "c"]


@pytest.mark.parametrize("format", [2, "1", None])
def test_a_newer_format_is_refused(format: object):
    with pytest.raises(UnsupportedFormat) as caught:
        read(journal.encoded({"format": format, "v": 1}) + SECOND)

    assert (caught.value.path, caught.value.found, caught.value.known) == (PATH, format, 1)


def test_what_the_system_refuses_is_told_with_the_file():
    class Failing(MemorySystem):
        def read(self, fd: int, length: int, offset: int) -> bytes:
            raise OSError(5, "Input/output error")

    system = Failing({PATH: FIRST})

    with pytest.raises(StoreIO) as caught:
        journal.read_record(system, system.open_to_read(PATH), PATH)

    assert (caught.value.path, caught.value.errno) == (PATH, 5)
