"""Flows in files of one machine: core.md §16.2 and §16.6."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import sys
from pathlib import Path

import pytest

from prefect import Flow, task
from prefect.engine.results import LocalResult, PrefectResult
from prefect.exceptions import FlowStorageError
from prefect.storage import Local
from prefect.utilities.configuration import set_temporary_config

SCRIPT = "from prefect import Flow\nfirst = Flow('first')\nsecond = Flow('second')\n"


@task
def one():
    return 1


def runnable(name="My Flow!"):
    with Flow(name) as flow:
        one()
    return flow


@pytest.fixture
def home(tmp_path):
    with set_temporary_config({"home_dir": str(tmp_path / "home")}):
        yield tmp_path / "home"


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    return path


def test_flows_are_in_the_home_by_default(home):
    assert Local().directory == str(home / "flows")
    assert (home / "flows").is_dir()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_the_folder_is_made_absolute_and_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))

    assert Local(directory="flows").directory == str(tmp_path / "flows")
    assert Local(directory="~/flows").directory == str(tmp_path / "user" / "flows")
    assert (tmp_path / "flows").is_dir()


def test_the_folder_is_left_alone_when_told_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert Local(directory="flows", validate=False).directory == "flows"
    assert not (tmp_path / "flows").exists()


def test_the_name_of_the_machine_is_a_label(tmp_path):
    assert Local(directory=tmp_path, labels=["a"]).labels == ["a", socket.gethostname()]


def test_values_are_stored_beside_the_flows(tmp_path):
    assert Local(directory=tmp_path).result == LocalResult(tmp_path)


def test_without_a_folder_values_are_stored_with_other_results(home):
    assert Local().result.dir == str(home / "results")


def test_a_result_of_the_users_own_stays(tmp_path):
    assert Local(directory=tmp_path, result=PrefectResult()).result == PrefectResult()


def test_a_flow_is_pickled_when_it_is_added(tmp_path):
    storage = Local(directory=tmp_path)

    location = storage.add_flow(runnable())

    assert re.fullmatch(r"my-flow/\d{4}-\d\d-\d\dt\d\d-\d\d-\d\d-\d{6}-00-00", os.path.relpath(location, tmp_path))
    assert json.loads(Path(location).read_text()).keys() == {"flow", "versions"}
    assert storage.get_flow("My Flow!").run().is_successful()


def test_a_pickled_flow_knows_its_storage(tmp_path):
    flow = runnable()
    flow.storage = Local(directory=tmp_path, secrets=["TOKEN"])
    flow.storage.add_flow(flow)

    assert flow.storage.get_flow(flow.name).storage.secrets == ["TOKEN"]


def test_a_flow_may_have_a_file_of_its_own(tmp_path):
    path = tmp_path / "folder" / "mine.prefect"
    storage = Local(directory=tmp_path, path=path)

    assert storage.add_flow(runnable()) == str(path)
    assert storage.get_flow("My Flow!").run().is_successful()


def test_a_file_in_the_present_folder_is_enough(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    storage = Local(directory=tmp_path, path="mine.prefect")

    assert storage.add_flow(runnable()) == "mine.prefect"
    assert storage.get_flow("My Flow!").name == "My Flow!"


def test_a_second_flow_of_a_name_is_not_written(tmp_path):
    storage = Local(directory=tmp_path, path=tmp_path / "mine.prefect")
    storage.add_flow(runnable())
    before = (tmp_path / "mine.prefect").read_bytes()

    with pytest.raises(ValueError, match=r"^Name conflict"):
        storage.add_flow(runnable())

    assert (tmp_path / "mine.prefect").read_bytes() == before


def test_pickles_in_the_home_are_private(home):
    location = Local().add_flow(runnable())

    assert stat.S_IMODE(os.stat(location).st_mode) == 0o600


def test_a_damaged_pickle_is_an_error_of_storage(tmp_path):
    storage = Local(directory=tmp_path, path=tmp_path / "mine.prefect")
    storage.add_flow(runnable())
    (tmp_path / "mine.prefect").write_bytes(b"nothing")

    with pytest.raises(FlowStorageError, match="cannot be unpickled"):
        storage.get_flow("My Flow!")


def test_of_a_script_only_the_path_is_noted(script):
    storage = Local(path=script, stored_as_script=True)

    assert storage.add_flow(Flow("second")) == str(script)
    assert storage.get_flow("second") == Flow("second")


def test_a_script_needs_a_path():
    with pytest.raises(ValueError) as caught:
        Local(stored_as_script=True).add_flow(Flow("f"))

    assert str(caught.value) == ("<Storage: Local> does not say where the code of the flow 'f' is. Provide `path`.")


def test_a_script_may_be_in_the_users_home(script, monkeypatch):
    monkeypatch.setenv("HOME", str(script.parent))
    storage = Local(path="~/script.py", stored_as_script=True)
    storage.add_flow(Flow("first"))

    assert storage.get_flow("first") == Flow("first")
    assert storage.source_file == str(script)


def test_a_script_without_the_flow_is_refused(script):
    storage = Local(path=script, stored_as_script=True)
    storage.add_flow(Flow("third"))

    with pytest.raises(ValueError, match="Flow 'third' not found in"):
        storage.get_flow("third")


def missing(path):
    storage = Local(path=path, stored_as_script=True)
    storage.add_flow(Flow("f"))
    with pytest.raises(FlowStorageError) as caught:
        storage.get_flow("f")
    return str(caught.value)


def test_a_script_that_does_not_exist_is_an_error_of_storage():
    assert missing("/nowhere/script.py") == (
        "The file '/nowhere/script.py' of the flow 'f' does not exist on this machine."
        " Register the flow again from where its file is now."
    )


@pytest.mark.parametrize("path", ["script.py", "folder/script", "mine.prefect"])
def test_a_script_with_a_relative_path_is_looked_for_where_the_run_is(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert missing(path) == (
        f"The file {path!r} of the flow 'f' does not exist in {tmp_path}, where the run is executed. Register the flow with the"
        " absolute path of its file, or with the folder as `working_dir` of a LocalRun."
    )


def test_a_path_that_is_neither_file_nor_module_is_said(home):
    storage = Local(path="no_such_module_of_flows", stored_as_script=True)
    storage.add_flow(Flow("f"))

    with pytest.raises(
        ModuleNotFoundError, match=r"^The module 'no_such_module_of_flows' of the flow 'f' cannot be imported"
    ):
        storage.get_flow("f")


def test_a_path_may_be_that_of_a_module(tmp_path, monkeypatch):
    (tmp_path / "local_storage_module.py").write_text(SCRIPT)
    monkeypatch.syspath_prepend(tmp_path)
    storage = Local(path="local_storage_module", stored_as_script=True)
    storage.add_flow(Flow("second"))

    assert storage.get_flow("second") is sys.modules["local_storage_module"].second
    assert storage.source_file == str(tmp_path / "local_storage_module.py")


def test_the_source_of_a_script_is_the_script_and_that_of_a_pickle_is_unknown(script, tmp_path):
    assert Local(path=script, stored_as_script=True).source_file == str(script)
    assert Local(directory=tmp_path).source_file is None
    assert Local(directory=tmp_path, path=script).source_file is None
