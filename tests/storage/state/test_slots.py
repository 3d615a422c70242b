"""What units of concurrency limits promise, on real files and in memory."""

from __future__ import annotations

import pytest
from seam import RecordingSystem
from workers import Report, all_reports

from prefect.storage.state.layout import new_id
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

LIMIT = "9b1d4c6e-0f3a-4a57-9c8e-2d7b6a5f4e3c"
A, B, C = sorted(new_id() for _ in range(3))


def never(holder: str) -> bool:
    return False


def test_there_are_as_many_units_as_the_limit_says(store):
    assert [store.slots.take(LIMIT, holder, 2, never) for holder in (A, B, C)] == [True, True, False]
    assert store.slots.holders(LIMIT) == [A, B]


def test_a_holder_has_one_unit_however_often_it_asks(store):
    assert [store.slots.take(LIMIT, A, 1, never) for _ in range(2)] == [True, True]
    assert store.slots.holders(LIMIT) == [A]


def test_a_limit_of_zero_has_no_units(store):
    assert store.slots.take(LIMIT, A, 0, never) is False


def test_a_unit_that_was_given_back_is_free(store):
    store.slots.take(LIMIT, A, 1, never)
    store.slots.release(LIMIT, A)
    store.slots.release(LIMIT, A)

    assert store.slots.take(LIMIT, B, 1, never) is True


def test_a_unit_whose_holder_is_over_is_free(store):
    store.slots.take(LIMIT, A, 2, never)
    store.slots.take(LIMIT, B, 2, never)

    assert store.slots.take(LIMIT, C, 2, lambda holder: holder == A) is True
    assert store.slots.holders(LIMIT) == [B, C]


def test_a_limit_that_was_lowered_counts_all_holders(store):
    store.slots.take(LIMIT, A, 2, never)
    store.slots.take(LIMIT, B, 2, never)

    assert store.slots.take(LIMIT, C, 1, lambda holder: holder == A) is False
    assert store.slots.take(LIMIT, B, 1, never) is True


def test_holders_are_not_asked_while_there_is_room(store):
    asked: list[str] = []
    store.slots.take(LIMIT, A, 2, never)

    store.slots.take(LIMIT, B, 2, lambda holder: bool(asked.append(holder)))

    assert asked == []


def test_limits_do_not_share_units(store):
    store.slots.take(LIMIT, A, 1, never)

    assert store.slots.take(new_id(), B, 1, never) is True


def test_looking_makes_nothing(store):
    assert store.slots.holders(LIMIT) == []
    assert not store.system.exists(store.root)


@pytest.mark.parametrize("id", ["..", "a/b", "", ".lock"])
def test_only_ids_become_paths(store, id):
    with pytest.raises(ValueError, match="is no id"):
        store.slots.take(LIMIT, id, 1, never)
    with pytest.raises(ValueError, match="is no id"):
        store.slots.take(id, A, 1, never)


def test_a_unit_needs_no_sync():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    store.slots.take(LIMIT, A, 2, never)
    system.counts.clear()

    store.slots.take(LIMIT, B, 2, never)

    assert (system.counts["sync"], system.counts["sync_directory"]) == (0, 0)


def test_of_many_processes_as_many_get_a_unit_as_there_are(disk):
    def work(number: int, report: Report) -> None:
        slots = Store(disk.root, durability="process").slots
        report(*[slots.take(LIMIT, new_id(), 30, never) for _ in range(10)])

    taken = [was for _, said in all_reports(work) for was in said]

    assert sum(taken) == 30
    assert len(disk.slots.holders(LIMIT)) == 30
