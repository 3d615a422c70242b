"""Imports point one way: cli → core → storage; and inside core as the design says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import prefect

ROOT = Path(__file__).parent.parent
FOLDERS = {"cli": "prefect.cli", "core": "prefect", "storage": "prefect.storage"}

#: A package of the right may be imported only by the packages of the left that stand above it.
BACKEND_RANK = {
    "prefect.server": 3,
    "prefect.agent": 3,
    "prefect.backend": 3,
    "prefect.client": 2,
    "prefect.orchestration": 1,
    "prefect.storage.state": 0,
}
#: What executes a flow; it reports to an observer and knows neither client nor store.
ENGINE = ("prefect.engine", "prefect.executors")
#: The 1.x name of what executes runs of a backend: an alias, which nothing of the engine imports.
ALIAS = "prefect.engine.cloud"


class Import(NamedTuple):
    """One imported name: where it stands, who imports, what."""

    place: str
    module: str
    name: str


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def imports_of(path: Path, module: str) -> list[Import]:
    """All imports of a file, at its top or inside functions, relative ones spelled with leading dots."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            names = [_resolve(origin, alias.name) for alias in node.names]
        else:
            continue
        place = f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name}:{node.lineno}"
        found += [Import(place, module, name) for name in names]
    return found


def _resolve(origin: str, name: str) -> str:
    if origin == "prefect" and name in prefect._PUBLIC:
        return f"{prefect._PUBLIC[name]}.{name}"
    return f"{origin}.{name}"


def project_imports() -> list[Import]:
    found = []
    for folder, package in FOLDERS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            module = ".".join([package, *(part for part in parts if part != "__init__")])
            found += imports_of(path, module)
    return found


def upward(found: Import) -> bool:
    """Core or flow code's storage imports cli, or the state store imports anything of the project but itself."""
    if within(found.module, "prefect.cli") or found.module == "prefect.__main__":
        return False
    if within(found.module, "prefect.storage.state"):
        return within(found.name, "prefect") and not within(found.name, "prefect.storage.state")
    return within(found.name, "prefect.cli")


def against_backend_order(found: Import) -> bool:
    """A lower layer of the backend imports a higher one."""
    ranks = [rank for package, rank in BACKEND_RANK.items() if within(found.module, package)]
    imported = [rank for package, rank in BACKEND_RANK.items() if within(found.name, package)]
    return bool(ranks and imported) and imported[0] > ranks[0]


def engine_knows_backend(found: Import) -> bool:
    """The engine imports a layer of the backend, or where things are kept."""
    if found.module == ALIAS or not any(within(found.module, package) for package in ENGINE):
        return False
    return any(within(found.name, package) for package in (ALIAS, "prefect.storage", *BACKEND_RANK))


def folder_as_module(found: Import) -> bool:
    """`import core.flow` would load the file a second time, with classes of its own."""
    return found.name.split(".")[0] in FOLDERS


def relative(found: Import) -> bool:
    return found.name.startswith(".")


@pytest.mark.parametrize("rule", [upward, against_backend_order, engine_knows_backend, folder_as_module, relative])
def test_no_import_breaks_the_rule(rule):
    offenders = [f"{found.place} imports {found.name}" for found in project_imports() if rule(found)]

    assert offenders == []


@pytest.mark.parametrize("folder", ["tests", "examples", "benchmarks"])
def test_nobody_imports_a_folder_by_its_own_name(folder):
    found = [entry for path in sorted((ROOT / folder).rglob("*.py")) for entry in imports_of(path, path.stem)]

    assert [entry.place for entry in found if folder_as_module(entry)] == []


@pytest.mark.parametrize(
    ("rule", "module", "line"),
    [
        (upward, "prefect.flow", "import prefect.cli.run"),
        (upward, "prefect.storage.state.log", "def f():\n    from prefect.engine import state"),
        (upward, "prefect.storage.state.log", "from prefect.storage import Local"),
        (upward, "prefect.storage.code.local", "from prefect.cli import render"),
        (against_backend_order, "prefect.orchestration.queue", "from prefect.client import Client"),
        (against_backend_order, "prefect.client.local", "from prefect.backend import FlowView"),
        (engine_knows_backend, "prefect.engine.flow_run", "from prefect import storage"),
        (engine_knows_backend, "prefect.executors.local", "import prefect.client.client"),
        (folder_as_module, "prefect.flow", "import core.task"),
        (relative, "prefect.flow", "from . import task"),
    ],
)
def test_the_rule_finds_an_offender(rule, module, line, tmp_path):
    path = tmp_path / "offender.py"
    path.write_text(line)

    assert [found.name for found in imports_of(path, module) if rule(found)] != []


def test_each_module_is_loaded_under_one_name_only(tmp_path):
    program = (
        "import sys, prefect, prefect.cli, prefect.storage\n"
        "for name in prefect.__all__: getattr(prefect, name)\n"
        "print(sorted({'core', 'cli', 'storage'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_state_store_loads_no_storage_of_flow_code(tmp_path):
    program = (
        "import pkgutil, sys, prefect.storage.state as state\n"
        "for module in pkgutil.iter_modules(state.__path__): __import__(f'prefect.storage.state.{module.name}')\n"
        "loaded = [name for name in sys.modules if name.startswith('prefect.') and name != 'prefect._version']\n"
        "print([name for name in loaded if not name.startswith('prefect.storage')], 'prefect.storage.code' in loaded)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("[] False\n", "")
