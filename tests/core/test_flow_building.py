"""Adding tasks and edges to a flow. Source: core.md §2.3 and §2.4."""

from __future__ import annotations

import pytest

from prefect import Flow, Parameter, Task, apply_map, flatten, mapped, task, unmapped
from prefect.edge import Edge
from prefect.tasks.core.collections import List
from prefect.tasks.core.constants import Constant
from prefect.utilities.configuration import set_temporary_config


@task
def value(x=None):
    return x


@task
def pair(x, y):
    return x, y


@task
def rest(**values):
    return values


@pytest.fixture
def flow():
    return Flow("f")


@pytest.fixture
def one():
    return Task(name="one")


@pytest.fixture
def two():
    return Task(name="two")


class TestAddTask:
    def test_it_returns_the_task(self, flow, one):
        assert flow.add_task(one) is one
        assert flow.tasks == {one}

    def test_a_second_time_it_changes_nothing(self, flow, one):
        flow.add_task(one)
        assert flow.add_task(one) is one
        assert flow.slugs == {one: "one-1"}

    @pytest.mark.parametrize("given", [3, None, Task, "task"])
    def test_it_takes_tasks_only(self, flow, given):
        with pytest.raises(
            TypeError, match=r"^A flow holds tasks, not objects of type \w+\. Wrap the value in `Constant`"
        ):
            flow.add_task(given)

    def test_an_explicit_slug_that_is_taken_is_refused(self, flow):
        flow.add_task(Task(slug="s"))
        with pytest.raises(
            ValueError, match=r"^The slug 's' is taken by another task of the flow 'f'\. Give one of them another\.$"
        ):
            flow.add_task(Task(slug="s"))
        assert len(flow.tasks) == 1


class TestSlugs:
    def slugs(self, *tasks):
        return list(Flow("f", tasks=tasks).slugs.values())

    def test_they_are_numbered_by_name(self):
        assert self.slugs(Task("n"), Task("n"), Task("m"), Task("n")) == ["n-1", "n-2", "m-1", "n-3"]

    def test_tags_stand_sorted_between_name_and_number(self):
        tagged = [Task("n", tags={"z", "b"}), Task("n", tags=["b", "z"]), Task("n")]
        assert self.slugs(*tagged) == ["n-b-z-1", "n-b-z-2", "n-1"]

    def test_a_number_that_is_taken_is_skipped(self):
        assert self.slugs(Task(slug="n-1"), Task("n"), Task("n")) == ["n-1", "n-2", "n-3"]

    def test_an_explicit_slug_is_kept(self):
        assert self.slugs(Task("n", slug="mine"), Task("n")) == ["mine", "n-1"]

    def test_they_are_kept_on_the_flow(self, flow, one):
        flow.add_task(one)
        assert one.slug is None

    def test_serializing_writes_them_onto_the_tasks(self, flow, one):
        flow.add_task(one)
        flow.serialize()
        assert one.slug == "one-1"

    def test_a_parameter_has_its_name(self):
        assert self.slugs(Parameter("n", tags=["a"]), Task("n")) == ["n", "n-1"]


class TestAddEdge:
    def test_it_adds_edge_and_tasks_and_returns_the_edge(self, flow, one):
        edge = flow.add_edge(one, value, key="x", mapped=True, flattened=True)
        assert edge == Edge(one, value, key="x", mapped=True, flattened=True)
        assert (flow.edges, flow.tasks) == ({edge}, {one, value})

    def test_the_upstream_task_is_added_first(self, flow, one, two):
        flow.add_edge(one, two)
        assert list(flow.slugs) == [one, two]

    def test_an_edge_is_added_once(self, flow, one, two):
        assert flow.add_edge(one, two) == flow.add_edge(one, two)
        assert len(flow.edges) == 1

    def test_a_parameter_has_no_upstream_tasks(self, flow, one):
        with pytest.raises(
            ValueError, match=r"^<Parameter: p> cannot have upstream tasks, since parameters begin a flow\.$"
        ):
            flow.add_edge(one, Parameter("p"))

    def test_a_task_does_not_lead_to_itself(self, flow, one):
        with pytest.raises(ValueError, match=r"^<Task: one> cannot be its own upstream task"):
            flow.add_edge(one, one)

    @pytest.mark.parametrize("upstream", [Task(), 5], ids=["task", "constant"])
    @pytest.mark.parametrize("key", ["1x", "class", ""])
    def test_a_key_has_to_be_an_argument_name(self, flow, upstream, key):
        with pytest.raises(ValueError, match=f"^The key {key!r} of an edge is not a valid argument name"):
            flow.add_edge(upstream, value, key=key)
        assert flow.constants == {}

    def test_annotations_override_the_arguments(self, flow, one):
        assert flow.add_edge(mapped(one), value, key="x").mapped is True
        assert flow.add_edge(unmapped(one), value, key="x", mapped=True).mapped is False
        assert flow.add_edge(one, flatten(value), key="x").flattened is True

    def test_values_are_converted(self, flow, one):
        edge = flow.add_edge([one], value, key="x")
        assert isinstance(edge.upstream_task, List)
        assert flow.upstream_tasks(edge.upstream_task) == {one}

    def test_mapping_inside_apply_map_is_refused(self, flow, one):
        def build(x):
            flow.add_edge(one, value, mapped=True)

        with pytest.raises(ValueError, match=r"^A task cannot be mapped inside `apply_map`"), flow:
            apply_map(build, [1])


class TestConstants:
    def test_a_value_for_an_argument_needs_neither_task_nor_edge(self, flow):
        edge = flow.add_edge(5, value, key="x")
        assert (flow.tasks, flow.edges, flow.constants) == ({value}, set(), {value: {"x": 5}})
        assert edge.upstream_task.value == 5
        assert (edge.downstream_task, edge.key) == (value, "x")

    def test_neither_does_a_constant_task(self, flow):
        constant = Constant(5)
        edge = flow.add_edge(constant, value, key="x")
        assert (flow.tasks, flow.constants) == ({value}, {value: {"x": 5}})
        assert edge.upstream_task is constant

    def test_the_value_is_the_very_object(self, flow):
        given = [1]
        flow.set_dependencies(value, keyword_tasks={"x": given})
        flow.add_edge(Constant(given), pair, key="x")
        assert flow.constants[value]["x"] is given
        assert flow.constants[pair]["x"] is given

    def test_another_value_for_the_argument_replaces_it(self, flow):
        flow.add_edge(5, value, key="x")
        flow.add_edge(6, value, key="x")
        assert flow.constants == {value: {"x": 6}}

    def test_a_value_that_only_comes_first_is_a_task(self, flow):
        edge = flow.add_edge(5, value)
        assert flow.edges == {edge}
        assert flow.tasks == edge.tasks

    @pytest.mark.parametrize("how", [{"mapped": True}, {"flattened": True}])
    def test_a_value_that_is_mapped_or_flattened_is_a_task(self, flow, how):
        edge = flow.add_edge([1, 2], value, key="x", **how)
        assert (flow.edges, flow.constants) == ({edge}, {})

    def test_a_call_adds_one_task_and_a_map_two(self, flow):
        with flow:
            value(1)
            assert len(flow.tasks) == 1
            value.map([1, 2])
            assert len(flow.tasks) == 3


class TestWithoutValidation:
    def test_two_edges_may_feed_one_argument(self, flow, one, two):
        flow.add_edge(one, value, key="x")
        flow.add_edge(two, value, key="x")
        assert len(flow.edges) == 2

    def test_an_unknown_argument_fails_when_the_task_runs(self, flow, one):
        flow.add_edge(one, value, key="nope")
        state = flow.run()
        assert state.is_failed()
        assert isinstance(state.result[value].result, TypeError)

    def test_a_cycle_fails_when_the_flow_runs(self, flow, one, two):
        flow.chain(one, two, one)
        state = flow.run()
        assert state.is_failed()
        assert isinstance(state.result, ValueError)
        assert str(state.result).startswith("Cycle found")


class TestValidation:
    def test_an_argument_cannot_have_two_values(self, flow, one, two):
        flow.add_edge(one, value, key="x", validate=True)
        with pytest.raises(
            ValueError,
            match=r"^Argument 'x' of <Task: value> has a value already in the flow 'f'\. Call the task again to use it"
            r" with another value\.$",
        ):
            flow.add_edge(two, value, key="x", validate=True)
        assert len(flow.edges) == 1

    def test_the_same_edge_can_be_added_again(self, flow, one):
        flow.add_edge(one, value, key="x", validate=True)
        assert flow.add_edge(one, value, key="x", validate=True) in flow.edges

    def test_tasks_without_a_key_can_come_first_in_any_number(self, flow, one, two):
        flow.add_edge(one, value, validate=True)
        flow.add_edge(two, value, validate=True)
        assert len(flow.edges) == 2

    @pytest.mark.parametrize("upstream", [Task(), 5], ids=["task", "constant"])
    def test_an_argument_has_to_exist(self, flow, upstream):
        with pytest.raises(
            TypeError, match=r"^<Task: value> has no argument 'nope' in the flow 'f'\. Use an argument of its `run`\.$"
        ):
            flow.add_edge(upstream, value, key="nope", validate=True)

    def test_arguments_can_be_added_one_after_another(self, flow, one, two):
        flow.add_edge(one, pair, key="x", validate=True)
        flow.add_edge(two, pair, key="y", validate=True)
        assert len(flow.edges) == 2

    def test_the_rest_takes_any_argument(self, flow, one):
        assert flow.add_edge(one, rest, key="anything", validate=True) in flow.edges

    def test_a_cycle_is_found(self, flow, one, two):
        flow.add_edge(one, two, validate=True)
        with pytest.raises(
            ValueError, match=r"^Cycle found; flows must be acyclic\. In or behind the cycle: 'one', 'two'\.$"
        ):
            flow.add_edge(two, one, validate=True)

    def test_the_configuration_can_ask_for_it(self, flow, one, two):
        with set_temporary_config({"flows.eager_edge_validation": True}):
            with pytest.raises(TypeError, match="has no argument 'nope'"):
                flow.add_edge(one, value, key="nope")
            with pytest.raises(ValueError, match=r"^Cycle found"):
                flow.chain(one, two, one)


class TestChain:
    def test_it_adds_an_edge_between_each_pair(self, flow, one, two):
        edges = flow.chain(one, two, value)
        assert edges == [Edge(one, two), Edge(two, value)]
        assert flow.edges == set(edges)

    def test_less_than_two_tasks_have_no_edge(self, flow, one):
        assert (flow.chain(), flow.chain(one)) == ([], [])
        assert flow.tasks == set()

    def test_it_validates_if_asked_for(self, flow, one, two):
        with pytest.raises(ValueError, match=r"^Cycle found"):
            flow.chain(one, two, one, validate=True)


class TestSetDependencies:
    def test_it_connects_a_task_in_all_ways(self, flow, one, two):
        flow.set_dependencies(pair, upstream_tasks=[one], downstream_tasks=[two], keyword_tasks={"x": one, "y": 5})
        assert flow.edges == {Edge(one, pair), Edge(pair, two), Edge(one, pair, key="x")}
        assert flow.constants == {pair: {"y": 5}}

    def test_it_returns_nothing(self, flow, one):
        assert flow.set_dependencies(one) is None
        assert flow.tasks == {one}

    def test_mapped_concerns_what_comes_before_but_not_what_comes_after(self, flow, one, two):
        before = Task(name="before")
        flow.set_dependencies(
            value, upstream_tasks=[before], downstream_tasks=[two], keyword_tasks={"x": one}, mapped=True
        )
        assert flow.edges == {
            Edge(before, value, mapped=True),
            Edge(one, value, key="x", mapped=True),
            Edge(value, two),
        }

    def test_everything_is_converted(self, flow, one):
        flow.set_dependencies([one], upstream_tasks=[5], downstream_tasks=[{"a": one}])
        assert sorted(flow.slugs.values()) == ["5-1", "Dict-1", "List-1", "List-2", "one-1"]

    def test_annotations_override_mapped(self, flow, one, two):
        flow.set_dependencies(value, upstream_tasks=[unmapped(two)], keyword_tasks={"x": flatten(one)}, mapped=True)
        assert flow.edges == {Edge(two, value), Edge(one, value, key="x", mapped=True, flattened=True)}

    def test_mapping_inside_apply_map_is_refused(self, flow):
        def build(x):
            return value.map(x)

        with (
            pytest.raises(
                ValueError,
                match=r"^A task cannot be mapped inside `apply_map`, which maps it already\. Call it plainly there\.$",
            ),
            flow,
        ):
            apply_map(build, [1])

    def test_it_validates_if_asked_for(self, flow, one):
        with pytest.raises(TypeError, match="has no argument 'nope'"):
            flow.set_dependencies(value, keyword_tasks={"nope": one}, validate=True)
