"""The task library has the names of 1.x, with their arguments, whether or not they do something yet.

``recorded/task_library.json`` says what 1.4.1 has; ``record.py`` wrote it. Source: core.md §21.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
from pathlib import Path

import pytest

import prefect.tasks

HERE = Path(__file__).parent
#: Modules that 1.x does not have.
OURS = {"prefect.tasks.outside"}
#: Modules without a public name of their own, which importing gives nothing.
WITHOUT_NAMES = {"prefect.tasks.core", "prefect.tasks.powershell"}
#: What 1.x asks for, and is not needed here.
MORE_OPTIONAL = {"prefect.tasks.prefect.flow_run_rename.RenameFlowRun"}

specification = importlib.util.spec_from_file_location("task_library_record", HERE / "record.py")
record = importlib.util.module_from_spec(specification)
specification.loader.exec_module(record)
RECORDED = json.loads(record.RECORDED.read_text(encoding="utf-8"))


def modules_here():
    return {module.name for module in pkgutil.walk_packages(prefect.tasks.__path__, "prefect.tasks.")}


@pytest.mark.parametrize("name", RECORDED["modules"])
def test_a_module_of_1x_has_the_names_of_1x(name):
    module = importlib.import_module(name)

    assert [missing for missing in RECORDED["modules"][name] if not hasattr(module, missing)] == []


@pytest.mark.parametrize("path", sorted(RECORDED["signatures"].keys() - MORE_OPTIONAL))
def test_what_a_module_defines_takes_the_arguments_of_1x(path):
    module, _, name = path.rpartition(".")
    expected = RECORDED["signatures"][path]

    found = record.signatures_of(getattr(importlib.import_module(module), name))

    if expected.get("init", "").endswith("*args, **kwargs)"):
        # It hands all it gets on to `Task`, whose arguments stand here by name.
        del expected["init"], found["init"]
    assert found == expected


def test_there_are_no_other_modules():
    assert modules_here() - OURS - WITHOUT_NAMES == set(RECORDED["modules"])
