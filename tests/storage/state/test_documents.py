"""What collections of documents promise, on real files and in memory."""

from __future__ import annotations

import errno
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seam import FaultySystem, Nth, RecordingSystem
from workers import Report, all_reports

from prefect.storage.state.documents import KINDS, Collection
from prefect.storage.state.errors import Conflict, Corrupt, NotFound, StoreIO, UnsupportedFormat
from prefect.storage.state.journal import encoded
from prefect.storage.state.layout import is_id, new_id
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.store import Store

ODD_NAMES = [
    "a/b",
    "..",
    ".",
    "",
    "a\0b",
    "🦦",
    "x" * 4096,
    "CON",
    "nul.txt",
    "Otter",
    "otter",
    " otter",
    "\ud800",
    "~",
    "a\nb",
]


def projects(store: Store) -> Collection:
    return store.documents("projects")


def again(store: Store) -> Collection:
    """Return the projects as another process sees them."""
    return projects(Store(store.root, system=store.system, durability="process"))


def path(store: Store, document: dict[str, Any]) -> str:
    return store.layout.document("projects", document["name"], document["id"])


# ---- keeping and finding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_has_what_it_was_given(store, kind):
    created = store.documents(kind).create("demo", {"description": None, "format": 7, "id": "mine"})

    assert created == {
        "format": 1,
        "id": created["id"],
        "name": "demo",
        "created": store.system.now(),
        "updated": store.system.now(),
        "description": None,
    }
    assert is_id(created["id"])
    assert store.documents(kind).get(created["id"]) == created
    assert store.documents(kind).named("demo") == created


def test_an_unknown_collection_is_refused(store):
    with pytest.raises(KeyError):
        store.documents("..")


def test_a_document_may_be_given_its_id(store):
    id = new_id()

    assert projects(store).create("demo", {}, id=id)["id"] == id


def test_an_empty_collection_makes_nothing(store):
    assert projects(store).all() == []
    assert projects(store).named("demo") is None
    assert projects(store).delete(new_id()) is False
    with pytest.raises(NotFound) as failure:
        projects(store).get(new_id())
    assert failure.value.kind == "project"
    assert not store.system.exists(store.root)


@pytest.mark.parametrize("id", ["../../store", "", "x", "018F86C9-D443-7C3E-9D02-6F1B2A400000"])
def test_what_is_no_id_is_not_found(store, id):
    projects(store).create("demo", {})

    with pytest.raises(NotFound):
        projects(store).get(id)
    assert projects(store).delete(id) is False


def test_a_name_may_be_anything_and_all_are_different(store):
    made = [projects(store).create(name, {"place": place}) for place, name in enumerate(ODD_NAMES)]

    for document in made:
        assert again(store).named(document["name"]) == document
    assert again(store).all() == sorted(made, key=lambda document: document["name"])


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_value_comes_back(value):
    store = Store("/store", system=MemorySystem())

    created = projects(store).create("demo", {"value": value})

    assert again(store).get(created["id"])["value"] == value


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_json_cannot_say_is_refused(store, value):
    with pytest.raises((ValueError, TypeError)):
        projects(store).create("demo", {"value": value})

    assert projects(store).all() == []


def test_a_taken_name_is_refused(store):
    created = projects(store).create("demo", {})

    with pytest.raises(Conflict) as failure:
        again(store).create("demo", {})

    assert failure.value.current == created
    assert str(failure.value) == "There is a project named 'demo' already. Choose another name, or use that one."


def test_a_taken_id_is_refused(store):
    created = projects(store).create("demo", {})

    with pytest.raises(Conflict) as failure:
        projects(store).create("other", {}, id=created["id"])

    assert failure.value.current == created


# ---- changing ----------------------------------------------------------------------------------------------------------


def test_a_change_keeps_the_other_fields(store):
    created = projects(store).create("demo", {"a": 1, "b": 1})
    store.system.sleep(1)

    changed = projects(store).update(created["id"], lambda current: {"b": current["b"] + 1})

    assert changed == {**created, "b": 2, "updated": store.system.now()}
    assert again(store).get(created["id"]) == changed


def test_a_change_does_not_touch_what_the_store_gives(store):
    created = projects(store).create("demo", {})

    changed = projects(store).update(created["id"], {"id": new_id(), "name": "x", "created": "never", "format": 9})

    assert changed == {**created, "updated": changed["updated"]}
    assert changed["updated"] > created["updated"]


def test_what_does_not_exist_cannot_be_changed(store):
    with pytest.raises(NotFound):
        projects(store).update(new_id(), {})


def test_a_renamed_document_is_found_by_its_new_name_only(store):
    created = projects(store).create("demo", {})
    other = again(store)
    assert other.named("demo") == created
    store.system.sleep(-3600)

    renamed = projects(store).update(created["id"], {}, name="other")

    for collection in (projects(store), other, again(store)):
        assert collection.named("demo") is None
        assert collection.named("other") == renamed
        assert collection.get(created["id"]) == renamed
        assert collection.all() == [renamed]
    assert renamed["updated"] > created["updated"]
    assert not store.system.exists(path(store, created))


def test_a_name_is_free_again_after_a_rename(store):
    created = projects(store).create("demo", {})
    projects(store).update(created["id"], {}, name="other")

    assert projects(store).create("demo", {})["id"] != created["id"]


def test_a_document_cannot_be_given_the_name_of_another(store):
    created, other = projects(store).create("demo", {}), projects(store).create("other", {})

    with pytest.raises(Conflict) as failure:
        projects(store).update(other["id"], {}, name="demo")

    assert failure.value.current == created
    assert projects(store).get(other["id"]) == other
    assert projects(store).update(created["id"], {}, name="demo")["name"] == "demo"


def test_putting_creates_and_then_changes(store):
    first = store.documents("kv").put("key", {"value": 1, "note": "x"})
    second = store.documents("kv").put("key", {"value": 2})

    assert second == {**first, "value": 2, "updated": second["updated"]}
    assert store.documents("kv").all() == [second]


def test_a_deleted_document_is_gone(store):
    created = projects(store).create("demo", {})
    other = again(store)
    other.get(created["id"])
    other.named("demo")

    assert projects(store).delete(created["id"]) is True
    assert projects(store).delete(created["id"]) is False
    for collection in (projects(store), other):
        assert collection.all() == []
        assert collection.named("demo") is None
        with pytest.raises(NotFound):
            collection.get(created["id"])
    assert projects(store).create("demo", {})["id"] != created["id"]


# ---- what a crash leaves -----------------------------------------------------------------------------------------------


def test_of_two_files_of_one_document_the_newer_counts(store):
    old = projects(store).create("demo", {})
    new = projects(store).update(old["id"], {}, name="other")
    store.files.replace(path(store, old), encoded(old))

    for collection in (projects(store), again(store)):
        assert collection.all() == [new]
        assert collection.named("demo") is None
        assert collection.named("other") == new
        assert collection.get(old["id"]) == new


def test_the_next_change_removes_what_a_rename_left(store):
    old = projects(store).create("demo", {})
    projects(store).update(old["id"], {}, name="other")
    store.files.replace(path(store, old), encoded(old))

    again(store).update(old["id"], {"a": 1})

    assert not store.system.exists(path(store, old))


def test_who_knew_the_old_file_changes_the_newer_one_too(store):
    known = again(store)
    old = projects(store).create("demo", {})
    assert known.get(old["id"]) == old
    projects(store).update(old["id"], {}, name="other")
    store.files.replace(path(store, old), encoded(old))

    with pytest.raises(Conflict):
        known.create("other", {})
    assert known.update(old["id"], {"a": 1})["name"] == "other"


def test_a_document_is_deleted_with_what_a_rename_left(store):
    old = projects(store).create("demo", {})
    projects(store).update(old["id"], {}, name="other")
    store.files.replace(path(store, old), encoded(old))

    assert again(store).delete(old["id"]) is True
    assert again(store).all() == []


def test_temporary_and_foreign_files_are_left_alone(store):
    created = projects(store).create("demo", {})
    for name in (f".demo~{created['id']}.json.0123abcd.tmp", "notes.txt", f"x~{created['id']}.json~"):
        store.system.touch(f"{store.root}/projects/{name}")

    assert again(store).all() == [created]
    assert again(store).delete(created["id"]) is True
    assert len(store.files.names(f"{store.root}/projects")) == 4


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\0" * 20, b'{"format":1}', b"\xff"])
def test_a_damaged_document_is_named_and_left(store, damage, caplog):
    good, bad = projects(store).create("good", {}), projects(store).create("bad", {})
    store.files.replace(path(store, bad), damage)

    for _ in range(2):
        assert projects(store).all() == [good]
    assert len(caplog.messages) == 1
    assert path(store, bad) in caplog.text
    for look in (lambda: projects(store).get(bad["id"]), lambda: projects(store).named("bad")):
        with pytest.raises(Corrupt) as failure:
            look()
        assert (failure.value.path, failure.value.line) == (path(store, bad), 0)
    with pytest.raises(Corrupt):
        projects(store).put("bad", {})
    assert store.files.read(path(store, bad)) == damage


def test_a_damaged_document_can_be_deleted(store):
    bad = projects(store).create("bad", {})
    store.files.replace(path(store, bad), b"{")

    assert projects(store).delete(bad["id"]) is True


def test_a_document_of_a_newer_version_is_refused(store):
    created = projects(store).create("demo", {})
    store.files.replace(path(store, created), encoded({**created, "format": 2}))

    with pytest.raises(UnsupportedFormat):
        projects(store).get(created["id"])


def test_whatever_fails_a_change_is_whole_or_not_at_all_and_the_next_try_succeeds():
    for number in range(200):
        system = FaultySystem(MemorySystem(), lambda name: None)
        store = Store("/store", system=system)
        created = projects(store).create("demo", {})
        fault = Nth(number, errno.EIO)
        system.fault = fault
        try:
            projects(store).update(created["id"], {"a": 1}, name="other")
        except StoreIO:
            pass
        else:
            # Old names are removed after the commit: that may fail without harm.
            if fault.hit is None:
                return
        system.fault = lambda name: None
        found = again(store).all()
        assert [(one["name"], one.get("a")) for one in found] in ([("demo", None)], [("other", 1)])
        projects(store).update(created["id"], {"a": 1}, name="other")
        assert [one["name"] for one in again(store).all()] == ["other"]
    raise AssertionError("there was no end of calls")


# ---- the lock ----------------------------------------------------------------------------------------------------------


def test_the_lock_may_be_held_for_several_steps(store):
    with projects(store).locked(), projects(store).locked():
        created = projects(store).create("demo", {})
        projects(store).update(created["id"], {"a": 1})
        projects(store).put("demo", {"b": 1})
        projects(store).delete(created["id"])

    assert again(store).all() == []


def test_the_lock_keeps_other_threads_out(disk):
    collection = projects(disk)
    order: list[str] = []
    holds, created = threading.Event(), threading.Event()

    def create() -> None:
        holds.wait()
        collection.create("demo", {})
        order.append("created")
        created.set()

    thread = threading.Thread(target=create)
    thread.start()
    with collection.locked():
        holds.set()
        assert collection.named("demo") is None
        assert not created.wait(0.02)
        order.append("released")
    thread.join()

    assert order == ["released", "created"]


def test_of_processes_that_want_one_name_one_gets_it(disk):
    def work(number: int, report: Report) -> None:
        collection = Store(disk.root, durability="process").documents("projects")
        for name in range(20):
            try:
                report(name, collection.create(str(name), {"by": number})["id"])
            except Conflict:
                continue

    won = [tuple(said) for _, said in all_reports(work)]

    assert sorted(won) == sorted((int(one["name"]), one["id"]) for one in projects(disk).all())
    assert len(won) == 20


def test_processes_that_change_one_document_lose_nothing(disk):
    id = projects(disk).create("demo", {"count": 0})["id"]

    def work(number: int, report: Report) -> None:
        collection = Store(disk.root, durability="process").documents("projects")
        for _ in range(25):
            collection.update(id, lambda current: {"count": current["count"] + 1})
        report("done")

    all_reports(work)

    assert projects(disk).get(id)["count"] == 200


# ---- costs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def counted() -> tuple[Store, RecordingSystem, dict[str, Any]]:
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system)
    created = projects(store).create("demo", {})
    system.counts.clear()
    return store, system, created


def test_a_change_is_synced_with_its_name(counted):
    store, system, created = counted

    projects(store).update(created["id"], {"a": 1})

    assert (system.counts["sync"], system.counts["sync_directory"], system.counts["replace"]) == (1, 1, 1)


def test_a_deletion_syncs_the_folder(counted):
    store, system, created = counted

    projects(store).delete(created["id"])

    assert (system.counts["sync"], system.counts["sync_directory"]) == (0, 1)


def test_a_document_that_was_found_before_is_found_without_listing(counted):
    store, system, created = counted
    projects(store).named("demo")
    system.counts.clear()

    projects(store).get(created["id"])
    projects(store).named("demo")

    assert (system.counts["names"], system.counts["open_to_read"]) == (0, 2)


def test_a_collection_is_listed_once_however_large(counted):
    store, system, _ = counted
    for number in range(50):
        projects(store).create(str(number), {})
    fresh = again(store)
    system.counts.clear()

    assert len(fresh.all()) == 51
    assert (system.counts["names"], system.counts["open_to_read"]) == (1, 51)
