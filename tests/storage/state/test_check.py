"""Every kind of damage: what the check finds, and what the repair leaves (store.md §11)."""

from __future__ import annotations

import errno
import json
import os
from typing import Any

import pytest
from samples import FAR, FINISHED, FLOW, GROUP, SUBMITTED, a_run, names_in, state
from seam import FaultySystem, Seam, full_disk
from workers import Crew, Report

from prefect.storage.state import layout
from prefect.storage.state.check import Finding, check
from prefect.storage.state.errors import Corrupt, NotFound, UnsupportedFormat
from prefect.storage.state.journal import encoded
from prefect.storage.state.maintenance import scrub
from prefect.storage.state.memory import MemorySystem, StandingClock
from prefect.storage.state.store import Store

PROJECT = "3a1e5d7c-2b4f-4c6a-8d9e-0f1a2b3c4d5e"
NOBODY = "018f86c9-d443-7c3e-9d02-6f1b2a400000"
NO_FLOW = "5f2c1a70-93b1-4c3e-8d02-6f1b2ac00000"
NO_JSON = "it is not JSON (Expecting value: line 1 column 1 (char 0))"


def a_flow(store: Store, version: int = 1) -> dict[str, Any]:
    flow = {"id": layout.new_flow_id(), "name": "etl", "project_id": PROJECT, "flow_group_id": GROUP}
    return store.flows.create({**flow, "version": version, "is_schedule_active": True})


def fill(store: Store) -> None:
    """Put something of each kind into a store, through all that can happen to it."""
    limit = store.documents("tag-limits").create("db", {"limit": 1})
    for kind in ("tenants", "projects", "groups", "agents", "kv", "hooks"):
        store.documents(kind).put("demo", {"value": 1})
    store.documents("projects").update(store.documents("projects").named("demo")["id"], {}, name="other")
    old, new = a_flow(store), a_flow(store, 2)
    store.flows.update(old["id"], {"archived": True})
    store.flows.delete(a_flow(store, 3)["id"])
    for number, labels in enumerate([[], ["gpu", "Prod"], ["x" * 201], ["", "_", "a+b"]]):
        store.runs.create(a_run(f"run {number}", labels=labels, due=FAR, flow_id=new["id"]))
    running, _ = store.runs.create(a_run(idempotency_key="every-morning"))
    store.runs.claim([], SUBMITTED)
    task_run = store.members.create(running["id"], {"task": "load", "map_index": -1})
    store.members.update(task_run["id"], state("Running"))
    store.members.delete(store.members.create(running["id"], {"kind": "artifact"})["id"])
    store.logs.append(running["id"], [{"message": "hello"}, {"message": "world"}])
    store.slots.take(limit["id"], task_run["id"], 1, lambda holder: False)
    finished, _ = store.runs.create(a_run("finished", live=True, due=None))
    store.runs.update(finished["id"], FINISHED)
    store.runs.delete(store.runs.create(a_run("deleted", idempotency_key="x"))[0]["id"])
    store.cached.append("key", {"run": running["id"]})
    store.feed.append({"run": running["id"]})
    with store.lease("services"):
        scrub(store)


def a_finished_run(store: Store) -> str:
    """Return the record of a run that has three lines and no marker but hints."""
    run, _ = store.runs.create(a_run(live=True, due=None))
    store.runs.update(run["id"], state("Running"))
    store.runs.update(run["id"], FINISHED)
    return store.layout.run(run["id"])


def rewrite(store: Store, path: str, data: bytes) -> None:
    try:
        fd = store.system.open(path)
    except FileNotFoundError:
        store.files.make_directories(os.path.dirname(path))
        fd = store.system.create(path)
    store.system.truncate(fd, 0)
    store.system.write(fd, data)
    store.system.close(fd)


def lines(store: Store, path: str) -> list[bytes]:
    return (store.files.read(path) or b"").splitlines(keepends=True)


def name(store: Store, path: str) -> str:
    return store.layout.inside(path)


def quarantine(store: Store) -> list[tuple[str, bytes]]:
    """Return from where something was taken, and the bytes."""
    folder = f"{store.root}/quarantine"
    notes = [found for found in store.files.names(folder) if found.endswith(".note.json")]
    found = []
    for note in notes:
        told = json.loads(store.files.read(f"{folder}/{note}") or b"")
        data = store.files.read(f"{folder}/{note.removesuffix('.note.json')}") or b""
        assert (told["bytes"], bool(told["why"])) == (len(data), True)
        found.append((store.layout.inside(told["from"]), data))
    return sorted(found)


def assert_repairs(store: Store, *findings: tuple[str, str, str]) -> None:
    """Check tells these findings and changes nothing, repair mends them all, and then all is in order."""
    expected = [Finding(*finding) for finding in findings]
    before = names_in(store)
    assert list(check(store)) == expected
    assert names_in(store) == before
    assert list(check(store, repair=True)) == [finding._replace(repaired=True) for finding in expected]
    assert list(check(store)) == []


def assert_leaves(store: Store, *findings: tuple[str, str, str]) -> None:
    """Check tells these findings, and repair leaves everything as it is."""
    expected = [Finding(*finding) for finding in findings]
    before = names_in(store)
    assert list(check(store)) == expected
    assert list(check(store, repair=True)) == expected
    assert names_in(store) == before


# ---- in order --------------------------------------------------------------------------------------------------------


def test_a_store_that_does_not_exist_is_in_order_and_stays_so(store):
    assert list(check(store)) == []
    assert list(check(store, repair=True)) == []
    assert not store.system.exists(store.root)


@pytest.mark.parametrize("repair", [False, True])
def test_a_store_with_everything_is_in_order_and_nothing_is_changed(store, repair):
    fill(store)
    before = names_in(store)

    assert list(check(store, repair)) == []
    assert names_in(store) == before


def test_a_check_writes_nothing(disk):
    fill(disk)

    def read_only(call: str) -> int | None:
        return errno.EROFS if call in ("create", "open", "write", "truncate", "unlink", "touch", "replace") else None

    system = FaultySystem(StandingClock(), read_only)
    run, _ = disk.runs.create(a_run())
    os.unlink(disk.layout.named(run["name"]) + run["id"])

    assert [found.severity for found in check(Store(disk.root, system=system))] == ["error"]


def test_where_the_disk_is_full_what_is_not_mended_is_told_as_such(disk):
    fill(disk)
    path = a_finished_run(disk)
    disk.files.append_stream(path, b"?")
    before = disk.files.read(path)

    found = list(check(Store(disk.root, system=FaultySystem(StandingClock(), full_disk)), repair=True))

    assert [(finding.path, finding.repaired) for finding in found[:1]] == [(name(disk, path), False)]
    assert ["No space left on device" in finding.message for finding in found] == [False, True]
    assert disk.files.read(path) == before


# ---- the store as a whole --------------------------------------------------------------------------------------------


def test_a_damaged_store_json_is_written_anew(store):
    fill(store)
    rewrite(store, f"{store.root}/store.json", b"?")
    store = Store(store.root, system=store.system, durability="process")

    assert_repairs(store, ("error", "store.json", f"It is damaged: {NO_JSON}."))
    assert json.loads(store.files.read(f"{store.root}/store.json"))["format"] == 1
    assert quarantine(store) == [("store.json", b"?")]


def test_a_missing_store_json_is_written_anew(store):
    fill(store)
    store.system.unlink(f"{store.root}/store.json")
    store = Store(store.root, system=store.system, durability="process")

    assert_repairs(store, ("warning", "store.json", "It is missing, so nothing tells the format of the store."))


def test_a_store_of_a_newer_version_is_not_looked_at(store):
    fill(store)
    rewrite(store, f"{store.root}/store.json", b'{"format":2}\n')

    with pytest.raises(UnsupportedFormat):
        list(check(Store(store.root, system=store.system), repair=True))


def test_a_store_that_others_may_use_is_told_with_the_remedy(disk):
    fill(disk)
    os.chmod(disk.root, 0o755)

    message = (
        f"The store at {disk.root} is not used because others may use it (mode 0755). Type 'chmod 700 {disk.root}'."
    )
    assert list(check(Store(disk.root), repair=True)) == [Finding("error", ".", message)]


def test_files_that_others_may_use_are_counted(disk):
    fill(disk)
    paths = sorted(f"{disk.root}/{inside}" for inside in names_in(disk) if inside.startswith("flows/"))
    for path in paths:
        os.chmod(path, 0o644)

    remedy = f"Type 'chmod -R go-rwx {disk.root}'."
    message = f"Its mode 0644 lets others use it, as does 1 more. {remedy}"
    assert_leaves(disk, ("warning", name(disk, paths[0]), message))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_files_of_another_user_are_told_with_the_remedy(disk):
    path = a_finished_run(disk)
    os.chown(path, 12345, -1)

    message = f"It belongs to the user number 12345. Type 'sudo chown -R 0 {disk.root}'."
    assert_leaves(disk, ("error", name(disk, path), message))


def test_a_network_filesystem_is_told():
    mounts = b"36 35 0:1 / / rw - ext4 /dev/vda rw\n37 36 0:2 / /store rw - nfs4 server:/x rw\n"
    store = Store("/store", system=MemorySystem({"/proc/self/mountinfo": mounts}), allow_network=True)
    fill(store)

    message = "The store is on a network filesystem (nfs4), where locks and appends cannot be relied on."
    assert_leaves(store, ("warning", ".", message))


@pytest.mark.parametrize(
    "path",
    [
        "notes.txt",
        "runs/notes.txt",
        "runs/2024-05-17/13/notes.jsonl",
        "runs/2024-05-17/13/018F86C9-D443-7C3E-9D02-6F1B2A400000.jsonl",
        "queue/GPU/20240517T1345/x",
        "queue/_/20240517T1345/x",
        "projects/demo.json",
        "keys/ab/short.jsonl",
        "slots/x",
        ".notes.txt.0123abcd.tmp",
    ],
)
def test_what_is_not_the_stores_is_told_and_left(store, path):
    fill(store)
    rewrite(store, f"{store.root}/{path}", b"mine")

    message = "The store has no file or folder of such a name; it is left alone."
    (found,) = check(store, repair=True)
    assert f"{path}/".startswith(f"{found.path}/")
    assert_leaves(store, ("warning", found.path, message))
    assert store.files.read(f"{store.root}/{path}") == b"mine"


def test_a_symbolic_link_is_not_followed(disk):
    path = a_finished_run(disk)
    os.rename(path, f"{disk.root}/../elsewhere")
    os.symlink(f"{disk.root}/../elsewhere", path)

    message = "The store has no file or folder of such a name; it is left alone."
    assert_leaves(disk, ("warning", name(disk, path), message))


def test_a_folder_that_cannot_be_read_does_not_stop_the_check(store):
    class Refusing(Seam):
        def around(self, name: str, path: str, arguments: tuple[Any, ...]) -> Any:
            if name == "names" and path.endswith("/logs"):
                raise PermissionError(errno.EACCES, "")
            return super().around(name, path, arguments)

    fill(store)
    rewrite(store, f"{store.root}/notes.txt", b"")

    found = list(check(Store(store.root, system=Refusing(store.system))))
    assert [(finding.severity, finding.path) for finding in found] == [("error", "logs"), ("warning", "notes.txt")]
    assert "Permission denied" in found[0].message


# ---- records ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tail", [b'{"format":1,"v":4', b"\0" * 512 + b"\n", b"x"])
def test_a_torn_tail_is_cut_off(store, tail):
    path = a_finished_run(store)
    whole = b"".join(lines(store, path))
    rewrite(store, path, whole + tail)

    size = f"{len(tail)} byte{'s' if len(tail) > 1 else ''}"
    message = f"It ends in {size} that are no whole line, which a crash has left."
    assert_repairs(store, ("warning", name(store, path), message))
    assert store.files.read(path) == whole
    assert quarantine(store) == [(name(store, path), tail)]


@pytest.mark.parametrize("data", [b"", b'{"format":1,', b"\0" * 100])
@pytest.mark.parametrize("kind", ["run", "flow", "key"])
def test_a_creation_that_was_never_finished_is_removed(store, kind, data):
    fill(store)
    paths = {
        "run": store.layout.run(NOBODY),
        "flow": store.layout.flow(NO_FLOW),
        "key": store.layout.key(NO_FLOW, "unknown"),
    }
    rewrite(store, paths[kind], data)

    message = "It holds no whole line: its creation was never finished."
    assert_repairs(store, ("warning", name(store, paths[kind]), message))
    assert not store.system.exists(paths[kind])
    assert quarantine(store) == ([(name(store, paths[kind]), data)] if data else [])


def test_damage_inside_a_record_is_told_and_left(store):
    path = a_finished_run(store)
    first, _, last = lines(store, path)
    rewrite(store, path, first + b"?\n" + last)

    message = f"Line 2 is damaged: {NO_JSON}. The current value is not concerned."
    assert_leaves(store, ("error", name(store, path), message))
    assert store.runs.get(json.loads(first)["id"])["state"] == {"type": "Success"}


def test_a_version_inside_a_record_that_does_not_follow_is_told_and_left(store):
    path = a_finished_run(store)
    first, _, last = lines(store, path)
    rewrite(store, path, first + b'{"v":7}\n' + last)

    message = "Line 2 is damaged: its version is 7 where 2 was to come. The current value is not concerned."
    assert_leaves(store, ("error", name(store, path), message))


@pytest.mark.parametrize("damaged", [b"?\n", b"?\n?\n"])
def test_a_damaged_last_line_is_cut_off_after_all_was_copied(store, damaged):
    path = a_finished_run(store)
    first, second, _ = lines(store, path)
    data = first + second + damaged
    rewrite(store, path, data)
    store.files.mark(store.layout.active(json.loads(first)["id"]), durable=False)

    message = f"Line {2 + damaged.count(b'?')} is damaged: {NO_JSON}. The last whole version is 2."
    assert_repairs(store, ("error", name(store, path), message))
    assert store.files.read(path) == first + second
    assert quarantine(store) == [(name(store, path), data)]


def test_a_version_that_is_taken_back_gets_its_markers_back(store):
    path = a_finished_run(store)
    first, second, _ = lines(store, path)
    rewrite(store, path, first + second + b"?\n")

    repaired = list(check(store, repair=True))

    marker = store.layout.active(json.loads(first)["id"])
    message = f"This marker is missing, so {name(store, path)} is not found where it should be."
    assert repaired[1:] == [Finding("error", name(store, marker), message, repaired=True)]
    assert list(check(store)) == []


def test_a_run_whose_first_line_is_damaged_goes_with_all_that_belongs_to_it(store):
    path = a_finished_run(store)
    first, second, third = lines(store, path)
    id = json.loads(first)["id"]
    store.members.create(id, {"task": "load", "map_index": -1})
    store.logs.append(id, [{"message": "hello"}])
    rewrite(store, path, b"?\n" + second + third)

    found = list(check(store, repair=True))

    assert found[0] == Finding(
        "error", name(store, path), f"Line 1 is damaged: {NO_JSON}. The record cannot be read.", repaired=True
    )
    assert {finding.repaired for finding in found} == {True}
    assert list(check(store)) == []
    taken = [store.layout.log(id), path, store.layout.tasks(id)]
    assert [where for where, _ in quarantine(store)] == [name(store, taken) for taken in taken]
    with pytest.raises(NotFound):
        store.runs.get(id)


def test_from_lines_that_do_not_fit_together_nothing_is_taken(store):
    path = a_finished_run(store)
    first, _, last = lines(store, path)
    rewrite(store, path, first + last)

    remedy = 'The record cannot be read: give its lines a "v" of 1, 2, 3 and so on.'
    message = f"Line 2 is damaged: its version is 3 where 2 was to come. {remedy}"
    assert_leaves(store, ("error", name(store, path), message))
    assert lines(store, path) == [first, last]


def test_a_record_of_a_newer_format_is_left(store):
    path = a_finished_run(store)
    data = b"".join(lines(store, path)).replace(b'"format":1', b'"format":2', 1)
    rewrite(store, path, data)

    assert_leaves(store, ("error", name(store, path), "It has format 2, and this version knows formats up to 1."))
    assert store.files.read(path) == data


def test_a_record_under_a_wrong_name_is_left(store):
    data = b"".join(lines(store, a_finished_run(store)))
    rewrite(store, store.layout.run(NOBODY), data)
    id = json.loads(data.splitlines()[0])["id"]

    message = f"The record says that its id is {id!r}."
    assert_leaves(store, ("error", name(store, store.layout.run(NOBODY)), message))


def test_a_run_in_a_wrong_hour_is_left(store):
    path = a_finished_run(store)
    wrong = f"{store.root}/runs/2001-01-01/00/{os.path.basename(path)}"
    rewrite(store, wrong, b"".join(lines(store, path)))

    hour = name(store, path)[5:18]
    message = f"By its id this file belongs into the hour {hour}, so nothing leads to it here."
    assert_leaves(store, ("error", name(store, wrong), message))


def test_a_run_under_an_id_that_is_none_of_a_run_is_left(store):
    fill(store)
    path = f"{store.root}/runs/2001-01-01/00/{PROJECT}.jsonl"
    rewrite(store, path, b"{}\n")

    message = "The name of this file is not the id of a flow run, so nothing leads to it."
    assert_leaves(store, ("error", name(store, path), message))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [1]}, "The record has a field that cannot be used: "),
        ({"due": "tomorrow"}, "The record has a field that cannot be used: 'tomorrow' is no time"),
        ({"flow_group_id": ".."}, "The record has a field that cannot be used: '..' is no id"),
        ("due", "The record lacks the field 'due'."),
    ],
)
def test_a_record_without_a_field_that_the_store_needs_is_left(store, change, message):
    run, _ = store.runs.create(a_run(due=FAR))
    if isinstance(change, str):
        del run[change]
    else:
        run.update(change)
    rewrite(store, store.layout.run(run["id"]), encoded(run))

    (found,) = check(store)
    assert found.message.startswith(message)
    assert_leaves(store, found[:3])


# ---- markers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(3))
def test_a_missing_marker_of_a_run_is_made(store, number):
    run, _ = store.runs.create(a_run(due=FAR))
    marker = sorted(store.runs.wanted(run))[number]
    store.system.unlink(marker)

    message = f"This marker is missing, so {name(store, store.layout.run(run['id']))} is not found where it should be."
    assert_repairs(store, ("error", name(store, marker), message))
    assert store.system.exists(marker)


@pytest.mark.parametrize("number", range(4))
def test_a_missing_marker_of_a_flow_is_made(store, number):
    flow = a_flow(store)
    marker = sorted(store.flows.wanted(flow))[number]
    store.system.unlink(marker)

    message = f"This marker is missing, so flows/{flow['id']}.jsonl is not found where it should be."
    assert_repairs(store, ("error", name(store, marker), message))
    assert store.system.exists(marker)


def markers_of_runs(store: Store, id: str) -> list[str]:
    return [
        store.layout.queued(["gpu"], FAR, id),
        store.layout.active(id),
        store.layout.named("somebody else") + id,
        f"{store.layout.of_group(PROJECT)}/2024-05-17/{id}",
    ]


def markers_of_flows(store: Store, id: str) -> list[str]:
    return [
        f"{store.layout.flows_named(PROJECT, 'other')}/000007~{id}",
        f"{store.layout.flows_of_group(PROJECT)}/000007~{id}",
        f"{store.layout.unarchived_of_group(PROJECT)}/{id}",
        store.layout.scheduled(id),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("record", ["none", "another"])
@pytest.mark.parametrize("kind", ["flow run", "flow"])
def test_a_marker_that_no_record_wants_is_removed(store, kind, record, number):
    fill(store)
    if kind == "flow":
        flow = store.flows.update(a_flow(store, 4)["id"], {"archived": True})
        marker = markers_of_flows(store, NO_FLOW if record == "none" else flow["id"])[number]
    else:
        run, _ = store.runs.create(a_run(due=FAR))
        marker = markers_of_runs(store, NOBODY if record == "none" else run["id"])[number]
    store.files.mark(marker, durable=False)

    message = f"There is no {kind} of this id." if record == "none" else f"The {kind} does not want this marker."
    assert_repairs(store, ("warning", name(store, marker), message))
    assert not store.system.exists(marker)


def test_a_marker_beside_one_that_is_wanted_is_found_too(store):
    run, _ = store.runs.create(a_run(due=FAR))
    marker = store.layout.queued([], FAR, NOBODY)
    store.files.mark(marker, durable=False)

    assert_repairs(store, ("warning", name(store, marker), "There is no flow run of this id."))
    assert store.system.exists(store.layout.queued([], FAR, run["id"]))


def test_a_process_that_executes_a_run_keeps_its_marker(store):
    run, _ = store.runs.create(a_run(due=FAR))

    with store.runs.hold(run["id"]):
        assert list(check(store, repair=True)) == []


def test_a_marker_with_an_id_that_is_none_of_a_run_is_left(store):
    fill(store)
    store.files.mark(f"{store.root}/active/{PROJECT}", durable=False)

    message = "The id in this marker's name is not that of a flow run; it is left alone."
    assert_leaves(store, ("warning", f"active/{PROJECT}", message))


def test_markers_of_a_damaged_record_are_left_in_peace(store):
    run, _ = store.runs.create(a_run(due=FAR))
    store.files.mark(store.layout.active(run["id"]), durable=False)
    rewrite(store, store.layout.run(run["id"]), b"?\n")

    assert [finding.path for finding in check(store)] == [name(store, store.layout.run(run["id"]))]


# ---- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_that_leads_nowhere_is_taken_away(store):
    fill(store)
    path = store.layout.key(FLOW, "lost")
    data = encoded({"format": 1, "key": "lost", "flow_id": FLOW, "id": NOBODY})
    rewrite(store, path, data)

    message = f"The flow run {NOBODY} of this idempotency key does not exist."
    assert_repairs(store, ("warning", name(store, path), message))
    assert quarantine(store) == [(name(store, path), data)]


def test_a_key_that_leads_to_a_run_with_another_key_is_taken_away(store):
    run, _ = store.runs.create(a_run(idempotency_key="mine"))
    path = store.layout.key(FLOW, "yours")
    rewrite(store, path, encoded({"format": 1, "key": "yours", "flow_id": FLOW, "id": run["id"]}))

    message = f"The flow run {run['id']} has another idempotency key than this one, which leads to it."
    assert_repairs(store, ("error", name(store, path), message))
    assert store.runs.with_key(FLOW, "mine") == run


def test_a_key_that_its_name_does_not_say_is_taken_away(store):
    run, _ = store.runs.create(a_run(idempotency_key="mine"))
    path = store.layout.key(FLOW, "yours")
    rewrite(store, path, lines(store, store.layout.key(FLOW, "mine"))[0])

    message = "The idempotency key in this file is another than its name says."
    assert_repairs(store, ("error", name(store, path), message))
    assert store.runs.with_key(FLOW, "mine") == run


def test_a_damaged_key_is_taken_away(store):
    fill(store)
    path = store.layout.key(FLOW, "lost")
    rewrite(store, path, b"?\n")

    assert_repairs(store, ("error", name(store, path), f"Line 1 is damaged: {NO_JSON}. The record cannot be read."))


# ---- task runs -------------------------------------------------------------------------------------------------------


def with_task_runs(store: Store) -> tuple[str, str]:
    """Return the id of a run and the journal of its task runs, which has three lines."""
    id = os.path.basename(a_finished_run(store)).removesuffix(".jsonl")
    task_run = store.members.create(id, {"task": "load", "map_index": -1})
    store.members.update(task_run["id"], state("Running"))
    store.members.update(task_run["id"], state("Success"))
    return id, store.layout.tasks(id)


@pytest.mark.parametrize("tail", [b'{"format":1,', b"\0\n" + b"{}\n"])
def test_torn_task_runs_are_cut_off(store, tail):
    id, path = with_task_runs(store)
    whole = b"".join(lines(store, path))
    rewrite(store, path, whole + tail)

    message = f"It ends in {len(tail)} bytes that are no whole line, which a crash has left."
    assert_repairs(store, ("warning", name(store, path), message))
    assert store.files.read(path) == whole
    assert [found["v"] for found in store.members.all(id).values()] == [3]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_task_runs_are_cut_off_before_a_damaged_line_after_all_was_copied(store, number):
    id, path = with_task_runs(store)
    found = lines(store, path)
    found[number - 1] = b"?\n"
    rewrite(store, path, b"".join(found))

    message = f"Line {number} is damaged: {NO_JSON}. No task run of the flow run can be read for that."
    assert_repairs(store, ("error", name(store, path), message))
    assert lines(store, path) == found[: number - 1]
    assert quarantine(store) == [(name(store, path), b"".join(found))]
    assert [found["v"] for found in store.members.all(id).values()] == ([number - 1] if number > 1 else [])


def test_from_task_runs_that_do_not_fit_together_nothing_is_taken(store):
    id, path = with_task_runs(store)
    first, _, last = lines(store, path)
    rewrite(store, path, first + last)
    member = layout.member(id, 1)

    problem = f"Line 2 is damaged: its version of {member} is 3 where 2 was to come."
    assert_leaves(store, ("error", name(store, path), f"{problem} No task run of the flow run can be read for that."))
    with pytest.raises(Corrupt):
        store.members.all(id)


def test_task_runs_of_another_run_are_left(store):
    _, path = with_task_runs(store)
    other = layout.member(NOBODY, 1)
    store.files.append_stream(path, encoded({"format": 1, "id": other, "v": 1, "at": FAR}))

    assert_leaves(store, ("error", name(store, path), f"It has task runs of another flow run, such as {other}."))


def test_task_runs_of_a_newer_format_are_left(store):
    _, path = with_task_runs(store)
    rewrite(store, path, b'{"format":2}\n')

    assert_leaves(store, ("error", name(store, path), "It has format 2, and this version knows formats up to 1."))


@pytest.mark.parametrize("kind", ["tasks", "logs"])
def test_what_belongs_to_no_run_is_taken_away(store, kind):
    fill(store)
    path = store.layout.tasks(NOBODY) if kind == "tasks" else store.layout.log(NOBODY)
    rewrite(store, path, b"{}\n")

    assert_repairs(store, ("warning", name(store, path), "There is no flow run that this belongs to."))
    assert quarantine(store) == [(name(store, path), b"{}\n")]


# ---- streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["logs", "cached", "feed"])
def test_lines_of_a_stream_that_cannot_be_read_are_told_and_left(store, kind):
    id, _ = with_task_runs(store)
    store.logs.append(id, [{"message": "hello"}])
    store.cached.append("key", {})
    store.feed.append({})
    path = {"logs": store.layout.log(id), "cached": store.layout.cached("key"), "feed": store.feed.path_today()}[kind]
    store.files.append_stream(path, b"\0\0\n{\n{}\n{to")

    assert_leaves(
        store,
        ("warning", name(store, path), "2 lines cannot be read, first line 2. Readers skip what they cannot read."),
        ("warning", name(store, path), "It ends in 3 bytes that are no whole line. Readers skip them."),
    )


# ---- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", NO_JSON),
        (b"?\n", NO_JSON),
        (b"[]\n", "it is not an object"),
        (b'{"id":"x"}\n', "it does not say its id and name"),
    ],
)
def test_a_damaged_document_is_taken_away(store, data, reason):
    fill(store)
    path = store.layout.document("projects", "demo", PROJECT)
    rewrite(store, path, data)

    expected = ("error", name(store, path), f"The document is damaged: {reason}.")
    assert list(check(store)) == [Finding(*expected)]
    assert_repairs(store, expected)
    assert quarantine(store) == ([(name(store, path), data)] if data else [])


def test_a_document_of_a_newer_format_is_left(store):
    fill(store)
    path = store.layout.document("kv", "demo", PROJECT)
    rewrite(store, path, b'{"format":2}\n')

    assert_leaves(store, ("error", name(store, path), "It has format 2, and this version knows formats up to 1."))


def test_of_two_files_of_a_document_the_older_is_taken_away(store):
    document = store.documents("projects").create("before", {})
    before = store.layout.document("projects", "before", document["id"])
    old = store.files.read(before)
    store.system.sleep(1)
    store.documents("projects").update(document["id"], {}, name="after")
    rewrite(store, before, old)

    after = name(store, store.layout.document("projects", "after", document["id"]))
    assert_repairs(store, ("warning", name(store, before), f"The document was renamed; {after} is newer."))
    assert [found["name"] for found in store.documents("projects").all()] == ["after"]


def test_two_documents_of_one_name_are_left(store):
    document = store.documents("projects").create("demo", {})
    path = store.layout.document("projects", "demo", NOBODY)
    rewrite(store, path, encoded({**document, "id": NOBODY}))
    first, second = sorted((path, store.layout.document("projects", "demo", document["id"])))

    message = f"There are others of the same name: {name(store, second)}. Delete all but one."
    assert_leaves(store, ("error", name(store, first), message))


def test_a_document_under_a_wrong_name_is_left(store):
    document = store.documents("projects").create("demo", {})
    path = store.layout.document("projects", "other", NOBODY)
    rewrite(store, path, encoded({**document, "id": NOBODY}))

    message = "Its name is 'demo', and is not looked for in a file called so."
    assert_leaves(store, ("error", name(store, path), message))


def test_a_damaged_note_of_the_scrub_is_taken_away(store):
    fill(store)
    rewrite(store, f"{store.root}/scrub.json", b"?")

    assert_repairs(store, ("error", "scrub.json", f"The document is damaged: {NO_JSON}."))


def test_a_file_that_its_writer_has_left_is_removed(store):
    fill(store)
    path = f"{store.root}/projects/.demo-2a97516c354b~{PROJECT}.json.0123abcd.tmp"
    rewrite(store, path, b"?")

    assert_repairs(store, ("warning", name(store, path), "Its writer has left this file before it was whole."))
    assert not store.system.exists(path)


@pytest.mark.parametrize("path", [".store.json.0123abcd.tmp", ".scrub.json.0123abcd.tmp", "quarantine/.x.0123abcd.tmp"])
def test_where_there_is_no_lock_a_file_left_by_its_writer_is_an_hour_old(store, path):
    fill(store)
    rewrite(store, f"{store.root}/{path}", b"?")
    store.system.touch_time(f"{store.root}/{path}")

    assert list(check(store)) == []
    store.system.sleep(60 * 60)
    assert_repairs(store, ("warning", path, "Its writer has left this file before it was whole."))


# ---- slots -----------------------------------------------------------------------------------------------------------


def test_a_unit_of_a_limit_that_does_not_exist_is_free(store):
    run, _ = store.runs.create(a_run())
    store.slots.take(PROJECT, run["id"], 1, lambda holder: False)

    assert_repairs(store, ("warning", f"slots/{PROJECT}/{run['id']}", "There is no limit that this unit belongs to."))


def test_a_unit_of_a_run_that_does_not_exist_is_free(store):
    limit = store.documents("label-limits").create("gpu", {})["id"]
    holder = layout.member(NOBODY, 3)
    store.slots.take(limit, holder, 1, lambda holder: False)

    assert_repairs(
        store, ("warning", f"slots/{limit}/{holder}", "There is no flow run that uses this unit of a limit.")
    )
    assert store.slots.holders(limit) == []


# ---- while others write ----------------------------------------------------------------------------------------------


def test_nothing_is_found_while_others_write(disk: Store):
    fill(disk)
    limit = disk.documents("label-limits").create("gpu", {})["id"]

    def work(number: int, report: Report) -> None:
        store = Store(disk.root, durability="process")
        for turn in range(150):
            store.runs.create(a_run(f"{number} {turn}", labels=["x"], idempotency_key=f"{turn % 20}"))
            for claimed in store.runs.claim(["x"], SUBMITTED):
                member = store.members.create(claimed["id"], {"task": "load", "map_index": -1})
                store.slots.take(limit, claimed["id"], 9, lambda holder: True)
                store.members.update(member["id"], state("Running"))
                store.logs.append(claimed["id"], [{"message": "x" * 1000}])
                store.slots.release(limit, claimed["id"])
                store.runs.update(claimed["id"], FINISHED)
                if turn % 3:
                    store.runs.delete(claimed["id"])
            store.documents("kv").put(f"key {turn % 5}", {"value": number})
            store.documents("projects").put(f"project {number}", {})
            flow = store.flows.update(a_flow(store, turn)["id"], {"archived": True})
            if turn % 3:
                store.flows.delete(flow["id"])

    found: list[Finding] = []
    with Crew(work, 3) as crew:
        crew.go()
        for repair in (False, True):
            found += check(Store(disk.root, durability="process"), repair=repair)
        for _, said in crew.reports():
            assert said == []

    assert found == []
    assert list(check(disk)) == []
