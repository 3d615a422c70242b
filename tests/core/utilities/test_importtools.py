"""Importing by name. Source: core.md §19."""

from __future__ import annotations

import os.path
import xml.dom
from pathlib import Path

import pytest

import prefect
from prefect.utilities.importtools import import_object


def test_a_module_is_found():
    assert import_object("xml.dom") is xml.dom


def test_an_attribute_is_found():
    assert import_object("os.path.join") is os.path.join


def test_an_attribute_of_a_class_is_found():
    assert import_object("pathlib.Path.exists") is Path.exists


def test_the_public_object_wins_over_the_module_of_the_same_name():
    assert import_object("prefect.context") is prefect.context
    assert import_object("prefect.executors.LocalExecutor") is prefect.executors.LocalExecutor


def test_an_unknown_module_is_an_import_error():
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_module'"):
        import_object("no_such_module.x")


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'nope'"):
        import_object("os.path.nope")
    with pytest.raises(AttributeError, match="'nope'"):
        import_object("xml.nope.deeper")


def test_what_a_module_misses_itself_is_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "outer_package").mkdir()
    (tmp_path / "outer_package" / "__init__.py").touch()
    (tmp_path / "outer_package" / "inner.py").write_text("import a_missing_dependency\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModuleNotFoundError, match="a_missing_dependency"):
        import_object("outer_package.inner.x")


def test_an_empty_name_is_refused():
    with pytest.raises(ValueError, match="An empty name leads nowhere"):
        import_object("")
