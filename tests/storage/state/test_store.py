"""What the store as a whole promises: when it touches its folder, and which folders it refuses."""

from __future__ import annotations

import errno
import gc
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import a_run
from seam import FaultySystem, RecordingSystem, Seam, read_only_disk
from workers import Report, all_reports

from prefect.storage.state.errors import Corrupt, Locked, NotFound, StoreIO, Unsafe, UnsupportedFormat
from prefect.storage.state.files import Files
from prefect.storage.state.journal import encoded
from prefect.storage.state.layout import new_flow_id, new_id
from prefect.storage.state.memory import MemorySystem
from prefect.storage.state.root import network_filesystem
from prefect.storage.state.store import Store
from prefect.storage.state.system import FileFacts, System

RUN = "018f86c9-d443-7c3e-9d02-6f1b2a400000"

READS: dict[str, Callable[[Store], Any]] = {
    "runs": lambda store: list(store.runs.newest()),
    "members": lambda store: store.members.all(RUN),
    "logs": lambda store: store.logs.read(RUN),
    "flows": lambda store: list(store.flows.all()),
    "documents": lambda store: store.documents("projects").all(),
    "slots": lambda store: store.slots.holders(RUN),
    "cached": lambda store: store.cached.newest("day"),
    "follow": lambda store: [line for lines in store.follow(RUN).poll() for line in lines],
}
WRITES: dict[str, Callable[[Store], Any]] = {
    "runs": lambda store: store.runs.create(a_run()),
    "logs": lambda store: store.logs.append(RUN, [{}]),
    "flows": lambda store: store.flows.create(
        {"id": new_flow_id(), "name": "x", "project_id": new_id(), "flow_group_id": new_id(), "version": 1}
    ),
    "documents": lambda store: store.documents("projects").create("demo", {}),
    "slots": lambda store: store.slots.take(RUN, RUN, 1, lambda holder: False),
    "cached": lambda store: store.cached.append("day", {}),
    "lease": lambda store: store.lease("services").__enter__(),
}


def mountinfo(*mounts: tuple[str, str]) -> bytes:
    lines = [f"36 35 98:0 / {point} rw,noatime shared:1 - {kind} source rw" for point, kind in mounts]
    return "".join(f"{line}\n" for line in lines).encode()


# ---- the folder ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_folder_that_does_not_exist_is_an_empty_store_and_stays_away(store, read):
    assert not read(store)
    assert not store.system.exists(store.root)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_the_first_write_makes_the_folder(store, write):
    write(store)

    assert store.system.facts_of(store.root).mode & 0o777 == 0o700
    assert store.files.read(f"{store.root}/store.json") == encoded(
        {"format": 1, "created": store.system.now(), "program": ""}
    )


def test_what_changes_nothing_makes_no_folder(store):
    with pytest.raises(NotFound):
        store.runs.update(RUN, {})
    with pytest.raises(NotFound):
        store.runs.delete(RUN)
    assert store.members.delete(RUN) is False
    assert store.runs.is_held(RUN) is False
    store.slots.release(RUN, RUN)
    store.members.sync(RUN)

    assert not store.system.exists(store.root)


def test_making_the_object_touches_nothing():
    system = RecordingSystem(MemorySystem())

    Store("/store", system=system)

    assert not system.counts


def test_folders_above_are_made_and_their_names_are_durable():
    system = RecordingSystem(MemorySystem())

    Store("/home/me/store", system=system).documents("projects").create("demo", {})

    made = [(call.name, call.path) for call in system.calls][:6]
    assert made == [
        ("make_directory", "/home"),
        ("sync_directory", "/"),
        ("make_directory", "/home/me"),
        ("sync_directory", "/home"),
        ("make_directory", "/home/me/store"),
        ("sync_directory", "/home/me"),
    ]


def test_a_store_knows_which_version_made_it():
    store = Store("/store", system=MemorySystem(), program="0.1.0")
    store.documents("projects").create("demo", {})

    again = Store("/store", system=store.system, program="0.2.0")
    again.documents("projects").create("other", {})

    assert b'"program":"0.1.0"' in (store.files.read("/store/store.json") or b"")


def test_nothing_is_open_to_others(disk):
    for write in WRITES.values():
        write(disk)

    for folder, _, names in os.walk(disk.root):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert {stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) for name in names} <= {0o600}


def test_a_relative_folder_stays_where_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = Store("store", durability="process")
    monkeypatch.chdir("/")

    assert store.root == str(tmp_path / "store")


def test_durability_is_one_of_two():
    with pytest.raises(ValueError, match="The durability of a store is 'disk' or 'process', not 'none'"):
        Store("/store", durability="none")


def test_without_durability_nothing_is_synced():
    system = RecordingSystem(MemorySystem())
    store = Store("/store", system=system, durability="process")
    for write in WRITES.values():
        write(store)
    run, _ = store.runs.create(a_run())
    store.members.create(run["id"], {"kind": "artifact"}, durable=True)
    store.members.sync(run["id"])

    assert (system.counts["sync"], system.counts["sync_directory"]) == (0, 0)


def test_many_processes_may_make_the_store_at_once(disk):
    def work(number: int, report: Report) -> None:
        report(Store(disk.root, durability="process").documents("projects").create(str(number), {})["name"])

    all_reports(work)

    assert len(disk.documents("projects").all()) == 8


# ---- what is refused -----------------------------------------------------------------------------------------------------


def refused(store: Store, error: type[Exception]) -> Exception:
    """Check that every use is refused in the same way and changes nothing; return the error."""
    for use in (*READS.values(), *WRITES.values()):
        if use is not WRITES["lease"]:
            with pytest.raises(error) as failure:
                use(store)
    with pytest.raises(error), store.lease("services"):
        raise AssertionError("there is no lease")
    assert set(os.listdir(store.root) if os.path.isdir(store.root) else ()) <= {"store.json"}
    return failure.value


def test_a_store_of_a_newer_version_is_refused_in_a_sentence(disk):
    os.mkdir(disk.root, 0o700)
    Path(disk.root, "store.json").write_text('{"format":2}')

    error = refused(disk, UnsupportedFormat)

    assert str(error) == (
        f"The file {disk.root}/store.json has format 2, and this version knows formats up to 1."
        " Install the version that wrote it, or a newer one."
    )


def test_a_store_whose_description_is_damaged_is_refused(disk):
    os.mkdir(disk.root, 0o700)
    Path(disk.root, "store.json").write_text("{")

    error = refused(disk, Corrupt)

    assert f"The file {disk.root}/store.json is damaged" in str(error)


def test_a_folder_that_is_open_to_others_is_refused(disk):
    os.mkdir(disk.root)
    os.chmod(disk.root, 0o755)

    error = refused(disk, Unsafe)

    assert str(error) == (
        f"The store at {disk.root} is not used because others may use it (mode 0755). Type 'chmod 700 {disk.root}'."
    )
    os.chmod(disk.root, 0o700)
    assert disk.documents("projects").create("demo", {})


def test_a_symbolic_link_is_refused(disk, tmp_path):
    (tmp_path / "real").mkdir(mode=0o700)
    os.symlink(tmp_path / "real", disk.root)

    error = refused(disk, Unsafe)

    assert str(error) == (
        f"The store at {disk.root} is not used because it is a symbolic link."
        " Name the folder that it leads to, or put a folder in its place."
    )


def test_a_file_is_refused(disk):
    Path(disk.root).touch(mode=0o600)

    error = refused(disk, Unsafe)

    assert str(error) == (
        f"The store at {disk.root} is not used because it is not a folder. Move the file away, or name another folder."
    )


def test_a_folder_of_somebody_else_is_refused():
    class Theirs(Seam):
        def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
            found = super().around(name, path, arguments)
            return found._replace(owner=os.geteuid() + 1) if isinstance(found, FileFacts) else found

    store = Store("/store", system=Theirs(MemorySystem(directories=("/store",))))

    error = refused(store, Unsafe)

    assert str(error) == (
        f"The store at /store is not used because it belongs to the user number {os.geteuid() + 1}, and you are"
        f" {os.geteuid()}. Run as its owner, or type 'sudo chown -R {os.geteuid()} /store'."
    )


def test_a_store_on_a_disk_that_can_only_be_read_is_read(disk):
    disk.documents("projects").create("demo", {})
    store = Store(disk.root, system=FaultySystem(System(), read_only_disk))

    assert [one["name"] for one in store.documents("projects").all()] == ["demo"]
    with pytest.raises(StoreIO) as failure:
        store.documents("projects").create("other", {})
    assert failure.value.errno == errno.EROFS


# ---- network filesystems -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"])
def test_no_store_is_made_on_a_network_filesystem(kind):
    system = MemorySystem({"/proc/self/mountinfo": mountinfo(("/", "ext4"), ("/home", kind))})

    for write in WRITES.values():
        with pytest.raises(Unsafe) as failure:
            write(Store("/home/me/store", system=system))

    assert str(failure.value) == (
        f"The store at /home/me/store is not used because it is on a network filesystem ({kind}), where locks and appends"
        " cannot be relied on. Set PREFECT__HOME_DIR to a folder on a disk of this machine."
    )
    assert not system.exists("/home")


def test_a_store_may_be_made_there_nevertheless():
    system = MemorySystem({"/proc/self/mountinfo": mountinfo(("/", "nfs4"))})

    store = Store("/store", system=system, allow_network=True)

    assert store.documents("projects").create("demo", {})


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/store", None),
        ("/net", "nfs4"),
        ("/net/store", "nfs4"),
        ("/network/store", None),
        ("/net/local/store", None),
        ("/my disk/store", "cifs"),
        ("/twice/store", "9p"),
    ],
)
def test_the_mount_that_is_nearest_and_newest_counts(path, kind):
    mounts = mountinfo(
        ("/net/local", "xfs"),
        ("/", "ext4"),
        ("/net", "nfs4"),
        ("/my\\040disk", "cifs"),
        ("/twice", "ext4"),
        ("/twice", "9p"),
    )
    system = MemorySystem({"/proc/self/mountinfo": b"nonsense\n" + mounts})

    assert network_filesystem(system, path) == kind


def test_symbolic_links_to_a_network_filesystem_are_followed():
    class Linked(MemorySystem):
        def real_path(self, path: str) -> str:
            return path.replace("/home", "/net/home")

    system = Linked({"/proc/self/mountinfo": mountinfo(("/", "ext4"), ("/net", "nfs4"))})

    assert network_filesystem(system, "/home/me/store") == "nfs4"


def test_what_the_machine_does_not_say_is_taken_to_be_local():
    assert network_filesystem(MemorySystem(), "/store") is None


def test_this_machine_is_understood(tmp_path):
    assert network_filesystem(System(), "/proc") is None


# ---- locks of the whole ------------------------------------------------------------------------------------------------


def test_a_process_that_writes_holds_the_store_so_that_nobody_migrates_it(store):
    store.documents("projects").create("demo", {})
    Store(store.root, system=store.system).documents("projects").create("other", {})

    fd = store.system.open(f"{store.root}/lock")

    assert store.system.try_lock(fd, shared=True)
    store.system.unlock(fd)
    assert not store.system.try_lock(fd)
    store.system.close(fd)


def test_a_process_that_reads_holds_nothing(store):
    Store(store.root, system=store.system).documents("projects").create("demo", {})
    gc.collect()

    assert len(store.documents("projects").all()) == 1

    fd = store.system.open(f"{store.root}/lock")
    assert store.system.try_lock(fd)
    store.system.close(fd)


def test_nobody_writes_during_a_migration(store):
    Store(store.root, system=store.system).documents("projects").create("demo", {})
    gc.collect()
    fd = store.system.open(f"{store.root}/lock")
    assert store.system.try_lock(fd)
    # The clock stands still unless somebody waits.
    waited: list[float] = []
    writer = Store(store.root, system=store.system, on_wait=lambda path, seconds: waited.append(seconds))

    with pytest.raises(Locked):
        writer.documents("projects").create("other", {})

    assert len(waited) == 1
    store.system.close(fd)


def test_a_migration_that_happened_while_waiting_is_noticed():
    class Migrating(MemorySystem):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            Files("/store", self).replace("/store/store.json", encoded({"format": 2}))
            self.unlock(lock)

    system = Migrating({"/store/lock": b"", "/store/store.json": encoded({"format": 1})})
    store = Store("/store", system=system)
    assert store.documents("projects").all() == []
    lock = system.open("/store/lock")
    assert system.try_lock(lock)

    with pytest.raises(UnsupportedFormat):
        store.documents("projects").create("demo", {})


def test_a_lease_belongs_to_one_process_at_a_time(store):
    other = Store(store.root, system=store.system)

    with store.lease("services") as is_ours, other.lease("services") as is_theirs, other.lease("agent-1") as is_another:
        assert (is_ours, is_theirs, is_another) == (True, False, True)
    with other.lease("services") as is_theirs:
        assert is_theirs


@pytest.mark.parametrize("name", ["", "..", "a/b", "Services", "a\n", "a\0"])
def test_a_lease_has_a_plain_name(store, name):
    with pytest.raises(ValueError, match="is no name of a lease"), store.lease(name):
        pass


def test_a_store_that_is_forgotten_gives_back_what_it_holds(tmp_path):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for _ in range(50):
        Store(str(tmp_path / "store"), durability="process").documents("projects").put("demo", {})
    gc.collect()

    assert not before or len(os.listdir("/proc/self/fd")) <= before + 1
