"""``prefect.tasks`` gives its families as attributes. Source: core.md §1.2."""

from __future__ import annotations

import subprocess
import sys

import pytest

import prefect.tasks


@pytest.mark.parametrize(
    "path", ["control_flow.case", "core.constants.Constant", "core.operators.GetItem", "core.resource_manager"]
)
def test_families_are_attributes_after_a_bare_import(path):
    result = subprocess.run(
        [sys.executable, "-c", f"import prefect; print(prefect.tasks.{path})"], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_operators_and_control_flow_wait_until_they_are_used():
    code = (
        "import sys; from prefect import Flow, task;"
        " print([m for m in sys.modules if m.startswith('prefect.tasks.') and m.count('.') > 2])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "['prefect.tasks.core.constants', 'prefect.tasks.core.function']\n"


def test_other_families_are_there_only_when_they_are_imported():
    code = (
        "import prefect; print([hasattr(prefect.tasks, name) for name in ('aws', 'templates')])\n"
        "import prefect.tasks.aws, prefect.tasks.templates; print(prefect.tasks.aws.S3List.__name__)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("[False, False]\nS3List\n", "")


def test_an_unknown_family_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'prefect\.tasks' has no attribute 'blockchain'"):
        prefect.tasks.blockchain  # noqa: B018


def test_an_unknown_core_module_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'prefect\.tasks\.core' has no attribute 'magic'"):
        prefect.tasks.core.magic  # noqa: B018


def test_dir_lists_the_families():
    assert {"control_flow", "core", "shell"} <= set(dir(prefect.tasks))
    assert {"collections", "constants", "function", "operators", "resource_manager"} <= set(dir(prefect.tasks.core))
