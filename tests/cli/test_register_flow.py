"""``prefect register flow``, which is deprecated."""

from __future__ import annotations

import os

import pytest

from prefect.orchestration.projects import create_project

NOTICE = "Warning: `prefect register flow` is deprecated, use `prefect register` instead.\n"


@pytest.fixture
def two(backend, write):
    create_project(backend, "demo")
    write("two.py", "from prefect import Flow\na = Flow('A')\nb = Flow('B')\n")


def flows(backend):
    return sorted((flow["name"], flow["version"]) for flow in backend.flows.all())


def test_the_first_flow_of_a_file_is_registered(prefect, two, backend):
    exit_code, stdout, stderr = prefect("register", "flow", "--file", "two.py", "--project", "demo", "--label", "gpu")

    [flow] = backend.flows.all()
    assert (exit_code, stderr) == (0, NOTICE)
    assert stdout == (
        f"Flow URL: http://localhost:8080/default/flow/{flow['flow_group_id']}\n"
        f" └── ID: {flow['id']}\n"
        " └── Project: demo\n"
        f" └── Labels: {sorted(['gpu', os.uname().nodename])}\n"
    )
    assert flow["name"] == "A"


def test_a_flow_is_chosen_by_name(prefect, two, backend):
    assert prefect("register", "flow", "-f", "two.py", "-p", "demo", "-n", "B").exit_code == 0
    assert flows(backend) == [("B", 1)]


def test_a_name_that_is_not_in_the_file(prefect, two, backend):
    assert prefect("register", "flow", "-f", "two.py", "-p", "demo", "-n", "b") == (
        3,
        "",
        f"{NOTICE}Flow 'b' not found in file. Found flows:\n- A\n- B\n",
    )


def test_a_project_that_does_not_exist(prefect, two, backend):
    assert prefect("register", "flow", "-f", "two.py", "-p", "demos") == (
        3,
        "",
        f"{NOTICE}Project 'demos' does not exist\nDid you mean 'demo'? To create it: prefect create project demos\n",
    )


def test_each_time_makes_a_version_unless_what_is_unchanged_is_to_be_skipped(prefect, two, backend, write):
    def register(*options: str) -> list[tuple[str, int]]:
        assert prefect("register", "flow", "-f", "two.py", "-p", "demo", *options).exit_code == 0
        return flows(backend)

    assert register() == [("A", 1)]
    assert register() == [("A", 1), ("A", 2)]
    assert register("--skip-if-flow-metadata-unchanged") == [("A", 1), ("A", 2), ("A", 3)]
    assert register("--skip-if-flow-metadata-unchanged") == [("A", 1), ("A", 2), ("A", 3)]
    write("two.py", "from prefect import Flow\na = Flow('A')  # changed\n")
    assert len(register("--skip-if-flow-metadata-unchanged")) == 4


@pytest.mark.parametrize("options", [["-p", "demo"], ["-f", "missing.py", "-p", "demo"], ["-f", "two.py"]])
def test_a_file_and_a_project_are_required(prefect, two, options):
    assert prefect("register", "flow", *options).exit_code == 2


def test_what_the_users_storage_raises_is_shown_with_its_traceback(prefect, two, write):
    write(
        "full.py",
        "from prefect import Flow\n"
        "from prefect.storage import Local\n"
        "class Full(Local):\n"
        "    def build(self):\n"
        "        raise RuntimeError('no room')\n"
        "flow = Flow('full', storage=Full())\n",
    )

    exit_code, stdout, stderr = prefect("register", "flow", "-f", "full.py", "-p", "demo")

    assert (exit_code, stdout) == (1, "")
    assert stderr.startswith(f"{NOTICE}Error registering 'full':\n  Traceback (most recent call last):\n")
    assert stderr.endswith("RuntimeError: no room\n")


def test_options_go_after_the_word(prefect, two):
    exit_code, stdout, stderr = prefect("register", "--project", "demo", "flow", "-f", "two.py")

    assert (exit_code, stdout) == (2, "")
    assert stderr.endswith("Error: Got unexpected extra argument (flow). Options go after the word 'flow'.\n")
