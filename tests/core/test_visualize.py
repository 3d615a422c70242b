"""Pictures of flows. Source: core.md §2.7."""

from __future__ import annotations

import sys

import graphviz
import pytest

from prefect import Flow, flatten, task, unmapped
from prefect.engine.state import Failed, Pending, Success

SUCCESS = '"#28a74580" colorscheme=svg'
FAILED = '"#eb000080" colorscheme=svg'


@task
def numbers():
    return [1, 2]


@task
def double(x):
    if x == 13:
        raise ValueError("unlucky")
    return x * 2


@task
def total(x):
    return sum(x)


@pytest.fixture
def rendered(monkeypatch):
    """The arguments of each call to Graphviz, which need not be installed."""
    calls = []

    def render(self, filename=None, **kwargs):
        calls.append((filename, kwargs))

    monkeypatch.setattr(graphviz.Digraph, "render", render)
    return calls


@pytest.fixture
def draw(rendered):
    """Draw a flow and return the lines between the braces, with slugs in place of the nodes' ids."""

    def draw(flow, **kwargs):
        source = flow.visualize(**kwargs).source
        for drawn, slug in flow.slugs.items():
            source = source.replace(str(id(drawn)), slug.replace("-", "_"))
        header, *lines, footer = source.strip().splitlines()
        assert (header, footer) == ("digraph {", "}")
        return [line.strip() for line in lines]

    return draw


def test_tasks_are_ellipses_and_mapped_tasks_boxes(draw):
    with Flow("f") as flow:
        total(double.map(numbers()))
    assert draw(flow) == [
        "numbers_1 [label=numbers shape=ellipse]",
        'double_1 [label="double <map>" shape=box]',
        "total_1 [label=total shape=ellipse]",
        "numbers_1 -> double_1 [label=x style=dashed]",
        "double_1 -> total_1 [label=x]",
    ]


def test_an_edge_without_key_has_no_label(draw):
    with Flow("f") as flow:
        numbers() | numbers()
    assert draw(flow)[-1] == "numbers_1 -> numbers_2"


def test_names_are_escaped(draw):
    with Flow("f") as flow:
        for name in ("<lambda>", 'say "hi"', "back\\nslash", "x"):
            numbers(task_args={"name": name, "slug": "abcd"[len(flow.tasks)]})
    assert [line.partition(" ")[2] for line in draw(flow)] == [
        '[label="<lambda>" shape=ellipse]',
        r'[label="say \"hi\"" shape=ellipse]',
        r'[label="back\\nslash" shape=ellipse]',
        "[label=x shape=ellipse]",
    ]


def test_it_can_be_drawn_from_left_to_right(draw):
    assert draw(Flow("f"), horizontal=True) == ["graph [rankdir=LR]"]


def test_an_empty_flow_is_an_empty_picture(draw):
    assert draw(Flow("f")) == []


def test_a_flow_with_a_cycle_can_still_be_looked_at(draw):
    flow = Flow("f")
    first, second = double.copy(), double.copy()
    flow.add_edge(first, second)
    flow.add_edge(second, first)
    assert draw(flow)[2:] == ["double_1 -> double_2", "double_2 -> double_1"]


def test_nodes_have_the_colour_of_their_state(draw):
    with Flow("f") as flow:
        double(13)
        numbers()
    assert draw(flow, flow_state=flow.run()) == [
        f"double_1 [label=double color={FAILED} shape=ellipse style=filled]",
        f"numbers_1 [label=numbers color={SUCCESS} shape=ellipse style=filled]",
    ]


@pytest.mark.parametrize("state", [Success(), Pending(result={}), Failed(result=ValueError("internal"))])
def test_a_missing_state_is_black(draw, state):
    with Flow("f") as flow:
        numbers()
    assert draw(flow, flow_state=state) == [
        'numbers_1 [label=numbers color="#00000080" colorscheme=svg shape=ellipse style=filled]'
    ]


def test_mapped_tasks_are_expanded_into_their_children(draw):
    with Flow("f") as flow:
        total(double.map(double.map(numbers())))
    drawn = draw(flow, flow_state=flow.run())
    assert drawn[:3] == [
        f"numbers_1 [label=numbers color={SUCCESS} shape=ellipse style=filled]",
        f'"double_1-0" [label="double <map>" color={SUCCESS} shape=box style=filled]',
        f'"double_1-1" [label="double <map>" color={SUCCESS} shape=box style=filled]',
    ]
    assert drawn[6:] == [
        'numbers_1 -> "double_1-0" [label=x style=dashed]',
        'numbers_1 -> "double_1-1" [label=x style=dashed]',
        '"double_1-0" -> "double_2-0" [label=x style=dashed]',
        '"double_1-1" -> "double_2-1" [label=x style=dashed]',
        '"double_2-0" -> total_1 [label=x]',
        '"double_2-1" -> total_1 [label=x]',
    ]


def test_each_child_has_its_own_colour(draw):
    with Flow("f") as flow:
        double.map([1, 13])
    drawn = draw(flow, flow_state=flow.run())
    assert [FAILED in line for line in drawn if line.startswith('"double_1-')] == [False, True]


def test_an_unmapped_edge_leads_to_every_child(draw):
    @task
    def pair(x, y):
        return x, y

    with Flow("f") as flow:
        pair.map([1, 2], unmapped(numbers()))
    drawn = draw(flow, flow_state=flow.run())
    assert [line for line in drawn if line.startswith("numbers_1 ->")] == [
        'numbers_1 -> "pair_1-0" [label=y]',
        'numbers_1 -> "pair_1-1" [label=y]',
    ]


def test_a_flattened_child_leads_to_one_child_for_each_of_its_elements(draw):
    @task
    def repeat(x):
        return [x] * x

    with Flow("f") as flow:
        double.map(flatten(repeat.map(numbers())))
    drawn = draw(flow, flow_state=flow.run())
    assert [line for line in drawn if line.startswith('"repeat_1-') and "->" in line] == [
        '"repeat_1-0" -> "double_1-0" [label=x style=dashed]',
        '"repeat_1-1" -> "double_1-1" [label=x style=dashed]',
        '"repeat_1-1" -> "double_1-2" [label=x style=dashed]',
    ]


def test_a_mapped_task_that_was_not_mapped_is_one_node(draw):
    with Flow("f") as flow:
        double.map(double(13))
    assert draw(flow, flow_state=flow.run()) == [
        f"double_1 [label=double color={FAILED} shape=ellipse style=filled]",
        f'double_2 [label="double <map>" color={FAILED} shape=box style=filled]',
        "double_1 -> double_2 [label=x style=dashed]",
    ]


def test_a_file_is_written_and_not_opened(rendered):
    Flow("f").visualize(filename="picture", format="png")
    assert rendered == [("picture", {"format": "png", "view": False, "cleanup": True})]


def test_without_a_file_the_picture_is_opened(rendered):
    Flow("f").visualize()
    assert [kwargs["view"] for _, kwargs in rendered] == [True]


def test_in_a_notebook_the_picture_is_returned_to_be_shown_there(rendered, monkeypatch):
    class Shell:
        config = {"IPKernelApp": {}}

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert isinstance(Flow("f").visualize(), graphviz.Digraph)
    assert rendered == []


def test_without_graphviz_itself_its_own_error_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(graphviz.ExecutableNotFound, match="executables are on your systems' PATH"):
        Flow("f").visualize(filename=str(tmp_path / "picture"))


def test_without_the_extra_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError) as caught:
        Flow("f").visualize()
    assert str(caught.value) == (
        'Drawing a flow needs the package graphviz, which is not installed. Run: pip install "praefectus[viz]"'
    )
