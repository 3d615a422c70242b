"""What must hold whatever happens: many processes at once, processes that are killed, disks that are full, damaged bytes.

Source: store.md §1, §10, §11.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import crowd
import pytest
from backend_home import ACTING, BackendHome, as_ordinary_user, assert_explained, assert_no_bug, under_limits

from prefect.orchestration import agents, flow_runs, key_values, logs, task_runs

CROWD = Path(crowd.__file__)
CREATORS, EXECUTORS, READERS, AGENTS = 5, 7, 5, 2


@pytest.fixture
def registered(backend: BackendHome) -> BackendHome:
    backend.register()
    return backend


# ---- twenty processes at once ------------------------------------------------------------------------------------------


def told(process: subprocess.Popen[str]) -> list[list]:
    """Wait for the end of one of the crowd and return what it said."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    return [json.loads(line) for line in output.splitlines()]


def test_twenty_processes_at_once(registered):
    store = registered.store
    (flow,) = store.flows.all()

    def start(role: str, count: int) -> list[subprocess.Popen[str]]:
        words = [sys.executable, str(CROWD), role]
        return [
            registered.start_program([*words, f"{role}{number}", str(registered.cwd), flow["id"]])
            for number in range(count)
        ]

    for _ in range(AGENTS):
        registered.start_agent("--no-hostname-label", "--label", "real")
    readers, executors, creators = start("read", READERS), start("execute", EXECUTORS), start("create", CREATORS)
    # The twentieth: the command itself, again and again.
    real = [registered.create_run("--label", "real") for _ in range(5)]
    created = [line for process in creators for line in told(process)]
    (registered.cwd / "created").touch()
    executed = [line for process in executors for line in told(process)]
    registered.wait_until_finished(*real)
    (registered.cwd / "finished").touch()
    looked = [line for process in readers for line in told(process)]

    own = [id for kind, id, _ in created if kind == "created"]
    shared = [(id, is_new) for kind, id, is_new in created if kind == "shared"]
    assert len(set(own)) == CREATORS * crowd.RUNS_EACH
    assert len({id for id, _ in shared}) == sum(is_new for _, is_new in shared) == crowd.RUNS_EACH
    ids = {*own, *(id for id, _ in shared)}
    assert Counter(id for kind, id in executed if kind == "executed") == Counter(ids)
    assert Counter(id for kind, id in executed if kind == "executing") == Counter(ids)
    assert Counter(registered.executions()) == Counter(real)
    assert all(looks > 0 for _, looks in looked)
    for id in [*ids, *real]:
        history = store.runs.history(id)
        assert [line["v"] for line in history] == list(range(1, len(history) + 1))
        assert [line["state"]["type"] for line in history].count("Running") >= 1
        assert flow_runs.get_flow_run(store, id)["state"]["type"] == "Success"
        assert {run["state"]["type"] for run in task_runs.task_runs(store, id)} == {"Success"}
    for id in ids:
        assert len(logs.get_logs(store, id)) == 2 * crowd.LINES_EACH
    for number in range(CREATORS):
        for index in range(crowd.RUNS_EACH):
            assert key_values.get_key_value(store, f"create{number}-{index}") == index
    done = registered.prefect("store", "check")
    assert (done.returncode, done.stdout.count("error")) == (0, 0), done.stdout


# ---- kill -9 -----------------------------------------------------------------------------------------------------------

KILLS = 12


def killed_on_the_way(backend: BackendHome, words: list[str], kills: int = KILLS) -> list[str]:
    """Run a program often, each time killed a little later in its life, and return what it had printed on stdout."""
    began = time.monotonic()
    assert backend.start_program(words).wait(timeout=30) == 0
    life = time.monotonic() - began
    printed = []
    for kill in range(kills):
        process = backend.start_program(words, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=life * (kill + 1) / kills)
        except subprocess.TimeoutExpired:
            process.kill()
        printed.append(process.communicate(timeout=30)[0])
    return printed


def assert_in_order(backend: BackendHome) -> None:
    """Assert that every command works, and that whatever a killed process left behind is mended."""
    for words in (["get", "flow-runs"], ["get", "flows"], ["get", "projects"], ["get", "tasks"], ["kv", "list"]):
        done = backend.prefect(*words)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    found = backend.prefect("store", "check")
    assert_no_bug(found)
    assert "error" not in found.stdout
    assert backend.prefect("store", "check", "--repair").returncode == 0, found.stdout
    assert backend.prefect("store", "check").returncode == 0, found.stdout


def test_a_writer_that_is_killed_at_any_instant_loses_nothing_that_it_acknowledged(registered):
    words = ["prefect", "run", "-n", "acting", "--quiet"]

    printed = killed_on_the_way(registered, words)

    acknowledged = {line.strip() for line in printed if line.endswith("\n")}
    assert acknowledged <= registered.listed().keys()
    assert set(registered.listed().values()) == {"Scheduled"}
    assert_in_order(registered)


def test_a_registration_that_is_killed_at_any_instant_leaves_whole_versions(registered):
    words = [sys.executable, str(registered.cwd / "flow.py")]

    killed_on_the_way(registered, words)

    assert_in_order(registered)
    versions = sorted(flow["version"] for flow in registered.store.flows.all())
    assert versions == list(range(1, len(versions) + 1))
    registered.register()
    newest = [flow for flow in registered.store.flows.all() if not flow["archived"]]
    assert [flow["version"] for flow in newest] == [len(versions) + 1]
    assert registered.prefect("run", "-n", "acting", "--execute").returncode == 0


def test_an_execution_that_is_killed_at_any_instant_has_an_end(registered):
    words = ["prefect", "run", "-n", "acting", "--execute"]

    killed_on_the_way(registered, words)

    listed = registered.listed()
    assert set(listed.values()) <= {"Failed", "Success"}
    assert max(Counter(registered.executions()).values()) == 1
    assert_in_order(registered)


def test_agents_that_are_killed_at_any_instant_leave_no_run_behind_and_start_none_twice(registered):
    began = time.monotonic()
    agent = registered.start_agent()
    ids = [registered.create_run()]
    registered.wait_until_finished(*ids)
    life = time.monotonic() - began
    agent.kill()
    agent.wait()

    for kill in range(8):
        ids += [registered.create_run(), registered.create_run()]
        agent = registered.start("agent", "local", "start", stderr=subprocess.DEVNULL)
        try:
            agent.wait(timeout=life * (kill + 1) / 8)
        except subprocess.TimeoutExpired:
            agent.kill()
            agent.wait()
    registered.start_agent()
    registered.wait_until_finished(*ids)

    assert {registered.state_of(id) for id in ids} == {"Success"}
    assert Counter(registered.executions()) == Counter(ids)
    assert_in_order(registered)


# ---- no room, no rights, no handles ------------------------------------------------------------------------------------

QUERIES = (
    ["get", "flow-runs"],
    ["get", "flows"],
    ["get", "projects"],
    ["get", "tasks"],
    ["kv", "list"],
    ["describe", "flows", "--name", "acting"],
)
CHANGES = (
    ["run", "-n", "acting", "--quiet"],
    ["kv", "set", "key", "value"],
    ["create", "project", "another"],
)


def can_mount() -> bool:
    words = [*_new_namespace(), "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return shutil.which("nsenter") is not None and subprocess.run(words, capture_output=True).returncode == 0


def _new_namespace() -> list[str]:
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


class Disk:
    """A small disk under the home, which only commands started under it see; it goes with the process that holds it.

    Args:
        backend: Its store is copied to the disk.
        run_id: Of the one run in its store.
        size: In KiB.
    """

    def __init__(self, backend: BackendHome, run_id: str, size: int) -> None:
        self.run_id = run_id
        home = shlex.quote(str(backend.home))
        script = (
            f"set -e; cp -a {home} {home}.copy; mount -t tmpfs -o size={size}k,mode=700 tmpfs {home};"
            f" cp -a {home}.copy/. {home}; echo ready; cat"
        )
        self.process = subprocess.Popen(
            [*_new_namespace(), "bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"
        self.under = ["nsenter", f"--target={self.process.pid}", "--mount"]
        if os.geteuid():
            self.under += ["--user", "--preserve-credentials"]
        #: The store as it is on the disk.
        self.store = Path(f"/proc/{self.process.pid}/root{backend.home}/store")
        self._backend = backend

    def fill(self) -> None:
        """Leave no byte free."""
        script = f"cat /dev/zero > {shlex.quote(str(self._backend.home))}/filler"
        subprocess.run([*self.under, "bash", "-c", script], capture_output=True)

    def make_room(self) -> None:
        subprocess.run([*self.under, "rm", f"{self._backend.home}/filler"], check=True)

    def mount_read_only(self) -> None:
        home = str(self._backend.home)
        subprocess.run([*self.under, "mount", "-o", "remount,ro", home], check=True)

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.store)): path.read_bytes() for path in self.store.rglob("*") if path.is_file()
        }

    def close(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def disk(registered: BackendHome) -> Iterator[Disk]:
    if not can_mount():
        pytest.skip("this user may not mount a disk")
    run_id = registered.create_run("--run-name", "first")
    disk = Disk(registered, run_id, 400)
    yield disk
    disk.close()


def test_a_full_disk_stops_what_writes_and_nothing_else(registered, disk):
    disk.fill()
    before = disk.files()

    for words in CHANGES:
        done = registered.prefect(*words, under=disk.under)
        assert_explained(done, 5, "No space left on device", "Make room")
    for words in QUERIES:
        done = registered.prefect(*words, under=disk.under)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert {path: data for path, data in disk.files().items() if data} == {
        path: data for path, data in before.items() if data
    }

    pruned = registered.prefect("store", "prune", "--older-than", "0m", "--yes", under=disk.under)
    assert pruned.returncode == 0, pruned.stderr
    deleted = registered.prefect("delete", "project", "demo", under=disk.under)
    assert deleted.returncode == 0, deleted.stderr


def test_a_run_whose_disk_is_full_says_so_and_has_failed(registered, disk):
    disk.fill()

    created = registered.prefect("run", "-n", "acting", "--execute", under=disk.under)
    executed = registered.prefect("execute", "flow-run", under=disk.under, PREFECT__CONTEXT__FLOW_RUN_ID=disk.run_id)
    disk.make_room()
    listed = registered.prefect("get", "flow-runs", under=disk.under)

    assert_explained(created, 5, "No space left on device", "Make room")
    assert_no_bug(executed)
    assert "No space left on device" in executed.stderr + executed.stdout
    assert listed.stdout.splitlines()[1].split()[:3] == ["first", "acting", "Failed"]
    assert len(listed.stdout.splitlines()) == 2


def test_an_agent_outlives_a_full_disk(registered, disk):
    agent = registered.start_agent(under=disk.under)
    disk.fill()
    disk.make_room()
    done = registered.prefect("run", "-n", "acting", "--watch", under=disk.under)

    assert agent.poll() is None
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_read_only_disk_stops_what_writes_and_nothing_else(registered, disk):
    disk.mount_read_only()
    before = disk.files()

    for words in CHANGES:
        done = registered.prefect(*words, under=disk.under)
        assert_explained(done, 5, "Read-only file system", "PREFECT__HOME_DIR")
    for words in QUERIES:
        done = registered.prefect(*words, under=disk.under)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    agent = registered.prefect("agent", "local", "start", "--max-polls", "1", under=disk.under)
    assert_explained(agent, 5, "Read-only file system")
    assert disk.files() == before


def test_a_read_only_folder_stops_what_writes_and_nothing_else(registered):
    registered.create_run()
    before = registered.files()
    for path in [registered.home, *registered.home.rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)

    for words in CHANGES:
        done = registered.prefect(*words, under=as_ordinary_user())
        assert_explained(done, 5, "Permission denied", "Give yourself access")
    for words in QUERIES:
        done = registered.prefect(*words, under=as_ordinary_user())
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert registered.files() == before
    for path in [registered.home, *registered.home.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)


def test_a_limit_of_file_size_is_a_full_disk(registered):
    done = registered.prefect("run", "-n", "acting", "--quiet", "--param", f"how={'x' * 5000}", under=under_limits(f=1))

    assert_explained(done, 5, "The system refused to work on")
    assert_in_order(registered)
    assert registered.listed() == {}


def test_few_file_handles_stop_a_command_with_one_sentence(registered):
    registered.create_run()
    codes = set()
    for handles in range(4, 9):
        for words in (["run", "-n", "acting", "--quiet"], ["get", "flow-runs"], ["kv", "set", "key", "value"]):
            done = registered.prefect(*words, under=under_limits(n=handles))
            if "Fatal Python error" in done.stderr or "bash: " in done.stderr:
                continue  # it was not ours to start
            if done.returncode:
                assert_explained(done, 5, "Too many open files", "ulimit -n")
            codes.add(done.returncode)
    assert codes in ({0}, {0, 5})  # how many handles Python itself needs differs from version to version
    assert_in_order(registered)


# ---- damaged bytes -----------------------------------------------------------------------------------------------------


def flipped(data: bytes) -> bytes:
    """Damage the last line; one in the middle of a record concerns nobody any more."""
    at = (data.rfind(b"\n", 0, -1) + len(data)) // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


class Furnished(NamedTuple):
    """A store with two flows, two runs of which one has finished, two values, an agent, and a file of each kind."""

    backend: BackendHome
    run_id: str
    files: dict[str, Path]

    def damage(self, kind: str, how: Callable[[bytes], bytes]) -> Path:
        path = self.files[kind]
        path.write_bytes(how(path.read_bytes()))
        return path


@pytest.fixture
def furnished(registered: BackendHome) -> Furnished:
    registered.register(ACTING.replace('"acting"', '"other"').replace('"demo"', '"spare"'), "other.py")
    backend, store = registered, registered.store
    (flow,) = (flow for flow in store.flows.all() if flow["name"] == "acting")
    one, _ = flow_runs.create_flow_run(store, flow_id=flow["id"], name="one", idempotency_key="key")
    flow_runs.create_flow_run(store, flow_id=flow["id"], name="two")
    backend.prefect("execute", "flow-run", PREFECT__CONTEXT__FLOW_RUN_ID=one["id"])
    key_values.set_key_value(store, "color", "red")
    key_values.set_key_value(store, "size", "big")
    agents.register_agent(store, "LocalAgent", "agent", [])
    root = Path(store.root)
    layout = store.layout
    files = {
        "runs": Path(layout.run(one["id"])),
        "tasks": Path(layout.tasks(one["id"])),
        "logs": Path(layout.log(one["id"])),
        "keys": Path(layout.key(flow["id"], "key")),
        "flows": root / "flows" / f"{flow['id']}.jsonl",
        "store.json": root / "store.json",
    }
    for kind, name in (("projects", "demo-"), ("groups", ""), ("kv", "color-"), ("tenants", ""), ("agents", "")):
        files[kind] = next(path for path in sorted((root / kind).glob(f"{name}*~*.json")))
    group = store.documents("groups").get(flow["flow_group_id"])
    files["groups"] = Path(layout.document("groups", group["name"], group["id"]))
    return Furnished(backend, one["id"], files)


ASKED_FOR = {
    "runs": ["describe", "flow-runs", "--name", "one"],
    "keys": ["run", "-n", "acting", "--quiet", "--idempotency-key", "key"],
    "flows": ["describe", "flows", "--name", "acting"],
    "store.json": ["get", "flows"],
    "projects": ["delete", "project", "demo"],
    "groups": ["run", "-n", "acting", "--quiet"],
    "kv": ["kv", "get", "color"],
    "tenants": ["create", "project", "new"],
}
#: Kind → the command that lists what is left, and a word of that.
LISTED = {
    "runs": (["get", "flow-runs"], "two"),
    "flows": (["get", "flows"], "other"),
    "projects": (["get", "projects"], "spare"),
    "kv": (["kv", "list"], "size"),
}


@pytest.mark.parametrize(
    ("kind", "how"), [*((kind, flipped) for kind in ASKED_FOR), ("projects", cut), ("kv", cut), ("store.json", cut)]
)
def test_what_is_damaged_is_named_and_the_rest_works(furnished, kind, how):
    backend = furnished.backend
    path = furnished.damage(kind, how)
    damaged = path.read_bytes()

    assert_explained(backend.prefect(*ASKED_FOR[kind]), 5, str(path), "is damaged", "prefect store check --repair")
    if kind in LISTED:
        words, rest = LISTED[kind]
        done = backend.prefect(*words)
        assert done.returncode == 0
        assert rest in done.stdout
        assert str(path) in done.stderr
    if kind != "store.json":
        assert backend.prefect("run", "-n", "other", "--quiet").returncode == (5 if kind == "tenants" else 0)

    assert path.read_bytes() == damaged


def test_a_line_of_a_log_that_cannot_be_read_is_told_and_the_others_are_shown(furnished):
    path = furnished.damage("logs", flipped)

    done = furnished.backend.prefect("get", "logs", "--id", furnished.run_id)

    assert done.returncode == 0
    assert "Beginning Flow run" in done.stdout
    assert f"A line of the file {path} cannot be read" in done.stderr


@pytest.mark.parametrize("how", [flipped, cut])
def test_the_check_names_every_damaged_file_and_repair_keeps_its_bytes(furnished, how):
    backend = furnished.backend
    kinds = ("runs", "tasks", "logs", "keys", "projects", "kv", "agents")
    paths = [furnished.damage(kind, how) for kind in kinds]
    damaged = {kind: path.read_bytes() for kind, path in zip(kinds, paths)}

    found = backend.prefect("store", "check")
    assert found.returncode == 5
    for path in paths:
        assert f": {path.relative_to(backend.store.root)}: " in found.stdout, path

    mended = backend.prefect("store", "check", "--repair")
    assert_no_bug(mended)
    again = backend.prefect("store", "check")
    assert again.returncode in (0, 5)
    assert_no_bug(again)
    kept = [path.read_bytes() for path in (Path(backend.store.root) / "quarantine").rglob("*") if path.is_file()]
    for kind, path in zip(kinds, paths):
        assert any(damaged[kind].endswith(data) for data in kept) or path.read_bytes() == damaged[kind], kind
    for words in QUERIES:
        assert backend.prefect(*words).returncode in (0, 3)
    assert "two" in backend.prefect("get", "flow-runs").stdout


def test_a_damaged_flow_file_fails_its_runs_with_the_reason(registered):
    (pickle,) = (path for path in (registered.home / "flows").rglob("*") if path.is_file())
    pickle.write_bytes(cut(pickle.read_bytes()))

    done = registered.prefect("run", "-n", "acting", "--execute")

    assert_explained(done, 1, "cannot be unpickled", "Store the flow again", f"It was read from {pickle}.")
    assert list(registered.listed().values()) == ["Failed"]
