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


@pytest.mark.parametrize(
    ("module", "missing"),
    [
        ("module_storage_missing", "module_storage_missing"),
        ("module_storage_missing.flows:f", "module_storage_missing"),
        ("module_storage_package.other", "module_storage_package.other"),
    ],
)
def test_a_module_that_does_not_exist_says_so(package, module, missing):
    storage = Module(module)
    storage.add_flow(Flow("f"))

    with pytest.raises(ModuleNotFoundError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == (
        f"The module '{module.partition(':')[0]}' of the flow 'f' cannot be imported here: No module named '{missing}'."
        " Install it where runs are executed, or start the agent with an `--import-path` to it."
    )


def test_a_module_that_imports_what_does_not_exist_raises_what_it_raises(package):
    (package / "flows.py").write_text("import module_storage_missing")
    storage = Module("module_storage_package.flows")
    storage.add_flow(Flow("f"))

    with pytest.raises(ModuleNotFoundError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == "No module named 'module_storage_missing'"


def test_a_module_without_a_name_is_refused():
    with pytest.raises(ValueError) as caught:
        Module("").add_flow(Flow("f"))

    assert str(caught.value) == "<Storage: Module> does not say where the code of the flow 'f' is. Provide `module`."


@pytest.mark.parametrize("imported", [True, False])
@pytest.mark.parametrize("name", ["module_storage_package.flows", "module_storage_package.flows:make"])
def test_the_source_is_the_file_of_the_module(name, imported, package):
    if imported:
        __import__("module_storage_package.flows")

    assert Module(name).source_file == str(package / "flows.py")


@pytest.mark.parametrize("name", ["module_storage_missing", "module_storage_missing.flows", "sys"])
def test_the_source_of_a_module_without_a_file_is_unknown(name):
    assert Module(name).source_file is None
