"""Flows in an importable module: core.md §16.2."""

from __future__ import annotations

import sys

import pytest

from prefect import Flow
from prefect.storage import Module


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "module_storage_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "flows.py").write_text(
        "from prefect import Flow\nf = Flow('f')\ng = Flow('g')\ndef make(): return Flow('made')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("module_storage_package")]:
        del sys.modules[name]


def test_the_location_of_a_flow_is_its_module():
    storage = Module("package.module")

    assert storage.add_flow(Flow("f")) == "package.module"
    assert (storage.labels, storage.result) == ([], None)


def test_a_flow_is_imported_by_its_name(package):
    storage = Module("module_storage_package.flows")
    storage.add_flow(Flow("g"))

    assert storage.get_flow("g") == Flow("g")


def test_a_function_of_the_module_may_make_the_flow(package):
    storage = Module("module_storage_package.flows:make")
    storage.add_flow(Flow("made"))

    assert storage.get_flow("made") == Flow("made")


def test_a_module_that_does_not_exist_says_so():
    storage = Module("module_storage_missing")
    storage.add_flow(Flow("f"))

    with pytest.raises(ModuleNotFoundError, match="module_storage_missing"):
        storage.get_flow("f")


@pytest.mark.parametrize("imported", [True, False])
@pytest.mark.parametrize("name", ["module_storage_package.flows", "module_storage_package.flows:make"])
def test_the_source_is_the_file_of_the_module(name, imported, package):
    if imported:
        __import__("module_storage_package.flows")

    assert Module(name).source_file == str(package / "flows.py")


@pytest.mark.parametrize("name", ["module_storage_missing", "module_storage_missing.flows", "sys"])
def test_the_source_of_a_module_without_a_file_is_unknown(name):
    assert Module(name).source_file is None
