"""``prefect build``."""

from __future__ import annotations

import json

import pytest

SEVERAL = """
from prefect import Flow
from prefect.storage import Module

class Broken(Module):
    def build(self):
        raise RuntimeError("no space")

flows = b, a = Flow("B"), Flow("A")
c = Flow("C", storage=Broken("m"))
"""


@pytest.fixture(autouse=True)
def home(backend):
    """A home of its own, where storage may make its folders."""


@pytest.fixture
def one(write):
    write("one.py", "from prefect import Flow\nflow = Flow('one')\n")


def built(folder, name="flows.json"):
    return [flow["name"] for flow in json.loads((folder / name).read_text())["flows"]]


def test_flows_are_stored_and_written(prefect, one, in_folder):
    assert prefect("build", "-p", "one.py") == (
        0,
        "Collecting flows...\n"
        "Processing 'one.py':\n"
        "  Building `Local` storage...\n"
        "  Building 'one'... Done\n"
        "Writing output to 'flows.json'\n"
        "========================== 1 built ==========================\n",
        "",
    )
    text = (in_folder / "flows.json").read_text()
    assert text == json.dumps(json.loads(text), sort_keys=True)
    assert json.loads(text)["version"] == 1
    assert built(in_folder) == ["one"]


def test_nothing_to_build_writes_an_empty_list(prefect, in_folder):
    assert prefect("build") == (
        0,
        "Collecting flows...\nWriting output to 'flows.json'\n========================== 0 built ==========================\n",
        "",
    )
    assert (in_folder / "flows.json").read_text() == '{"flows": [], "version": 1}'


def test_flows_are_written_by_name_without_those_that_cannot_be_stored(prefect, write, in_folder):
    write("f.py", SEVERAL)

    exit_code, stdout, stderr = prefect("build", "-p", "f.py", "-o", "out.json")

    assert (exit_code, built(in_folder, "out.json")) == (1, ["A", "B"])
    assert "  Building `Broken` storage...\n  Building 'C'... Error\nWriting output to 'out.json'\n" in stdout
    assert stdout.endswith("===================== 2 built, 1 errored =====================\n")
    assert stderr.startswith("    Error building storage:\n      Traceback")


def test_a_file_is_replaced_or_updated(prefect, one, in_folder):
    prefect("build", "-m", "prefect.hello_world")

    assert prefect("build", "-p", "one.py", "--update").exit_code == 0
    assert built(in_folder) == ["hello-world", "one"]
    assert prefect("build", "-p", "one.py").exit_code == 0
    assert built(in_folder) == ["one"]


def test_a_file_may_be_updated_that_does_not_exist(prefect, one, in_folder):
    assert prefect("build", "-p", "one.py", "-u").exit_code == 0
    assert built(in_folder) == ["one"]


def test_what_cannot_be_loaded_leaves_the_file_as_it_is(prefect, one, write, in_folder):
    prefect("build", "-p", "one.py")
    write("bad.py", "1 / 0\n")

    exit_code, stdout, _ = prefect("build", "-p", "bad.py", "-p", "one.py")

    assert (exit_code, stdout, built(in_folder)) == (1, "Collecting flows...\n", ["one"])


def test_a_file_that_cannot_be_written_is_named(prefect, one):
    exit_code, _, stderr = prefect("build", "-p", "one.py", "-o", "missing/flows.json")

    assert (exit_code, stderr) == (1, "Cannot write 'missing/flows.json': No such file or directory.\n")


def test_labels_are_added_to_those_of_the_flows(prefect, in_folder):
    prefect("build", "-m", "prefect.hello_world", "-l", "b", "-l", "a")

    [flow] = json.loads((in_folder / "flows.json").read_text())["flows"]
    assert flow["run_config"]["labels"] == ["a", "b"]
