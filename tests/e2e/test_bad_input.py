"""What a user gets wrong, and what was done to the store behind our back: one sentence, what to do, the right exit code.

Source: DESIGN §4 decisions 3 to 7; store.md §12, §13.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from backend_home import ACTING, BackendHome, assert_explained, assert_no_bug, wait_for

from prefect.orchestration import flow_runs, liveness, logs, queue, states
from prefect.orchestration.projects import create_project
from prefect.storage.state.store import Store
from prefect.storage.state.system import System

REQUIRING = ACTING.replace('Parameter("how", default="succeed")', 'Parameter("how")')
NO_ID = "018f86c9-d443-7c3e-9d02-6f1b2a400000"


@pytest.fixture
def registered(backend: BackendHome) -> BackendHome:
    backend.register()
    return backend


# ---- names and ids -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["run", "-n", "actin"], 3, ["Did you mean 'acting'?"]),
        (["run", "-n", "acting", "--project", "dmo"], 3, ["'dmo'", "Did you mean 'demo'?"]),
        (
            ["run", "-n", "acting", "--project", "elsewhere"],
            3,
            ["There is no project named 'elsewhere'", "prefect get"],
        ),
        (["run", "-i", "nonsense"], 3, ["'nonsense'", "prefect get flows"]),
        (["run", "-i", NO_ID], 3, [NO_ID]),
        (["run", "-i", "../../etc/passwd"], 3, ["../../etc/passwd"]),
        (["run", "-i", ""], 2, ["--id"]),
        (["run", "--project", "demo"], 2, ["--name"]),
        (["run", "-n", "acting", "--idempotency-key", ""], 2, ["--idempotency-key is empty"]),
        (["run", "-i", NO_ID, "-n", "acting"], 2, ["--name", "--id"]),
        (["get", "flows", "-n", "actin"], 3, ["Did you mean 'acting'?"]),
        (["get", "projects", "-n", "dem"], 3, ["Did you mean 'demo'?"]),
        (["get", "flow-runs", "-f", "actin"], 3, ["Did you mean 'acting'?"]),
        (["get", "tasks", "-n", "ackt"], 3, ["Did you mean 'act'?"]),
        (["get", "logs", "--id", "nonsense"], 3, ["nonsense", "prefect get flow-runs"]),
        (["get", "logs", "--id", "../store"], 3, ["../store"]),
        (["get", "logs", "--name", "nobody"], 3, ["nobody"]),
        (["describe", "flows", "-n", "actin"], 3, ["Did you mean 'acting'?"]),
        (["describe", "flows", "-n", "acting", "-v", "7"], 3, ["There is no version 7"]),
        (["describe", "flow-runs", "-n", "nobody"], 3, ["nobody"]),
        (["describe", "tasks", "-n", "actin"], 3, ["Did you mean 'acting'?"]),
        (["delete", "project", "dem"], 3, ["Did you mean 'demo'?"]),
        (["kv", "get", "nothing"], 3, ["nothing"]),
        (["kv", "delete", "nothing"], 3, ["nothing"]),
        (["register", "--project", "dem", "-p", "flow.py"], 3, ["dem"]),
        (["register", "--project", "demo", "-p", "nowhere.py"], 3, ["nowhere.py"]),
        (["create", "project", ""], 1, []),
        (["run", "-n", "acting", "--param", "hwo=1"], 1, ["'hwo'", "Did you mean 'how'?"]),
        (["run", "-n", "acting", "--param", "how"], 2, ["how"]),
        (["run", "-n", "acting", "--param", "how=[1"], 2, ["how", "[1"]),
        (["run", "-n", "acting", "--param-file", "missing.json"], 3, ["missing.json"]),
    ],
)
def test_a_mistake_is_explained(registered, words, code, told):
    before = registered.files()

    done = registered.prefect(*words)

    assert_explained(done, code, *told)
    assert registered.files() == before


@pytest.mark.parametrize(
    ("words", "code", "stderr"),
    [
        ("run -p x.py", 3, "File does not exist: 'x.py'\nThe current folder does not exist any more.\n"),
        (
            "run -n acting --param-file x.json",
            1,
            "The current folder does not exist any more.\nGo to one that exists: cd ~\n",
        ),
        (
            "agent local start --max-polls 1",
            1,
            "The current folder does not exist any more.\nGo to one that exists: cd ~\n",
        ),
        ("run -n acting --execute", 0, ""),
    ],
)
def test_a_folder_that_is_deleted_under_the_shell_is_told_where_it_matters(registered, words, code, stderr):
    done = registered.shell(f"mkdir gone && cd gone && rmdir ../gone && prefect {words}")

    assert (done.returncode, done.stderr) == (code, stderr)


def test_a_name_that_two_projects_have_is_ambiguous(registered):
    registered.register(ACTING.replace('"demo"', '"spare"'), "other.py")

    done = registered.prefect("run", "-n", "acting")

    assert_explained(done, 3, "Found multiple flows matching", "Name its project as well, one of 'demo', 'spare'.")
    assert registered.prefect("run", "-n", "acting", "--project", "spare", "-q").returncode == 0


def test_a_missing_parameter_is_named(backend):
    backend.register(REQUIRING)

    done = backend.prefect("run", "-n", "acting")

    assert_explained(done, 1, "how")
    assert backend.listed() == {}


def test_an_archived_version_is_not_run(registered):
    (first,) = (flow["id"] for flow in registered.store.flows.all())
    registered.register(ACTING + "\n# changed\n")

    done = registered.prefect("run", "-i", first)

    assert_explained(done, 1, "is archived", "Register it again")
    assert registered.prefect("run", "-n", "acting", "--execute").returncode == 0


# ---- files that moved --------------------------------------------------------------------------------------------------

SCRIPT = ACTING[: ACTING.index("if __name__")]


@pytest.fixture
def script(backend: BackendHome) -> Path:
    """The file of a flow that was registered from it."""
    path = backend.cwd / "script.py"
    path.write_text(SCRIPT)
    create_project(backend.store, "demo")
    done = backend.prefect("register", "--project", "demo", "-p", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    return path


def test_a_flow_file_that_moved_fails_the_run_and_is_named(backend, script):
    script.rename(script.with_name("moved.py"))

    done = backend.prefect("run", "-n", "acting", "--execute")

    assert_explained(done, 1, str(script), "Register the flow again")
    assert list(backend.listed().values()) == ["Failed"]


def test_who_watches_is_told_that_the_flow_file_moved(backend, script):
    script.rename(script.with_name("moved.py"))
    backend.start_agent()

    done = backend.prefect("run", "-n", "acting", "--watch")

    assert_explained(done, 1, str(script), "Register the flow again")


def test_a_flow_that_is_no_longer_in_its_file_is_named(backend, script):
    script.write_text(SCRIPT.replace('"acting"', '"renamed"'))

    done = backend.prefect("run", "-n", "acting", "--execute")

    assert_explained(done, 1, "acting", "renamed")
    assert list(backend.listed().values()) == ["Failed"]


def test_a_flow_file_that_raises_shows_the_users_traceback_only(backend, script):
    script.write_text("import nowhere\n")

    done = backend.prefect("run", "-n", "acting", "--execute")

    assert done.returncode == 1
    assert f'File "{script}", line 1' in done.stderr
    assert f'File "{os.path.dirname(sys.modules["prefect"].__file__)}' not in done.stderr
    assert list(backend.listed().values()) == ["Failed"]


# ---- the store's folder ------------------------------------------------------------------------------------------------

COMMANDS = (
    ["get", "flow-runs"],
    ["get", "flows"],
    ["run", "-n", "acting", "--quiet"],
    ["kv", "set", "key", "value"],
    ["agent", "local", "start", "--max-polls", "1"],
    ["store", "check"],
)


def assert_refused(backend: BackendHome, *told: str) -> None:
    before = backend.files()
    for words in COMMANDS:
        done = backend.prefect(*words)
        assert_no_bug(done)
        assert done.returncode == 5, words
        for word in told:
            assert word in done.stderr + done.stdout, words
    assert backend.files() == before


def test_a_store_of_a_newer_version_is_neither_read_nor_written(registered):
    path = Path(registered.store.root, "store.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))

    assert_refused(registered, str(path), "has format 2", "Install the version that wrote it")


def test_a_run_of_a_newer_version_is_named_and_the_others_are_listed(registered):
    newer, older = registered.create_run(), registered.create_run()
    path = Path(registered.store.layout.run(newer))
    path.write_text(path.read_text().replace('{"format":1', '{"format":7', 1))

    done = registered.prefect("get", "flow-runs", "--output", "json")

    assert [row["id"] for row in json.loads(done.stdout)] == [older]
    assert str(path) in done.stderr
    assert_explained(registered.prefect("get", "logs", "--id", newer), 5, str(path), "has format 7")


@pytest.mark.skipif(os.geteuid() != 0, reason="only a superuser can give files away")
def test_a_store_of_somebody_else_is_not_used(registered):
    os.chown(registered.store.root, 65534, 65534)

    assert_refused(registered, "belongs to the user number 65534", "chown")


def test_a_store_that_is_open_to_others_is_not_used(registered):
    os.chmod(registered.store.root, 0o755)

    assert_refused(registered, "others may use it (mode 0755)", f"chmod 700 {registered.store.root}")


def test_a_link_in_place_of_the_store_is_not_followed(registered):
    os.rename(registered.store.root, f"{registered.store.root}.real")
    os.symlink(f"{registered.store.root}.real", registered.store.root)

    assert_refused(registered, "it is a symbolic link")


def test_a_file_in_place_of_the_store_is_named(backend):
    backend.home.mkdir()
    (backend.home / "store").write_text("hello")

    done = backend.prefect("get", "flows")

    assert_explained(done, 5, "it is not a folder")
    assert (backend.home / "store").read_text() == "hello"


# ---- odd names ---------------------------------------------------------------------------------------------------------

ODD_NAMES = [
    "a/b",
    "..",
    "../../../escaped",
    "/etc/passwd",
    "🦆 ente",
    "x" * 300,
    "é" * 300,
    "CON",
    "Case",
    "case",
    "a\nb",
    "~",
    "-dash",
    ".hidden",
    "100%",
    "'quoted\"",
    "a~b+c",
]


def outside(backend: BackendHome) -> set[str]:
    """Return the names in and above the home, where none of these names may make anything."""
    folder = backend.home.parent
    return {str(path) for place in (folder.parent, folder, backend.home, backend.cwd) for path in place.iterdir()}


def test_projects_keys_runs_and_labels_may_have_any_name(registered):
    registered.create_run()
    before = outside(registered)

    for name in ODD_NAMES:
        for words in (
            ["create", "project", "--", name],
            ["kv", "set", "--", name, "value"],
            ["run", "-n", "acting", "-q", f"--run-name={name}", f"--label={name}", f"--idempotency-key={name}"],
        ):
            done = registered.prefect(*words)
            assert_no_bug(done)
            assert done.returncode == 0, (words, done.stderr)

    projects = json.loads(registered.prefect("get", "projects", "--output", "json").stdout)
    runs = json.loads(registered.prefect("get", "flow-runs", "--limit", "100", "--output", "json").stdout)
    assert {*ODD_NAMES, "demo"} == {row["name"] for row in projects}
    assert set(ODD_NAMES) <= {row["name"] for row in runs}
    assert {(name,) for name in ODD_NAMES} <= {tuple(row["labels"]) for row in runs}
    for name in ODD_NAMES[:6]:
        found = registered.prefect("describe", "flow-runs", f"--name={name}")
        assert (found.returncode, json.loads(found.stdout)["name"]) == (0, name)
        assert "has value 'value'" in registered.prefect("kv", "get", "--", name).stdout
        assert registered.prefect("delete", "project", "--", name).returncode == 0
    assert outside(registered) == before
    assert registered.prefect("store", "check").returncode == 0


def test_flows_may_have_any_name(backend):
    names = [*ODD_NAMES, "nul\0inside"]
    flows = "\n".join(
        f'with Flow({name!r}) as flow:\n    act("succeed")\nflow.register("demo", no_url=True)' for name in names
    )
    backend.register(SCRIPT + flows)
    before = outside(backend)

    listed = json.loads(backend.prefect("get", "flows", "--limit", "100", "--output", "json").stdout)
    assert {row["name"] for row in listed} == set(names)
    for name in ODD_NAMES[:6]:
        done = backend.prefect("run", f"--name={name}", "--execute")
        assert done.returncode == 0, (name, done.stdout, done.stderr)
    assert outside(backend) == before
    assert backend.prefect("store", "check").returncode == 0


@pytest.mark.parametrize("how", ["a\0b", "\udcff", "🦆", "x" * 100_000])
def test_odd_values_go_through_the_store_or_are_refused(registered, how):
    if "\0" in how:
        value = json.dumps(how)
    else:
        value = how
    done = registered.prefect("run", "-n", "acting", "--execute", "--quiet", "--no-logs", f"--param=how={value}")

    assert_no_bug(done)
    assert done.returncode in (0, 1)


# ---- agents ------------------------------------------------------------------------------------------------------------


def test_an_agent_that_is_started_twice_executes_every_run_once(registered):
    one, two = registered.start_agent("--name", "same"), registered.start_agent("--name", "same")

    ids = [registered.create_run() for _ in range(6)]
    registered.wait_until_finished(*ids)

    assert sorted(registered.executions()) == sorted(ids)
    assert {registered.state_of(id) for id in ids} == {"Success"}
    assert (one.poll(), two.poll()) == (None, None)


def test_the_second_agent_carries_on_when_the_first_is_killed(registered):
    one, _ = registered.start_agent("--name", "same"), registered.start_agent("--name", "same")
    one.kill()
    one.wait()

    id = registered.create_run()
    registered.wait_until_finished(id)

    assert registered.executions() == [id]


# ---- a clock that jumps back -------------------------------------------------------------------------------------------


class Clock(System):
    """The real system at a time that is set by hand."""

    def __init__(self) -> None:
        self.time = datetime.now(timezone.utc)

    def now(self) -> str:
        return self.time.isoformat(timespec="microseconds")

    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)


def test_a_clock_that_jumps_back_loses_nothing_and_reorders_no_history(registered):
    clock = Clock()
    store = Store(registered.store.root, system=clock)
    (flow,) = store.flows.all()

    def create(name: str) -> str:
        return flow_runs.create_flow_run(store, flow_id=flow["id"], name=name, labels=[])[0]["id"]

    before = create("before")
    clock.time -= timedelta(hours=2)
    after = create("after")
    assert [run["id"] for run in queue.claim(store, None, [], 10)] == [after]
    clock.time += timedelta(hours=2, seconds=1)
    assert [run["id"] for run in queue.claim(store, None, [], 10, process=liveness.process_identity())] == [before]

    clock.time -= timedelta(hours=1)
    states.set_flow_run_state(store, before, {"type": "Running"}, process=liveness.process_identity())
    logs.write_logs(store, [{"flow_run_id": before, "message": "line"}])
    assert liveness.record_dead_runs(store) == []
    states.set_flow_run_state(store, before, {"type": "Success"})

    history = store.runs.history(before)
    assert [line["state"]["type"] for line in history] == ["Scheduled", "Submitted", "Running", "Success"]
    for field in ("at", "state_timestamp"):
        times = [line[field] for line in history]
        assert times == sorted(times)
    assert len(logs.get_logs(store, before)) == 1
    assert registered.prefect("get", "flow-runs").returncode == 0
    assert registered.prefect("store", "check").returncode == 0


def test_an_agent_takes_what_was_created_by_a_clock_that_was_ahead_once_its_time_has_come(registered):
    clock = Clock()
    clock.time += timedelta(seconds=1)
    (flow,) = registered.store.flows.all()
    run, _ = flow_runs.create_flow_run(Store(registered.store.root, system=clock), flow_id=flow["id"])
    registered.start_agent()

    wait_for(lambda: registered.state_of(run["id"]) == "Success", "the run that is due in a second")
