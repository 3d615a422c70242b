"""``prefect register``."""

from __future__ import annotations

import json
import os
import re

import pytest

from prefect.orchestration.projects import create_project

ONE = """
from prefect import Flow, task

@task
def hello():
    print("hello")

with Flow("one") as flow:
    hello()
"""

TWO = """
from prefect import Flow, Parameter

with Flow("A") as a:
    Parameter("x")()
with Flow("B") as b:
    Parameter("y", default=1)()
"""

UNSTORABLE = """
from prefect import Flow
from prefect.storage import Local

class Broken(Local):
    def build(self):
        raise RuntimeError("no space")

both = Broken()
a = Flow("A", storage=both)
b = Flow("B", storage=both)
c = Flow("C")
"""


@pytest.fixture
def project(backend):
    return create_project(backend, "demo")


@pytest.fixture
def registered(backend):
    """The names and versions of what is registered and not archived."""
    return lambda: sorted((flow["name"], flow["version"]) for flow in backend.flows.all() if not flow["archived"])


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", text)


# ---- what is asked for -------------------------------------------------------------------------------------------------


def test_a_project_is_required(prefect):
    exit_code, stdout, stderr = prefect("register", "-p", "one.py")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("\nError: Missing required option '--project'.\n")


def test_a_project_that_does_not_exist_is_not_created(prefect, project, write, registered):
    write("one.py", ONE)

    assert prefect("register", "--project", "dem", "-p", "one.py") == (
        3,
        "",
        "Project 'dem' does not exist\nDid you mean 'demo'? To create it: prefect create project dem\n",
    )
    assert registered() == []


def test_a_path_at_which_there_is_nothing_is_named_before_the_project(prefect, backend, in_folder):
    assert prefect("register", "--project", "nope", "-p", "nope*.py") == (3, "", "Path 'nope*.py' doesn't exist\n")


@pytest.mark.parametrize("path", ["flow.py", "flows/etl"])
def test_a_path_as_a_word_gets_advice(prefect, path):
    exit_code, stdout, stderr = prefect("register", path)

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith(f"\nError: No such command '{path}'. To register a file: prefect register --path {path}\n")


def test_only_local_files_can_be_watched(prefect, project):
    exit_code, stdout, stderr = prefect("register", "--project", "demo", "--watch", "-j", "https://host/flows.json")

    assert (exit_code, stdout) == (2, "")
    assert "Error: --watch is not supported for remote paths such as 'https://host/flows.json'." in stderr


def test_what_is_watched_must_be_there_at_first(prefect, project, in_folder):
    def watch(*options: str):
        return prefect("register", "--project", "demo", "--watch", *options)

    assert watch("-p", "nope") == (3, "", "Path 'nope' doesn't exist\n")
    assert watch("-m", "nope") == (3, "", "No module named 'nope'\nA module that is watched needs a file.\n")
    assert prefect("register", "--project", "nope", "--watch").exit_code == 3


# ---- registering -------------------------------------------------------------------------------------------------------


def test_nothing_to_register_is_no_error(prefect, project, write):
    write("empty.py", "x = 1\n")
    expected = "Collecting flows...\n======================== 0 registered ========================\n"

    assert prefect("register", "--project", "demo") == (0, expected, "")
    assert prefect("register", "--project", "demo", "-p", "empty.py") == (0, expected, "")


def test_a_flow_of_a_file_is_registered(prefect, project, backend, write, in_folder):
    write("one.py", ONE)

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-p", "one.py")

    [flow] = backend.flows.all()
    assert (exit_code, stderr) == (0, "")
    assert stdout == (
        "Collecting flows...\n"
        "Processing 'one.py':\n"
        "  Building `Local` storage...\n"
        "  Registering 'one'... Done\n"
        f"  └── ID: {flow['id']}\n"
        "  └── Version: 1\n"
        "======================== 1 registered ========================\n"
    )
    assert flow["storage"]["flows"] == {"one": str(in_folder / "one.py")}
    assert flow["storage"]["stored_as_script"] is True
    assert flow["source"]["path"] == str(in_folder / "one.py")


def test_what_has_not_changed_is_skipped(prefect, project, write, registered):
    write("one.py", ONE)
    prefect("register", "--project", "demo", "-p", "one.py")

    assert prefect("register", "--project", "demo", "-p", "one.py") == (
        0,
        "Collecting flows...\n"
        "Processing 'one.py':\n"
        "  Building `Local` storage...\n"
        "  Registering 'one'... Skipped (metadata unchanged)\n"
        "================== 0 registered, 1 skipped ==================\n",
        "",
    )
    assert registered() == [("one", 1)]


def test_what_has_not_changed_can_be_registered_all_the_same(prefect, project, write, registered):
    write("one.py", ONE)
    prefect("register", "--project", "demo", "-p", "one.py")

    exit_code, stdout, _ = prefect("register", "--project", "demo", "-p", "one.py", "--force")

    assert (exit_code, registered()) == (0, [("one", 2)])
    assert without_ids(stdout).splitlines()[3:] == [
        "  Registering 'one'... Done",
        "  └── ID: <id>",
        "  └── Version: 2",
        "======================== 1 registered ========================",
    ]


def test_it_is_said_what_has_changed(prefect, project, write):
    write("one.py", ONE)
    prefect("register", "--project", "demo", "-p", "one.py")

    write("one.py", ONE.replace('print("hello")', 'print("bye")'))
    body = prefect("register", "--project", "demo", "-p", "one.py").stdout
    label = prefect("register", "--project", "demo", "-p", "one.py", "--label", "gpu").stdout

    assert "  └── Version: 2\n  └── Changed: source\n" in body
    assert "  └── Version: 3\n  └── Changed: run config\n" in label


def test_a_flow_of_a_module_is_registered(prefect, project, backend):
    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-m", "prefect.hello_world")

    [flow] = backend.flows.all()
    assert (exit_code, stderr) == (0, "")
    assert without_ids(stdout).splitlines()[1:4] == [
        "Processing 'prefect.hello_world':",
        "  Building `Module` storage...",
        "  Registering 'hello-world'... Done",
    ]
    assert flow["storage"]["module"] == "prefect.hello_world"
    assert flow["source"]["path"].endswith("hello_world.py")


def test_the_flows_of_a_folder_and_of_a_pattern_are_registered(prefect, project, write, registered):
    write("flows/a.py", ONE.replace("one", "a"))
    write("flows/deep/b.py", ONE.replace("one", "b"))
    write("flows/notes.txt", "no python")

    assert prefect("register", "--project", "demo", "-p", "flows").exit_code == 0
    assert registered() == [("a", 1)]
    assert prefect("register", "--project", "demo", "-p", "**/*.py", "-p", "flows/a.py").exit_code == 0
    assert registered() == [("a", 1), ("b", 1)]


def test_only_the_flows_of_a_name_are_registered(prefect, project, write, registered):
    write("two.py", TWO)

    assert prefect("register", "--project", "demo", "-p", "two.py", "-n", "B").exit_code == 0
    assert registered() == [("B", 1)]


def test_a_name_that_is_nowhere_ends_the_command(prefect, project, write, registered):
    write("two.py", TWO)

    assert prefect("register", "--project", "demo", "-p", "two.py", "-n", "B", "-n", "b", "-n", "AA") == (
        3,
        "Collecting flows...\n",
        "Failed to find the following flows:\n- AA\n- b\nDid you mean 'A'?\n",
    )
    assert registered() == []


def test_a_file_that_cannot_be_loaded_keeps_all_from_being_registered(prefect, project, write, registered, in_folder):
    write("a.py", ONE)
    write("b.py", "x = 1\nx / 0\n")

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-p", ".")

    assert (exit_code, stdout, registered()) == (1, "Collecting flows...\n", [])
    path = str(in_folder / "b.py")
    assert stderr.splitlines()[:3] == [
        f"{path!r} raised an error while it was loaded.",
        "  Traceback (most recent call last):",
        f'    File "{path}", line 2, in <module>',
    ]


def test_a_file_that_exits_cannot_be_loaded(prefect, project, write):
    write("one.py", "import sys\nsys.exit(3)\n")

    assert prefect("register", "--project", "demo", "-p", "one.py") == (
        1,
        "Collecting flows...\n",
        "'one.py' called sys.exit(3) while it was loaded.\n",
    )


def test_flows_that_cannot_be_stored_do_not_stop_the_others(prefect, project, write, registered, in_folder):
    write("f.py", UNSTORABLE)

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-p", "f.py")

    assert (exit_code, registered()) == (1, [("C", 1)])
    assert without_ids(stdout) == (
        "Collecting flows...\n"
        "Processing 'f.py':\n"
        "  Building `Broken` storage...\n"
        "  Registering 'A'... Error\n"
        "  Registering 'B'... Error\n"
        "  Building `Local` storage...\n"
        "  Registering 'C'... Done\n"
        "  └── ID: <id>\n"
        "  └── Version: 1\n"
        "================== 1 registered, 2 errored ==================\n"
    )
    assert stderr == (
        "    Error building storage:\n"
        "      Traceback (most recent call last):\n"
        f'        File "{in_folder}/f.py", line 7, in build\n'
        '          raise RuntimeError("no space")\n'
        "      RuntimeError: no space\n"
    )


@pytest.mark.filterwarnings("default")
def test_what_a_storage_warns_of_is_told_without_its_lines(prefect, project, write, registered):
    write(
        "f.py",
        "from datetime import timedelta\nfrom prefect import Flow, task\nfrom prefect.storage import Module\n"
        "@task(cache_for=timedelta(hours=1))\ndef one():\n    return 1\n"
        "with Flow('f', storage=Module('f')) as f:\n    one()\n",
    )

    exit_code, _, stderr = prefect("register", "--project", "demo", "-p", "f.py")

    assert (exit_code, registered()) == (0, [("f", 1)])
    assert stderr == (
        "    Warning: The task 'one' of the flow 'f' is cached, but has no result that stores its value."
        " Give the tasks or the flow a result, such as LocalResult().\n"
    )


def test_a_flow_that_cannot_be_pickled_is_told_without_the_frames_of_packages(prefect, project, write):
    write(
        "f.py",
        "from prefect import Flow, task\nfrom prefect.storage import Local\nlock = __import__('threading').Lock()\n"
        "@task\ndef hold():\n    print(lock)\nwith Flow('f', storage=Local()) as f:\n    hold()\n",
    )

    exit_code, _, stderr = prefect("register", "--project", "demo", "-p", "f.py")

    assert (exit_code, stderr) == (
        1,
        "    Error building storage:\n      TypeError: cannot pickle '_thread.lock' object\n",
    )


def test_a_flow_that_is_refused_does_not_stop_the_others(prefect, project, write, registered):
    write("f.py", "from prefect import Flow\na = Flow('ok')\nb = Flow('bad')\nb.schedule = object()\n")

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-p", "f.py")

    assert (exit_code, registered()) == (1, [("ok", 1)])
    assert "  Registering 'bad'... Error\n" in stdout
    assert stderr.startswith("    Error registering 'bad':\n      ")


def test_a_schedule_makes_runs_unless_it_is_not_to(prefect, project, write, backend):
    write(
        "f.py",
        "from datetime import timedelta\nfrom prefect import Flow\nfrom prefect.schedules import IntervalSchedule\n"
        "flow = Flow('f', schedule=IntervalSchedule(interval=timedelta(days=1)))\n",
    )

    prefect("register", "--project", "demo", "-p", "f.py", "--no-schedule")
    assert [flow["is_schedule_active"] for flow in backend.flows.all()] == [False]
    assert list(backend.runs.newest()) == []

    prefect("register", "--project", "demo", "-p", "f.py", "--force")
    [flow] = [flow for flow in backend.flows.all() if not flow["archived"]]
    assert flow["is_schedule_active"] is True
    assert list(backend.runs.newest()) != []


# ---- JSON --------------------------------------------------------------------------------------------------------------


def test_what_was_built_is_registered_without_building(prefect, project, write, backend):
    write("one.py", ONE)
    prefect("build", "-p", "one.py")

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "--json", "flows.json", "-l", "gpu")

    [flow] = backend.flows.all()
    assert (exit_code, stderr) == (0, "")
    assert without_ids(stdout) == (
        "Collecting flows...\n"
        "Processing 'flows.json':\n"
        "  Registering 'one'... Done\n"
        "  └── ID: <id>\n"
        "  └── Version: 1\n"
        "======================== 1 registered ========================\n"
    )
    assert flow["run_config"]["labels"] == sorted(["gpu", os.uname().nodename])


def test_a_file_and_its_json_are_the_same_flow(prefect, project, write, registered):
    write("one.py", ONE)
    prefect("build", "-p", "one.py")
    prefect("register", "--project", "demo", "-p", "one.py")

    assert "1 skipped" in prefect("register", "--project", "demo", "-j", "flows.json").stdout
    assert registered() == [("one", 1)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "{",
            "'f.json' is not a valid Prefect flows `json` file.\nFiles of this kind are written by 'prefect build'.\n",
        ),
        (
            '{"flows": [{}], "version": 1}',
            "'f.json' is not a valid Prefect flows `json` file.\nFiles of this kind are written by 'prefect build'.\n",
        ),
        ('{"flows": [], "version": 2}', "'f.json' is version 2, only version 1 is supported\n"),
    ],
)
def test_a_json_file_that_holds_something_else(prefect, project, write, content, message):
    write("f.json", content)

    assert prefect("register", "--project", "demo", "-j", "f.json") == (1, "Collecting flows...\n", message)


def test_a_json_file_that_is_missing(prefect, project, in_folder):
    assert prefect("register", "--project", "demo", "-j", "f.json") == (
        3,
        "Collecting flows...\n",
        "Path 'f.json' doesn't exist\n",
    )


def test_a_flow_of_a_json_file_that_describes_none_does_not_stop_the_others(prefect, project, write, registered):
    good = {"name": "good", "type": "prefect.core.flow.Flow"}
    write("f.json", json.dumps({"flows": [{"name": "bad", "tasks": 5}, good], "version": 1}))

    exit_code, stdout, stderr = prefect("register", "--project", "demo", "-j", "f.json")

    assert (exit_code, registered()) == (1, [("good", 1)])
    assert "  Registering 'bad'... Error\n" in stdout
    assert stderr.startswith(
        "    Error registering 'bad':\n      The flow 'bad' could not be read again from its JSON form: "
    )
