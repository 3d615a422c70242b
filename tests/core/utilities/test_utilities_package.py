"""Sub-modules of ``prefect.utilities`` are there without importing them. Source: core.md §1.2."""

from __future__ import annotations

import subprocess
import sys

import pytest

import prefect


@pytest.mark.parametrize(
    "name",
    "agent backend collections configuration context datetimes diagnostics edges executors filesystems git graphql"
    " importtools logging notifications plugins serialization storage tasks".split(),
)
def test_a_module_is_reached_as_an_attribute(name: str):
    assert getattr(prefect.utilities, name).__name__ == f"prefect.utilities.{name}"
    assert name in dir(prefect.utilities)


def test_other_names_do_not_exist():
    with pytest.raises(AttributeError, match=r"module 'prefect\.utilities' has no attribute 'nope'"):
        _ = prefect.utilities.nope


def test_importing_the_package_loads_none_of_them():
    script = (
        "import sys, prefect.utilities; print([name for name in sys.modules if name.startswith('prefect.utilities.')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
