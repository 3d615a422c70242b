"""Where flows come from: cli.md §5.2, §5.3."""

from __future__ import annotations

import json
import sys

import pytest

from prefect import Flow
from prefect.loading import SourceNotFoundError, SourceRaisedError, SourceUnusableError
from prefect.registering.json_file import read_flows, write_flows
from prefect.registering.sources import (
    JsonSource,
    LoadedSource,
    ModuleSource,
    ScriptSource,
    files_at,
    find_sources,
    names_not_found,
    only_named,
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.py", "a.py", "notes.txt", ".hidden.py", "deep/c.py", "deep/deeper/d.py", "[x].py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---- paths -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("a.py", ["a.py"]),
        ("notes.txt", ["notes.txt"]),
        (".", ["./[x].py", "./a.py", "./b.py"]),
        ("deep", ["deep/c.py"]),
        ("*.txt", ["notes.txt"]),
        ("?.py", ["a.py", "b.py"]),
        ("**/?.py", ["a.py", "b.py", "deep/c.py", "deep/deeper/d.py"]),
        ("[x].py", ["[x].py"]),
    ],
)
def test_a_path_is_a_file_a_folder_or_a_pattern(folder, path, files):
    assert files_at(path) == files


def test_an_empty_folder_holds_nothing(tmp_path):
    assert files_at(str(tmp_path)) == []


@pytest.mark.parametrize("path", ["missing.py", "missing/*.py", ""])
def test_a_path_at_which_there_is_nothing(folder, path):
    with pytest.raises(SourceNotFoundError, match=f"^Path {path!r} doesn't exist$".replace("*", r"\*")):
        files_at(path)


def test_each_source_is_taken_once_in_the_order_given(folder):
    found = find_sources(["b.py", ".", "./b.py"], ["m", "m"], ["f.json"])

    assert found == [
        ScriptSource("b.py"),
        ScriptSource("./[x].py"),
        ScriptSource("./a.py"),
        ModuleSource("m"),
        JsonSource("f.json"),
    ]


# ---- files and modules -------------------------------------------------------------------------------------------------


def test_a_script_is_loaded_with_its_absolute_path_in_the_context(tmp_path, monkeypatch, backend):
    (tmp_path / "f.py").write_text(
        "from prefect import Flow, context\nflow = Flow(context.local_script_path)\nsame = flow\n"
    )
    monkeypatch.chdir(tmp_path)

    loaded = ScriptSource("f.py").load()

    assert (loaded.location, loaded.file) == ("f.py", str(tmp_path / "f.py"))
    assert loaded.names() == [str(tmp_path / "f.py")]
    storage = loaded.new_storage()
    assert (type(storage).__name__, storage.path, storage.stored_as_script) == ("Local", loaded.file, True)


def test_a_script_that_exits_is_an_error(tmp_path):
    path = tmp_path / "f.py"
    path.write_text("raise SystemExit('enough')")

    with pytest.raises(SourceRaisedError, match=r"called sys.exit\('enough'\) while it was loaded"):
        ScriptSource(str(path)).load()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a module that holds two flows."""
    for name in ("registering_package", "registering_package.flows"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "registering_package").mkdir()
    (tmp_path / "registering_package" / "__init__.py").write_text("")
    module = tmp_path / "registering_package" / "flows.py"
    module.write_text("from prefect import Flow\na = Flow('A')\nb = Flow('B')\n")
    monkeypatch.syspath_prepend(tmp_path)
    return module


@pytest.mark.parametrize(("path", "names"), [("", ["A", "B"]), (".b", ["B"])])
def test_a_module_or_a_flow_in_it_is_loaded(package, path, names):
    source = ModuleSource(f"registering_package.flows{path}")

    loaded = source.load()

    assert (loaded.names(), loaded.file, source.file()) == (names, str(package), str(package))
    assert loaded.new_storage().module == "registering_package.flows"


def test_a_module_without_a_file_cannot_be_watched():
    with pytest.raises(SourceNotFoundError, match=r"^No module named 'registering_nowhere\.x'$"):
        ModuleSource("registering_nowhere.x").file()


def test_a_package_that_raises_is_named(tmp_path, monkeypatch):
    (tmp_path / "registering_broken").mkdir()
    (tmp_path / "registering_broken" / "__init__.py").write_text("1 / 0")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(SourceRaisedError, match=r"^Module 'registering_broken\.flows' raised") as caught:
        ModuleSource("registering_broken.flows").file()
    assert type(caught.value.__cause__) is ZeroDivisionError


# ---- JSON --------------------------------------------------------------------------------------------------------------


def test_flows_are_written_by_name_and_read_again(tmp_path):
    path = str(tmp_path / "flows.json")
    first, last = {"name": "B", "n": 1}, {"name": "B", "n": 2}

    write_flows(path, [first, {"name": "A"}, last])

    assert read_flows(path) == [{"name": "A"}, last]
    assert json.loads((tmp_path / "flows.json").read_text()) == {"flows": [{"name": "A"}, last], "version": 1}
    assert JsonSource(path).load().names() == ["A", "B"]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"flows": 1, "version": 1}', '{"flows": [{"n": 1}], "version": 1}']
)
def test_other_json_is_no_list_of_flows(tmp_path, content):
    path = tmp_path / "flows.json"
    path.write_text(content)

    with pytest.raises(SourceUnusableError, match="is not a valid Prefect flows `json` file"):
        read_flows(str(path))


@pytest.mark.parametrize("version", ["2", '"1"', "null"])
def test_a_file_of_another_version_is_refused(tmp_path, version):
    path = tmp_path / "flows.json"
    path.write_text(f'{{"flows": [], "version": {version}}}')

    with pytest.raises(SourceUnusableError, match=f"is version {json.loads(version)!r}, only version 1 is supported"):
        read_flows(str(path))


def test_a_place_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SourceUnusableError, match="is a folder"):
        read_flows(str(tmp_path))
    with pytest.raises(SourceUnusableError, match="unsupported scheme 'ftp'"):
        read_flows("ftp://host/flows.json")


@pytest.mark.parametrize(
    ("location", "is_remote"), [("f.json", False), ("file:///f.json", False), ("https://host/f.json", True)]
)
def test_a_url_is_remote_unless_it_is_a_file(location, is_remote):
    assert JsonSource(location).is_remote() is is_remote


# ---- names -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sources():
    return [
        LoadedSource("f.py", flows=(Flow("A"), Flow("B"))),
        LoadedSource("f.json", documents=({"name": "B"}, {"name": "C"})),
    ]


def test_without_names_all_flows_are_taken(sources):
    assert only_named(sources, ()) == (sources, [])


def test_names_choose_flows_from_all_sources(sources):
    chosen, missing = only_named(sources, ("B", "D", "AA"))

    assert [source.names() for source in chosen] == [["B"], ["B"]]
    assert missing == ["AA", "D"]
    error = names_not_found(missing, sources)
    assert (str(error), error.hint) == ("Failed to find the following flows:\n- AA\n- D", "Did you mean 'A'?")


def test_an_address_that_cannot_be_read_is_named_once():
    with pytest.raises(SourceUnusableError) as raised:
        read_flows("ftp://host/flows.json")

    assert str(raised.value) == (
        "ftp://host/flows.json has the unsupported scheme 'ftp'. Use a local path, file, http, https, s3 or gcs."
    )
