"""``docs/task-library.md`` lists every task of 1.x with its state here."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from pathlib import Path

import pytest

from prefect.tasks.core.function import FunctionTask
from prefect.tasks.outside import OutsideTask, extra_of

PAGE = (Path(__file__).parents[3] / "docs" / "task-library.md").read_text(encoding="utf-8")
RECORDED = json.loads((Path(__file__).parent / "recorded" / "task_library.json").read_text(encoding="utf-8"))
#: No tasks for flows: bases of others, and a task that its module adds by itself.
NOT_FOR_FLOWS = {"CompareValue", "GCSBaseTask", "Merge"}

WORKING, COMING = PAGE.split("## What can be part of a flow")
ROW = re.compile(r"^\| `(?P<module>prefect\.tasks\.[\w.]+)` \| (?P<names>`.+?) \| (?P<last>.+) \|$", re.MULTILINE)


def rows(part):
    """Module, names, and the last column of each row."""
    return [(row["module"], re.findall(r"`(\w+)`", row["names"]), row["last"]) for row in ROW.finditer(part)]


def is_outside(value):
    """Whether a task or class cannot run yet."""
    if isinstance(value, FunctionTask):
        return inspect.unwrap(value.run).__module__ == "prefect.tasks.outside"
    return inspect.isclass(value) and issubclass(value, OutsideTask)


def source_of(value):
    """Text of the module that a task, class or function is in."""
    defined = inspect.unwrap(value.run) if isinstance(value, FunctionTask) else value
    return Path(inspect.getsourcefile(defined)).read_text(encoding="utf-8")


def listed(part):
    return sorted((module, name) for module, names, _ in rows(part) for name in names)


def test_every_task_of_1x_is_on_the_page_once():
    tasks = {
        path.rpartition(".")[2] for path, told in RECORDED["signatures"].items() if "init" in told or "task" in told
    }
    names = [name for _, name in listed(PAGE)]

    assert sorted(tasks - NOT_FOR_FLOWS - set(names)) == []
    assert sorted(name for name in names if names.count(name) > 1) == []


@pytest.mark.parametrize(("module", "name"), listed(PAGE))
def test_what_is_on_the_page_can_be_imported_from_where_it_says(module, name):
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name"), listed(WORKING))
def test_what_the_page_says_works_is_no_mere_name(module, name):
    assert not is_outside(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize(("module", "name"), listed(COMING))
def test_what_the_page_says_is_to_come_cannot_run_yet(module, name):
    assert is_outside(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize(("module", "extra"), [(module, last) for module, _, last in rows(COMING)])
def test_the_page_names_the_extra_that_the_task_names(module, extra):
    assert extra == f"`[{extra_of(module)}]`"


@pytest.mark.parametrize(("module", "names", "last"), rows(WORKING))
def test_the_page_names_the_extras_that_tasks_need(module, names, last):
    values = [getattr(importlib.import_module(module), name) for name in names]
    needed = {extra for value in values for extra in re.findall(r'\bextra="(\w+)"', source_of(value))}

    assert set(re.findall(r"`\[(\w+)\]`", last)) == needed


def test_families_are_in_order():
    modules = [module for module, _, _ in rows(COMING)]

    assert modules == sorted(modules)
