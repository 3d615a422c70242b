"""Whatever happens to the bytes of a record: the right value, the one before, or an error that names the line. Never a wrong value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from samples import FINISHED, SUBMITTED, a_run, state

from prefect.storage.state.errors import Corrupt, NotFound
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

INVERTED = bytes(range(255, -1, -1))


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + data[at : at + 1].translate(INVERTED) + data[at + 1 :]


def zeroed(data: bytes, at: int) -> bytes:
    return data[:at] + b"\0" + data[at + 1 :]


def cut(data: bytes, at: int) -> bytes:
    return data[:at]


class Record:
    """A run with three versions, whose file a test writes anew.

    Attributes:
        versions: Its values, the oldest first.
        data: What its file holds.
    """

    def __init__(self) -> None:
        self.system = MemorySystem()
        self.store = Store("/store", system=self.system)
        born, _ = self.store.runs.create(a_run())
        self.versions = [
            born,
            self.store.runs.claim([], SUBMITTED)[0],
            self.store.runs.update(born["id"], state("Running")),
        ]
        self.id = born["id"]
        self.path = self.store.layout.run(self.id)
        self.data = self.store.files.read(self.path) or b""

    def write(self, data: bytes) -> None:
        fd = self.system.open(self.path)
        self.system.truncate(fd, 0)
        self.system.write(fd, data)
        self.system.close(fd)

    def line_at(self, offset: int) -> int:
        return self.data.count(b"\n", 0, offset) + 1

    def read(self) -> dict[str, Any] | Corrupt | None:
        try:
            return self.store.runs.get(self.id)
        except NotFound:
            return None
        except Corrupt as error:
            return error


@pytest.fixture(scope="module")
def record() -> Record:
    return Record()


def outcome(record: Record, found: dict[str, Any] | Corrupt | None) -> str:
    if isinstance(found, Corrupt):
        return f"line {found.line} is damaged"
    return "nothing" if found is None else f"version {record.versions.index(found) + 1}"


def test_a_cut_leaves_the_last_whole_version(record: Record):
    for at in range(len(record.data) + 1):
        record.write(cut(record.data, at))

        whole = record.data.count(b"\n", 0, at)

        assert outcome(record, record.read()) == (f"version {whole}" if whole else "nothing")


def test_a_zero_in_the_last_line_leaves_the_version_before(record: Record):
    for at in range(len(record.data)):
        record.write(zeroed(record.data, at))

        # The newline of a line belongs to it; a zero in its place joins it with the next.
        expected = {1: "line 1 is damaged", 2: "version 3", 3: "version 2"}[record.line_at(at)]
        if record.data[at : at + 1] == b"\n" and record.line_at(at) == 2:
            expected = "version 1"

        assert outcome(record, record.read()) == expected


def test_a_flipped_byte_is_told_with_its_line_or_does_not_matter(record: Record):
    for at in range(len(record.data)):
        record.write(flipped(record.data, at))

        expected = {1: "line 1 is damaged", 2: "version 3", 3: "line 3 is damaged"}[record.line_at(at)]
        if record.data[at : at + 1] == b"\n":
            # A line without its newline is joined with the next, or does not exist.
            expected = {1: "line 1 is damaged", 2: "line 2 is damaged", 3: "version 2"}[record.line_at(at)]

        assert outcome(record, record.read()) == expected


def test_damage_in_the_middle_is_told_by_the_history_only(record: Record):
    begin = record.data.index(b"\n") + 5
    record.write(flipped(record.data, begin))

    assert record.read() == record.versions[2]
    with pytest.raises(Corrupt) as caught:
        record.store.runs.history(record.id)
    assert (caught.value.path, caught.value.line) == (record.path, 2)


def test_a_missing_line_is_told(record: Record):
    first, _, third, _ = record.data.split(b"\n")
    record.write(first + b"\n" + third + b"\n")

    found = record.read()

    assert isinstance(found, Corrupt)
    assert str(found) == (
        f"The file {record.path}, line 2, is damaged: its version is 3 where 2 was to come."
        " Run 'prefect store check --repair' to set aside what cannot be read."
    )


def test_work_goes_on_after_any_cut(record: Record):
    for at in range(len(record.data)):
        record.write(cut(record.data, at))
        found = record.read()
        if not isinstance(found, dict):
            continue

        finished = record.store.runs.update(record.id, FINISHED)

        assert finished["v"] == found["v"] + 1
        assert record.read() == finished


def test_what_cannot_be_read_is_not_changed(record: Record):
    damaged = flipped(record.data, 10)
    record.write(damaged)

    for change in (record.store.runs.get, record.store.runs.delete, lambda id: record.store.runs.update(id, FINISHED)):
        with pytest.raises(Corrupt):
            change(record.id)

    assert record.store.files.read(record.path) == damaged


def test_the_bytes_of_a_torn_line_are_kept_with_a_note():
    record = Record()
    record.write(record.data + b'{"v":4')

    record.store.runs.update(record.id, FINISHED)

    copy, note = (f"/store/quarantine/{name}" for name in record.store.files.names("/store/quarantine"))
    assert record.store.files.read(copy) == b'{"v":4'
    assert note == f"{copy}.note.json"
    assert json.loads(record.store.files.read(note) or b"") == {
        "format": 1,
        "at": record.system.now(),
        "from": record.path,
        "bytes": 6,
        "why": "Bytes after the last whole line.",
    }
