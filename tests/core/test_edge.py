"""Edges and the annotations of their ends. Source: core.md §5."""

from __future__ import annotations

import cloudpickle
import pytest

from prefect import Flow, Parameter, Task, flatten, mapped, task, unmapped
from prefect.edge import Edge, EdgeAnnotation
from prefect.tasks.core.collections import List
from prefect.tasks.core.constants import Constant


@task
def value(x=None):
    return x


@task
def pair(x, y):
    return x, y


@pytest.fixture
def up():
    return Task(name="up")


@pytest.fixture
def down():
    return Task(name="down")


def attributes(edge):
    return edge.key, edge.mapped, edge.flattened


class TestEdge:
    def test_it_has_two_ends_and_three_attributes(self, up, down):
        edge = Edge(up, down, key="x", mapped=True, flattened=True)
        assert (edge.upstream_task, edge.downstream_task) == (up, down)
        assert attributes(edge) == ("x", True, True)
        assert edge.tasks == {up, down}

    def test_by_default_it_only_orders(self, up, down):
        assert attributes(Edge(up, down)) == (None, False, False)

    def test_values_become_constants(self, down):
        edge = Edge(5, down)
        assert isinstance(edge.upstream_task, Constant)
        assert edge.upstream_task.value == 5
        assert Edge(down, 5).downstream_task.value == 5

    def test_a_list_of_tasks_becomes_a_task_of_the_given_flow(self, up, down):
        flow = Flow("f")
        edge = Edge([up], down, flow=flow)
        assert isinstance(edge.upstream_task, List)
        assert flow.tasks == {up, edge.upstream_task}

    def test_a_list_of_tasks_needs_a_flow(self, up, down):
        with pytest.raises(ValueError, match=r"^<Task: List> was called outside a flow\."):
            Edge([up], down)

    def test_a_task_is_not_connected_to_itself(self, up):
        with pytest.raises(ValueError, match=r"^<Task: up> cannot be its own upstream task\. Give it another one\.$"):
            Edge(up, up)

    @pytest.mark.parametrize("key", ["1x", "a b", "", "class", "x.y", 3])
    def test_a_key_has_to_be_an_argument_name(self, up, down, key):
        with pytest.raises(ValueError, match=f"^The key {key!r} of an edge is not a valid argument name"):
            Edge(up, down, key=key)

    def test_edges_with_equal_ends_and_attributes_are_equal(self, up, down):
        edge = Edge(up, down, key="x", mapped=True)
        same = Edge(up, down, key="x", mapped=True)
        assert edge == same
        assert hash(edge) == hash(same)

    @pytest.mark.parametrize("different", [{"key": "y"}, {"mapped": True}, {"flattened": True}, {"key": None}])
    def test_edges_with_another_attribute_are_not_equal(self, up, down, different):
        assert Edge(up, down, key="x") != Edge(up, down, **{"key": "x", **different})

    def test_edges_with_another_end_are_not_equal(self, up, down):
        assert Edge(up, down) != Edge(down, up)
        assert Edge(up, down) != Edge(Task(name="up"), down)

    def test_an_edge_is_equal_to_nothing_else(self, up, down):
        assert Edge(up, down) != (up, down)

    def test_it_shows_its_attributes_and_both_names(self, up, down):
        assert repr(Edge(up, down)) == "<Edge(key=None, mapped=False, flattened=False): up to down>"
        assert repr(Edge(up, down, "x", True, True)) == "<Edge(key=x, mapped=True, flattened=True): up to down>"

    def test_it_can_be_pickled(self, up, down):
        copy = cloudpickle.loads(cloudpickle.dumps(Edge(up, down, key="x", mapped=True)))
        assert attributes(copy) == ("x", True, False)
        assert (copy.upstream_task.name, copy.downstream_task.name) == ("up", "down")
        assert hash(copy) == hash(Edge(copy.upstream_task, copy.downstream_task, key="x", mapped=True))


class TestAnnotations:
    @pytest.mark.parametrize(
        ("annotation", "expected"),
        [(mapped, (None, True, False)), (unmapped, (None, False, False)), (flatten, (None, False, True))],
    )
    def test_each_sets_its_attribute(self, up, down, annotation, expected):
        edge = Edge(annotation(up), down)
        assert edge.upstream_task is up
        assert attributes(edge) == expected

    def test_an_annotation_overrides_the_argument(self, up, down):
        assert Edge(mapped(up), down, mapped=False).mapped is True
        assert Edge(unmapped(up), down, mapped=True).mapped is False

    def test_annotations_combine(self, up, down):
        assert attributes(Edge(flatten(mapped(up)), down)) == (None, True, True)

    def test_on_conflict_the_inner_one_wins(self, up, down):
        assert Edge(unmapped(mapped(up)), down).mapped is True
        assert Edge(mapped(unmapped(up)), down).mapped is False

    def test_the_downstream_end_may_be_annotated(self, up, down):
        edge = Edge(up, mapped(down))
        assert edge.downstream_task is down
        assert edge.mapped is True

    def test_an_annotated_value_becomes_a_constant(self, down):
        assert Edge(mapped([1, 2]), down).upstream_task.value == [1, 2]

    def test_all_have_one_base(self):
        assert {kind.__base__ for kind in (mapped, unmapped, flatten)} == {EdgeAnnotation}

    def test_they_show_what_they_hold(self, up):
        assert repr(unmapped(flatten(up))) == "unmapped(flatten(<Task: up>))"

    def test_they_can_be_piped_on(self):
        with Flow("f") as flow:
            source = value([1, 2])
            result = source.pipe(mapped).pipe(value)
        assert flow.edges == {Edge(source, result, key="x", mapped=True)}

    def test_an_input_of_pipe_cannot_be_named_self(self, up):
        with pytest.raises(ValueError, match=r"^An input of \.pipe cannot be named 'self'"):
            mapped(up).pipe(value, self=1)


class TestMeaning:
    def test_inside_map_everything_is_mapped(self):
        with Flow("f") as flow:
            source, before = value([1, 2]), value([3, 4])
            result = pair.map(source, [5, 6], upstream_tasks=[before])
        assert {(edge.key, edge.mapped) for edge in flow.edges_to(result)} == {("x", True), ("y", True), (None, True)}

    def test_unless_it_is_unmapped(self):
        with Flow("f") as flow:
            source, before = value([1, 2]), value([3, 4])
            result = pair.map(source, unmapped([5, 6]), upstream_tasks=[unmapped(before)])
        assert {(edge.key, edge.mapped) for edge in flow.edges_to(result)} == {("x", True), (None, False)}
        assert flow.constants[result] == {"y": [5, 6]}

    def test_in_an_ordinary_call_one_argument_alone_can_be_mapped(self):
        with Flow("f") as flow:
            result = pair(mapped([1, 2]), 0)
        assert flow.run().result[result].result == [(1, 0), (2, 0)]

    def test_a_call_with_mapped_is_a_map(self):
        with Flow("f") as flow:
            result = pair([1, 2], [3, 4], mapped=True)
        assert flow.run().result[result].result == [(1, 3), (2, 4)]

    def test_flatten_removes_one_level_in_an_ordinary_call(self):
        with Flow("f") as flow:
            result = value(flatten([[1], [[2]]]))
        assert flow.run().result[result].result == [1, [2]]

    def test_flatten_removes_one_level_before_mapping(self):
        with Flow("f") as flow:
            result = value.map(flatten([[1], [[2]]]))
        assert flow.run().result[result].result == [1, [2]]

    def test_a_parameter_can_be_annotated(self):
        with Flow("f") as flow:
            result = value.map(flatten(Parameter("p")))
        assert flow.run(p=[[1, 2], [3]]).result[result].result == [1, 2, 3]
