"""Names of classes and functions. Source: core.md §19; DESIGN decision 13."""

from __future__ import annotations

import sys

import pytest

import prefect
from prefect.parameter import DateTimeParameter
from prefect.utilities.serialization import from_qualified_name, to_qualified_name


class Outer:
    class Inner:
        def method(self) -> None: ...


def test_a_name_says_module_and_nesting():
    assert to_qualified_name(Outer.Inner.method) == f"{__name__}.Outer.Inner.method"
    assert to_qualified_name(len) == "builtins.len"


@pytest.mark.parametrize(
    ("obj", "name"),
    [
        (prefect.Flow, "prefect.core.flow.Flow"),
        (prefect.Task, "prefect.core.task.Task"),
        (prefect.Parameter, "prefect.core.parameter.Parameter"),
        (DateTimeParameter, "prefect.core.parameter.DateTimeParameter"),
        (prefect.triggers.all_finished, "prefect.triggers.all_finished"),
        (prefect.storage.GitHub, "prefect.storage.github.GitHub"),
        (prefect.storage.Local, "prefect.storage.local.Local"),
        (prefect.executors.LocalDaskExecutor, "prefect.executors.dask.LocalDaskExecutor"),
        (prefect.run_configs.UniversalRun, "prefect.run_configs.base.UniversalRun"),
    ],
)
def test_names_of_this_package_are_those_of_1x_and_lead_back(obj: object, name: str):
    assert to_qualified_name(obj) == name
    assert from_qualified_name(name) is obj


def test_something_without_a_name_has_none():
    with pytest.raises(AttributeError):
        to_qualified_name(3)


def test_a_name_leads_to_its_object():
    assert from_qualified_name("builtins.len") is len
    assert from_qualified_name("os.path").__name__ in ("posixpath", "ntpath")


@pytest.mark.parametrize("name", ["no_such_module.x", "os.nope", "prefect.nope", "len", ""])
def test_a_name_that_leads_nowhere_is_refused(name: str):
    with pytest.raises(ValueError) as caught:
        from_qualified_name(name)
    assert str(caught.value) == f"Could not load {name!r}. Import the module that defines it first."


def test_a_name_imports_no_foreign_module():
    sys.modules.pop("antigravity", None)

    with pytest.raises(ValueError):
        from_qualified_name("antigravity.geohash")
    assert "antigravity" not in sys.modules
