"""Flows from files and modules (cli.md §3.3)."""

from __future__ import annotations

import sys

import pytest

from prefect import Flow, context
from prefect.loading import (
    FlowAmbiguousError,
    FlowNotFoundError,
    SourceNotFoundError,
    SourceRaisedError,
    SourceUnusableError,
    load_flows_from_module,
    load_flows_from_path,
    select_flow,
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a file into the current folder, which is also on the import path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    known = set(sys.modules)

    def writer(name: str, text: str = "") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    yield writer
    for name in set(sys.modules) - known:
        del sys.modules[name]


TWO = "from prefect import Flow\nb = Flow('B')\na = Flow('A')\n"


def names(flows):
    return [flow.name for flow in flows]


# ---- files -------------------------------------------------------------------------------------------------------------


def test_the_flows_of_a_file_come_in_the_order_of_their_definition(write):
    assert names(load_flows_from_path(write("two.py", TWO))) == ["B", "A"]


def test_a_flow_bound_to_two_variables_is_found_once(write):
    assert names(load_flows_from_path(write("f.py", TWO + "again = b\n"))) == ["B", "A"]


def test_two_flows_that_are_equal_are_still_two(write):
    text = "from prefect import Flow\na, b = Flow('A'), Flow('A')\n"

    assert names(load_flows_from_path(write("f.py", text))) == ["A", "A"]


def test_a_main_block_does_not_run(write):
    text = TWO + "if __name__ == '__main__':\n    raise SystemExit(5)\n"

    assert len(load_flows_from_path(write("f.py", text))) == 2


def test_what_a_file_sees_while_it_is_loaded(write):
    text = (
        "import sys\nfrom prefect import context\n"
        "seen = sys.modules['seen'].__dict__\n"
        "seen.update(name=__name__, file=__file__, package=__package__, folder=sys.path[0], argv=sys.argv[0],"
        " module=sys.modules[__name__].__dict__ is globals(),"
        " loading=context.loading_flow, path=context.local_script_path)\n"
    )
    seen = sys.modules["seen"] = type(sys)("seen")

    load_flows_from_path(write("sub/f.py", text))

    assert {key: value for key, value in vars(seen).items() if not key.startswith("__")} == {
        "name": "<flow>",
        "file": "sub/f.py",
        "package": "",
        "folder": sys.path[0] + "/sub",
        "argv": "sub/f.py",
        "module": True,
        "loading": True,
        "path": "sub/f.py",
    }


def test_nothing_stays_behind_after_loading(write):
    before = (list(sys.path), list(sys.argv), "<flow>" in sys.modules)

    load_flows_from_path(write("sub/f.py", TWO))

    assert (list(sys.path), list(sys.argv), "<flow>" in sys.modules) == before
    assert "loading_flow" not in context


def test_a_file_may_import_its_neighbours(write):
    write("sub/neighbour.py", TWO)

    assert names(load_flows_from_path(write("sub/f.py", "from neighbour import b"))) == ["B"]


def test_running_and_registering_while_loading_do_nothing_but_warn(write):
    path = write("f.py", TWO + "assert b.run() is None\n")

    with pytest.warns(UserWarning, match="`flow.run` during execution of flow file"):
        load_flows_from_path(path)


def test_annotations_of_the_file_are_not_postponed_by_ours(write):
    text = "def f(x: int): pass\nassert f.__annotations__ == {'x': int}\n"

    assert load_flows_from_path(write("f.py", text)) == []


def test_the_encoding_line_of_a_file_is_honoured(write, tmp_path):
    (tmp_path / "f.py").write_bytes("# coding: latin-1\nfrom prefect import Flow\nf = Flow('é')\n".encode("latin-1"))

    assert names(load_flows_from_path("f.py")) == ["é"]


def test_a_missing_file_is_named_with_its_whole_path(write, tmp_path):
    with pytest.raises(SourceNotFoundError) as raised:
        load_flows_from_path("missing.py")

    assert str(raised.value) == f"File does not exist: {str(tmp_path / 'missing.py')!r}"
    assert raised.value.location == "missing.py"


def test_a_folder_is_not_a_file(write, tmp_path):
    with pytest.raises(SourceUnusableError) as raised:
        load_flows_from_path(".")

    assert str(raised.value) == f"{str(tmp_path)!r} is a folder."


@pytest.mark.parametrize("content", [b"x = (", b"\x00\x01", b"\xff\xfe\xfd", b"# coding: nonsense\n", b"(" * 5000])
def test_what_is_not_python_is_refused_with_the_reason(write, tmp_path, content):
    (tmp_path / "f.py").write_bytes(content)

    with pytest.raises(SourceRaisedError) as raised:
        load_flows_from_path("f.py")

    assert str(raised.value) == "'f.py' is not valid Python."
    assert raised.value.__cause__ is not None


@pytest.mark.parametrize(
    "statement", ["1 / 0", "import missing_module", "from prefect.engine import signals; raise signals.FAIL('no')"]
)
def test_a_file_that_raises_is_refused_with_its_exception(write, statement):
    with pytest.raises(SourceRaisedError) as raised:
        load_flows_from_path(write("f.py", statement))

    assert str(raised.value) == "'f.py' raised an error while it was loaded."
    assert raised.value.__cause__ is not None
    assert "<flow>" not in sys.modules


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt])
def test_a_file_may_end_the_process(write, exception):
    with pytest.raises(exception):
        load_flows_from_path(write("f.py", f"raise {exception.__name__}(3)"))


# ---- modules -----------------------------------------------------------------------------------------------------------


def test_the_flows_of_a_module(write):
    write("package/__init__.py")
    write("package/flows.py", TWO)

    assert names(load_flows_from_module("package.flows")) == ["B", "A"]


def test_a_dotted_path_may_lead_to_a_flow(write):
    write("flows.py", TWO)

    assert names(load_flows_from_module("flows.a")) == ["A"]


def test_flows_are_not_run_while_their_module_is_imported(write):
    write("flows.py", "from prefect import context\nassert context.loading_flow\n")

    assert load_flows_from_module("flows") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Nothing_there", "No module named 'Nothing_there'"),
        ("nothing.there", "No module named 'nothing'"),
        ("flows.c", "Module 'flows' has no attribute 'c'"),
        ("package.missing", "Module 'package' has no attribute 'missing'"),
        ("package.missing.deeper", "No module named 'package.missing'"),
        ("not a name", "No module named 'not a name'"),
        ("", "No module named ''"),
        (".relative", "No module named '.relative'"),
    ],
)
def test_a_module_that_is_not_there(write, name, message):
    write("flows.py", TWO)
    write("package/__init__.py")

    with pytest.raises(SourceNotFoundError) as raised:
        load_flows_from_module(name)

    assert str(raised.value) == message


def test_the_path_of_a_file_given_as_module_is_noticed(write):
    write("flow.py", TWO)

    with pytest.raises(SourceNotFoundError) as raised:
        load_flows_from_module("flow.py/x")
    with pytest.raises(SourceNotFoundError) as file_raised:
        load_flows_from_module("./flow.py")

    assert raised.value.hint == ""
    assert file_raised.value.hint == "To take a file: --path ./flow.py"


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("local_flows", ", or take the file: --path local_flows.py"),
        ("local_flows.a", ", or take the file: --path local_flows.py"),
        ("local_package", ""),
        ("local_package.flows", ", or take the file: --path local_package/flows.py"),
        ("local_package.flows.a", ", or take the file: --path local_package/flows.py"),
    ],
)
def test_a_module_in_the_current_folder_is_noticed(write, monkeypatch, name, remedy):
    write("local_flows.py", TWO)
    write("local_package/__init__.py")
    write("local_package/flows.py", TWO)
    monkeypatch.setattr(sys, "path", sys.path[1:])

    with pytest.raises(SourceNotFoundError) as raised:
        load_flows_from_module(name)

    assert raised.value.hint == f"The current folder is not searched for modules. Set PYTHONPATH=.{remedy}"


def test_a_dotted_path_to_something_else_is_refused(write):
    with pytest.raises(SourceUnusableError) as raised:
        load_flows_from_module("os.path.join")

    assert str(raised.value) == "Invalid object of type 'function' found at 'os.path.join'. Expected Module or Flow."


@pytest.mark.parametrize("statement", ["1 / 0", "import missing_module"])
def test_a_module_that_raises_is_refused_with_its_exception(write, statement):
    write("broken.py", statement)

    with pytest.raises(SourceRaisedError) as raised:
        load_flows_from_module("broken")

    assert str(raised.value) == "Module 'broken' raised an error while it was imported."
    assert raised.value.__cause__ is not None


# ---- choosing ----------------------------------------------------------------------------------------------------------


def test_the_only_flow_needs_no_name():
    flow = Flow("A")

    assert select_flow([flow], name=None, location="f.py") is flow


def test_a_flow_is_chosen_by_name_and_the_later_of_two_wins():
    first, other, last = Flow("A"), Flow("B"), Flow("A")

    assert select_flow([first, other, last], name="A", location="f.py") is last


def test_no_flow_at_all():
    with pytest.raises(FlowNotFoundError) as raised:
        select_flow([], name=None, location="f.py")

    assert str(raised.value) == "Found no flows at f.py."
    assert raised.value.names == ()


def test_several_flows_and_no_name():
    with pytest.raises(FlowAmbiguousError) as raised:
        select_flow([Flow("A"), Flow("B")], name=None, location="f.py")

    assert str(raised.value) == "Found multiple flows at 'f.py': 'A', 'B'\n\nSpecify a flow name to run."
    assert raised.value.names == ("A", "B")


def test_no_flow_of_that_name():
    with pytest.raises(FlowNotFoundError) as raised:
        select_flow([Flow("extract"), Flow("load")], name="extrct", location="f.py")

    assert str(raised.value) == "Did not find 'extrct' in flows at f.py. Found 'extract', 'load'"
    assert raised.value.hint == "Did you mean 'extract'?"


def test_the_bundled_flow_greets_the_world():
    (flow,) = load_flows_from_module("prefect.hello_world")

    assert flow.name == "hello-world"
    assert {parameter.name: parameter.default for parameter in flow.parameters()} == {"name": "world"}
    assert {task.name for task in flow.tasks} == {"name", "capitalize", "say_hello"}
