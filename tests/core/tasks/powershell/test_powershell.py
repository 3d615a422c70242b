"""``PowershellTask`` runs commands in PowerShell. Source: core.md §21.1.

The program ``pwsh`` is a stand-in here, which says what it was called with and lets a shell run the script.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import prefect.tasks.powershell
from prefect.engine import signals
from prefect.tasks.powershell.powershell import PowershellTask

PWSH = """\
#!/bin/sh
echo "$# argument: $1"
exec sh "$1"
"""


@pytest.fixture(autouse=True)
def pwsh(tmp_path, monkeypatch):
    program = tmp_path / "pwsh"
    program.write_text(PWSH)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_the_script_is_a_file_that_ends_with_ps1_and_is_gone_afterwards():
    first, *others = PowershellTask(return_all=True, helper_script="x=1", env={"A": "2"}).run(command="echo $x $A")

    path = Path(first.removeprefix("1 argument: "))
    assert (path.suffix, path.exists(), others) == (".ps1", False, ["1 2"])


def test_the_last_line_is_returned():
    assert PowershellTask(command="echo one; echo two").run() == "two"


def test_the_script_of_a_command_that_fails_is_gone_too(logged):
    with pytest.raises(signals.FAIL, match=r"^Command failed with exit code 3$") as info:
        PowershellTask(return_all=True).run(command="echo one; exit 3")

    first, *others = info.value.state.result
    assert (Path(first.removeprefix("1 argument: ")).exists(), others) == (False, ["one"])
    assert logged == [("ERROR", "Command failed with exit code 3")]


def test_a_task_without_a_command_is_refused_when_it_runs():
    with pytest.raises(TypeError, match=r"^PowershellTask has no command to run."):
        PowershellTask().run()


def test_a_name_that_is_no_level_is_refused():
    with pytest.raises(TypeError, match=r"^`stream_output` is 'LOUD'"):
        PowershellTask(stream_output="LOUD")


def test_the_package_exports_nothing():
    assert not hasattr(prefect.tasks.powershell, "PowershellTask")
