"""Commands that look at the store, as processes: what they load, what they say of records that cannot be read, and the
examples of their help."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from prefect import Flow, Task
from prefect.cli import cli
from prefect.orchestration.flow_runs import create_flow_run
from prefect.orchestration.key_values import set_key_value
from prefect.orchestration.projects import create_project
from prefect.orchestration.registration import register_flow
from prefect.storage.state.store import Store

PROBE = """
import sys
sys.argv = ["prefect", *{args!r}]
from prefect.cli import main
try:
    code = main()
finally:
    print("@", code, *sorted(sys.modules))
"""

HEAVY = {
    "asyncio", "cloudpickle", "concurrent", "croniter", "dataclasses", "dateutil", "hashlib", "logging", "multiprocessing",
    "pathlib", "pendulum", "platformdirs", "rich", "socket", "subprocess", "tempfile", "tomllib", "yaml", "zoneinfo",
    "prefect.agent", "prefect.backend", "prefect.client", "prefect.engine", "prefect.executors", "prefect.flow",
    "prefect.serialization", "prefect.task", "prefect.utilities.filesystems",
}  # fmt: skip


@pytest.fixture
def store(home) -> Store:
    """The store of the home, with a flow, a run, and a value under a key."""
    store = Store(str(home / "store"), durability="process")
    flow_id, _ = register_flow(
        store, Flow("etl", tasks=[Task(name="extract")]).serialize(), create_project(store, "demo")
    )
    create_flow_run(store, flow_id=flow_id, name="calm-otter")
    set_key_value(store, "region", "eu-west-1")
    return store


def modules(program: str, home) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(home), "PREFECT__HOME_DIR": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    code, *names = done.stdout.splitlines()[-1].removeprefix("@ ").split()
    assert code == "0", done.stderr
    return set(names)


@pytest.mark.parametrize(
    "args",
    [
        ["get", "flows"],
        ["get", "projects"],
        ["get", "flow-runs"],
        ["get", "tasks"],
        ["get", "logs", "--name", "calm-otter"],
        ["describe", "flows", "--name", "etl"],
        ["describe", "flow-runs", "--name", "calm-otter", "-o", "yaml"],
        ["kv", "get", "region"],
        ["kv", "list"],
    ],
)
def test_a_query_loads_neither_engine_nor_client(store, home, args):
    loaded = modules(PROBE.format(args=args), home)

    click_loads = modules("import sys, click; print('@ 0', *sys.modules)", home)
    assert (loaded | {name.split(".")[0] for name in loaded}) & HEAVY - click_loads == set()


def test_what_is_damaged_is_named_on_stderr_and_the_rest_is_listed(store, home, run_prefect):
    flow_id = next(flow["id"] for flow in store.flows.all())
    spoilt, _ = create_flow_run(store, flow_id=flow_id, name="spoilt")
    path = store.layout.run(spoilt["id"])
    with open(path, "a", encoding="utf-8") as file:
        file.write("no json\n")

    done = run_prefect("get", "flow-runs", env={"PREFECT__HOME_DIR": str(home)})

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["NAME", "calm-otter"]
    assert [line for line in done.stderr.splitlines() if path in line] == done.stderr.splitlines()
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_record_that_is_asked_for_ends_the_command(store, home, run_prefect):
    run_id = next(store.runs.newest_ids())
    with open(store.layout.run(run_id), "a", encoding="utf-8") as file:
        file.write("no json\n")

    done = run_prefect("get", "logs", "--id", run_id, env={"PREFECT__HOME_DIR": str(home)})

    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith(f"The file {store.layout.run(run_id)}, line 2, is damaged: ")


def test_listing_a_fresh_home_creates_nothing(home, run_prefect):
    for word in ("flows", "projects", "flow-runs", "tasks"):
        assert run_prefect("get", word).returncode == 0

    assert list(home.iterdir()) == []


# ---- the examples of the help ------------------------------------------------------------------------------------------

WITH_A_STORE = ("get", "describe", "create", "delete", "kv", "backend")


def examples() -> list[str]:
    """Every command that the help of these shows."""
    root = click.Context(cli)
    epilogs = []
    for word in WITH_A_STORE:
        command = cli.get_command(root, word)
        epilogs.append(command.epilog)
        if isinstance(command, click.Group):
            context = click.Context(command, parent=root)
            epilogs += [command.get_command(context, inner).epilog for inner in command.list_commands(context)]
    lines = [line.strip() for epilog in epilogs for line in epilog.splitlines()]
    return sorted({line[2:] for line in lines if line.startswith("$ ")})


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_help_works_as_typed(store, home, cwd, example):
    if "| jq" in example and shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {example}"],
        cwd=cwd,
        env={"PATH": path, "HOME": str(home), "PREFECT__HOME_DIR": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )

    notes = "The commands of this version" if example == "prefect backend server" else ""
    assert (done.returncode, done.stderr[: len("The commands of this version")]) == (0, notes)
