"""The wheel holds every module, says its licence, and binds its dependencies."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

import prefect

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
FOLDERS = {"core": "prefect", "cli": "prefect.cli", "storage": "prefect.storage"}
REQUIREMENT = re.compile(r"(?P<name>[\w-]+)(\[\w+\])?(?P<bounds>[^;]*)(?P<marker>;.*)?")


def modules_on_disk() -> dict[str, Path]:
    modules = {}
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            modules[".".join([package, *(part for part in parts if part != "__init__")])] = path
    return modules


def packages_on_disk() -> list[str]:
    names = set()
    for folder, package in FOLDERS.items():
        for path in (ROOT / folder).rglob("*.py"):
            names.add(".".join([package, *path.parent.relative_to(ROOT / folder).parts]))
    return sorted(names)


def test_every_package_on_disk_is_listed_in_pyproject():
    assert PYPROJECT["tool"]["setuptools"]["packages"] == packages_on_disk()


def test_every_folder_of_modules_is_a_package():
    modules = modules_on_disk()

    assert [name for name in packages_on_disk() if modules.get(name, Path()).name != "__init__.py"] == []


def test_what_is_installed_is_what_is_on_disk():
    package = Path(prefect.__file__).parent
    installed = {
        (Path(folder) / file).relative_to(package).as_posix()
        for folder, _, files in os.walk(package, followlinks=True)
        for file in files
        if file.endswith(".py")
    }
    on_disk = {
        path.relative_to(ROOT / "core" if folder == "core" else ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
    }

    assert installed == on_disk


def test_type_checkers_may_use_our_annotations():
    assert (Path(prefect.__file__).parent / "py.typed").is_file()


def test_the_licence_is_stated_and_shipped():
    assert PROJECT["license"] == "Apache-2.0"
    assert PROJECT["license-files"] == ["LICENSE"]
    assert "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()


def test_the_version_is_stated_once():
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", prefect.__version__)


def test_the_changelog_has_an_entry_for_this_version():
    assert f"## {prefect.__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("requirement", PROJECT["dependencies"])
def test_base_dependency_has_a_lower_and_an_upper_bound(requirement):
    bounds = REQUIREMENT.fullmatch(requirement)["bounds"]

    assert re.fullmatch(r">=[\d.]+,<\d+", bounds)


def extras() -> list[str]:
    named = PROJECT["optional-dependencies"]
    return [requirement for extra, listed in named.items() if extra != "dev" for requirement in listed]


@pytest.mark.parametrize("requirement", [*PROJECT["dependencies"], *extras()])
def test_dependency_has_its_reason_in_the_decisions(requirement):
    reasons = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()

    assert f"| `{REQUIREMENT.match(requirement)['name']}` |" in reasons
