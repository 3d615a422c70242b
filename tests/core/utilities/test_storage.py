"""Flows from files, modules and pickles: core.md §2.8, §16.3 and §16.6."""

from __future__ import annotations

import base64
import json
import os
import pickle
import platform
import stat
import sys
import traceback
from pathlib import Path

import cloudpickle
import pytest

import prefect
from prefect import Flow, task
from prefect.exceptions import FlowStorageError
from prefect.utilities.configuration import set_temporary_config
from prefect.utilities.storage import (
    extract_flow_from_file,
    extract_flow_from_module,
    flow_from_bytes_pickle,
    flow_to_bytes_pickle,
)

SOURCE = """
from prefect import Flow, task

@task
def double(x):
    return 2 * x

a = Flow("a")
b = Flow("b")
again = a
names = (__name__, globals().get("__file__"))

def make():
    return Flow("made")

def number():
    return 3

class Inner:
    flow = Flow("inner")

with Flow("runs") as runs:
    double(21)
"""


@task
def double(x):
    return 2 * x


def example(name="example"):
    with Flow(name) as flow:
        double(21)
    return flow


def values(flow):
    return [state.result for state in flow.run().result.values()]


@pytest.fixture
def flow_file(tmp_path):
    path = tmp_path / "flows.py"
    path.write_text(SOURCE)
    return str(path)


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that can be imported and returns its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def write(source, name="module_with_flows"):
        (tmp_path / f"{name}.py").write_text(source)
        made.append(name)
        return name

    yield write
    for name in made:
        sys.modules.pop(name, None)


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    with set_temporary_config({"home_dir": str(folder)}):
        yield folder


class TestExtractFromFile:
    def test_the_first_flow_is_taken(self, flow_file):
        assert extract_flow_from_file(flow_file).name == "a"

    def test_a_flow_is_taken_by_name(self, flow_file):
        assert extract_flow_from_file(file_path=flow_file, flow_name="b").name == "b"

    def test_the_flow_runs(self, flow_file):
        assert values(extract_flow_from_file(flow_file, flow_name="runs")) == [42]

    def test_code_can_be_given_as_text_or_bytes(self):
        assert extract_flow_from_file(file_contents=SOURCE, flow_name="b").name == "b"
        assert extract_flow_from_file(file_contents=SOURCE.encode()).name == "a"

    def test_main_guards_stay_closed(self, tmp_path):
        path = tmp_path / "guarded.py"
        path.write_text("from prefect import Flow\nf = Flow(f'{__name__} {__file__}')\n")

        assert extract_flow_from_file(str(path)).name == f"builtins {path}"

    def test_code_that_is_no_file_has_no_file_name(self):
        source = "from prefect import Flow\nf = Flow(str('__file__' in globals()))\n"

        assert extract_flow_from_file(file_contents=source).name == "False"

    def test_an_unknown_name_is_answered_with_the_known_ones(self, flow_file):
        with pytest.raises(ValueError) as caught:
            extract_flow_from_file(flow_file, flow_name="c")

        assert str(caught.value) == f"Flow 'c' not found in {flow_file}. Found flows: 'a', 'b', 'runs'."

    @pytest.mark.parametrize("name", [None, "a"])
    def test_a_file_without_flows_is_refused(self, tmp_path, name):
        path = tmp_path / "empty.py"
        path.write_text("")

        with pytest.raises(ValueError) as caught:
            extract_flow_from_file(str(path), flow_name=name)

        assert str(caught.value) == f"No flows found in {path}. Define one at its top level."

    @pytest.mark.parametrize("given", [{}, {"file_path": "a", "file_contents": "b"}], ids=["neither", "both"])
    def test_either_a_path_or_code_has_to_be_given(self, given):
        with pytest.raises(ValueError, match="Provide either `file_path` or `file_contents`"):
            extract_flow_from_file(**given)

    def test_code_of_another_type_is_refused(self):
        with pytest.raises(TypeError, match="`file_contents` is 3"):
            extract_flow_from_file(file_contents=3)

    def test_a_missing_file_is_not_found(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            extract_flow_from_file(str(tmp_path / "none.py"))

    def test_errors_of_the_code_name_its_file(self, tmp_path):
        path = tmp_path / "broken.py"
        path.write_text("x = ")

        with pytest.raises(SyntaxError) as caught:
            extract_flow_from_file(str(path))

        assert caught.value.filename == str(path)

    def test_the_code_has_the_annotations_it_has_as_a_script(self, tmp_path):
        path = tmp_path / "two.py"
        path.write_text(
            "from prefect import Flow, task\n"
            "@task\n"
            "def two() -> tuple[int, int]: return 1, 2\n"
            "with Flow('f') as flow: a, b = two()\n"
        )

        assert len(extract_flow_from_file(str(path)).tasks) == 3

    def test_a_traceback_shows_the_lines_of_a_file_that_is_gone(self, tmp_path):
        path = tmp_path / "gone.py"
        path.write_text("import os\nos.remove(__file__)\n1 / 0  # here\n")

        with pytest.raises(ZeroDivisionError) as caught:
            extract_flow_from_file(str(path))

        shown = traceback.format_exception(caught.value)
        assert f'  File "{path}", line 3, in <module>\n    1 / 0  # here\n' in shown[-2].replace("    ~~^~~\n", "")


class TestExtractFromModule:
    def test_the_only_flow_is_taken(self, module):
        name = module("from prefect import Flow\nf = g = Flow('only')\n")

        assert extract_flow_from_module(name).name == "only"

    def test_a_flow_is_taken_by_name(self, module):
        assert extract_flow_from_module(module(SOURCE), "b").name == "b"

    @pytest.mark.parametrize(
        ("attribute", "name"), [("a", "a"), ("make", "made"), ("Inner.flow", "inner"), ("runs", "runs")]
    )
    def test_an_attribute_is_a_flow_or_makes_one(self, module, attribute, name):
        module_str = f"{module(SOURCE)}:{attribute}"

        assert extract_flow_from_module(module_str).name == name
        assert extract_flow_from_module(module_str, name).name == name

    @pytest.mark.parametrize(
        ("attribute", "flow_name", "message"),
        [
            ("", None, "Several flows found in 'm': 'a', 'b', 'runs'. Choose one with `flow_name`."),
            ("", "c", "Flow 'c' not found in 'm'. Found flows: 'a', 'b', 'runs'."),
            (":a", "b", "The flow at 'm:a' is named 'a', not 'b'."),
            (":make", "b", "The flow at 'm:make' is named 'made', not 'b'."),
        ],
    )
    def test_the_name_has_to_fit(self, module, attribute, flow_name, message):
        with pytest.raises(ValueError) as caught:
            extract_flow_from_module(module(SOURCE, "m") + attribute, flow_name)

        assert str(caught.value) == message

    @pytest.mark.parametrize("attribute", ["c", "Inner.c", "a.b.c", ""])
    def test_an_attribute_has_to_exist(self, module, attribute):
        with pytest.raises(ValueError, match=r"^There is no flow at 'm:"):
            extract_flow_from_module(f"{module(SOURCE, 'm')}:{attribute}")

    @pytest.mark.parametrize(("attribute", "kind"), [("number", "int"), ("names", "tuple")])
    def test_an_attribute_has_to_be_a_flow(self, module, attribute, kind):
        with pytest.raises(TypeError, match=f"^'m:{attribute}' is a {kind}, not a flow"):
            extract_flow_from_module(f"{module(SOURCE, 'm')}:{attribute}")

    @pytest.mark.parametrize("name", [None, "a"])
    def test_a_module_without_flows_is_refused(self, module, name):
        with pytest.raises(ValueError, match="found in 'm'"):
            extract_flow_from_module(module("", "m"), name)

    def test_errors_of_the_import_propagate(self, module):
        with pytest.raises(ModuleNotFoundError, match="no_such_module"):
            extract_flow_from_module("no_such_module")
        with pytest.raises(ZeroDivisionError):
            extract_flow_from_module(module("1 / 0"))


class TestPickles:
    def test_a_flow_comes_back_and_runs(self):
        flow = flow_from_bytes_pickle(flow_to_bytes_pickle(example()))

        assert flow.name == "example"
        assert values(flow) == [42]

    def test_a_flow_taken_from_a_file_comes_back_and_runs(self, flow_file):
        flow = extract_flow_from_file(flow_file, flow_name="runs")

        assert values(flow_from_bytes_pickle(flow_to_bytes_pickle(flow))) == [42]

    def test_the_envelope_tells_the_versions(self):
        envelope = json.loads(flow_to_bytes_pickle(example()))

        assert list(envelope) == ["flow", "versions"]
        assert envelope["versions"] == {
            "cloudpickle": cloudpickle.__version__,
            "prefect": prefect.__version__,
            "python": platform.python_version(),
        }

    def test_the_pickle_has_protocol_4(self):
        pickled = base64.b64decode(json.loads(flow_to_bytes_pickle(example()))["flow"])

        assert pickled.startswith(b"\x80\x04")
        assert pickle.loads(pickled).name == "example"

    def test_a_bare_pickle_is_read_too(self):
        assert flow_from_bytes_pickle(cloudpickle.dumps(example())).name == "example"

    def test_a_flow_stored_by_another_version_is_read_with_a_warning(self):
        with pytest.warns(UserWarning, match=r"The flow 'example' was stored by version 0\.0\.1 and is loaded by"):
            assert flow_from_bytes_pickle(envelope(versions={"prefect": "0.0.1"})).name == "example"

    def test_another_python_is_no_reason_for_a_warning(self):
        assert flow_from_bytes_pickle(envelope(versions={"python": "3.6.1"})).name == "example"

    def test_an_unreadable_pickle_lists_differing_versions(self):
        data = envelope(b"junk", versions={"prefect": "0.0.1", "python": platform.python_version()})

        with pytest.raises(FlowStorageError) as caught:
            flow_from_bytes_pickle(data)

        assert str(caught.value) == (
            "The stored flow cannot be unpickled: UnpicklingError('pickle data was truncated').\n"
            "It was made with other versions, which may be the reason:\n"
            f"  - prefect: stored with 0.0.1, here {prefect.__version__}\n"
            "Store the flow again from the file that defines it."
        )

    def test_a_missing_module_is_hinted_at(self):
        with pytest.raises(FlowStorageError) as caught:
            flow_from_bytes_pickle(envelope(b"cno_such_module\nflow\n."))

        assert str(caught.value) == (
            "The stored flow cannot be unpickled: ModuleNotFoundError(\"No module named 'no_such_module'\")."
            " A module that the flow needs is missing here. Install what the flow depends on."
        )
        assert isinstance(caught.value.__cause__, ModuleNotFoundError)

    @pytest.mark.parametrize("file", ["saved.prefect", "bare.pickle"])
    def test_a_pickle_of_1x_is_refused(self, file):
        data = (Path(__file__).parent / "pickled_by_1x" / file).read_bytes()

        with pytest.raises(FlowStorageError) as caught:
            flow_from_bytes_pickle(data)

        assert str(caught.value) == (
            "The flow 'of 1.x' was pickled by Prefect 1.4.1, whose pickles cannot be used here."
            " Register or save it again from the file that defines it."
        )

    @pytest.mark.parametrize("data", [b"", b"junk", b"\x80", b"{}", b"[1]", b"3", b'{"flow": "%%%"}', b'{"flow": 3}'])
    def test_anything_else_is_refused(self, data):
        with pytest.raises(FlowStorageError):
            flow_from_bytes_pickle(data)

    def test_a_pickle_of_something_else_is_refused(self):
        with pytest.raises(FlowStorageError, match=r"^The stored data holds a int, not a flow\."):
            flow_from_bytes_pickle(cloudpickle.dumps(3))


def envelope(pickled=None, versions=None):
    document = json.loads(flow_to_bytes_pickle(example()))
    if pickled is not None:
        document["flow"] = base64.b64encode(pickled).decode()
    if versions is not None:
        document["versions"] = versions
    return json.dumps(document).encode()


class TestSavedFlows:
    def test_a_flow_is_saved_under_its_name(self, home):
        path = example("My Flow! ä/ü (1)").save()

        assert path == str(home / "flows" / "my-flow-a-u-1.prefect")
        assert values(Flow.load("My Flow! ä/ü (1)")) == [42]

    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("a_b-c.D", "a-b-c-d"),
            ("ÄÖ ß", "ao-ss"),
            ("--x--", "x"),
            ("日本", "日本"),
            ("...", ""),
            ("../../up", "up"),
            ("é" * 300, "e" * 100),
        ],
    )
    def test_names_become_slugs(self, home, name, slug):
        assert Flow(name).save() == str(home / "flows" / f"{slug}.prefect")

    def test_a_saved_flow_is_private(self, home):
        path = Flow("f").save()

        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600

    def test_a_flow_is_saved_where_one_says(self, tmp_path):
        path = example().save(str(tmp_path / "f.prefect"))

        assert path == str(tmp_path / "f.prefect")
        assert values(Flow.load(path)) == [42]

    def test_a_path_object_will_do(self, tmp_path):
        path = tmp_path / "f.prefect"

        assert example().save(path) == str(path)
        assert Flow.load(path).name == "example"

    def test_saving_again_replaces_the_file_and_leaves_nothing_else(self, tmp_path):
        path = str(tmp_path / "f.prefect")
        Flow("old").save(path)
        Flow("new").save(path)

        assert Flow.load(path).name == "new"
        assert os.listdir(tmp_path) == ["f.prefect"]

    def test_a_folder_that_does_not_exist_is_not_made(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            Flow("f").save(str(tmp_path / "none" / "f.prefect"))

        assert os.listdir(tmp_path) == []

    def test_a_flow_that_cannot_be_pickled_leaves_the_old_file(self, tmp_path):
        path = str(tmp_path / "f.prefect")
        Flow("old").save(path)

        with pytest.raises(TypeError):
            Flow("new", schedule=(line for line in [])).save(path)

        assert Flow.load(path).name == "old"

    def test_a_relative_path_counts_as_a_name(self, home, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Flow("f").save("f.prefect")

        with pytest.raises(FileNotFoundError):
            Flow.load("f.prefect")

    def test_what_is_not_saved_is_not_found(self, home):
        with pytest.raises(FileNotFoundError) as caught:
            Flow.load("nope")

        assert caught.value.filename == str(home / "flows" / "nope.prefect")
        assert caught.value.strerror == (
            "No flow is saved as 'nope'; give the name of a saved flow or an absolute path"
        )

    def test_a_file_that_holds_no_flow_is_refused(self, tmp_path):
        path = tmp_path / "f.prefect"
        path.write_text("hello")

        with pytest.raises(FlowStorageError):
            Flow.load(str(path))


def test_a_pickled_flow_still_knows_the_file_of_its_functions(tmp_path):
    path = tmp_path / "flow.py"
    path.write_text(SOURCE)
    flow = flow_from_bytes_pickle(flow_to_bytes_pickle(extract_flow_from_file(str(path), flow_name="runs")))

    (double,) = flow.get_tasks(name="double")

    assert double.run.__code__.co_filename == str(path)
