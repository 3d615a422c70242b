"""Calling, binding, mapping and copying tasks, and connecting them by hand. Source: core.md §3.4."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

import prefect
from prefect import Flow, Parameter, Task, flatten, mapped, task, unmapped
from prefect.edge import Edge
from prefect.engine.results import LocalResult
from prefect.tasks.core.constants import Constant


@task
def one():
    return 1


@task
def value(x):
    return x


@task
def pair(x, y=2):
    return x, y


@task
def rest(x, **others):
    return x, others


@pytest.fixture
def flow():
    with Flow("f") as built:
        yield built


class TestCalling:
    def test_every_call_adds_a_new_task(self, flow):
        first, second = one(), one()
        assert flow.tasks == {first, second}
        assert one not in flow.tasks

    def test_the_copy_is_of_the_same_class_and_name(self, flow):
        called = one()
        assert (type(called), called.name, called.run) == (type(one), "one", one.run)

    def test_task_args_change_the_copy(self, flow):
        called = one(task_args={"name": "other", "tags": ["a"], "max_retries": 3})
        assert (called.name, called.tags, called.max_retries) == ("other", {"a"}, 3)
        assert (one.name, one.tags, one.max_retries) == ("one", set(), 0)
        assert flow.slugs[called] == "other-a-1"

    def test_task_args_have_to_be_attributes(self, flow):
        with pytest.raises(AttributeError, match=r"^Task 'one' has no attribute 'nope', so a copy cannot set it\.$"):
            one(task_args={"nope": 1})

    def test_upstream_tasks_only_come_first(self, flow):
        before = one()
        called = one(upstream_tasks=[before])
        assert flow.edges == {Edge(before, called)}

    def test_mapped_maps_over_all_inputs(self, flow):
        source = one()
        called = value(source, mapped=True)
        assert flow.edges == {Edge(source, called, key="x", mapped=True)}

    def test_the_flow_can_be_given(self):
        other = Flow("other")
        called = one(flow=other)
        assert other.tasks == {called}

    def test_the_given_flow_wins_over_the_block(self):
        made, other = Task(), Flow("other")
        with Flow("f") as flow:
            made.bind(flow=other)
        assert (other.tasks, flow.tasks) == ({made}, set())

    def test_it_needs_a_flow(self):
        with pytest.raises(
            ValueError,
            match=r"^<Task: one> was called outside a flow\. Call it inside `with Flow\(\.\.\.\)`, or call its"
            r" `\.run\(\.\.\.\)` to run it without a flow\.$",
        ):
            one()

    def test_a_task_of_another_flow_is_added_without_its_constants(self):
        with Flow("first") as first:
            foreign = value(5)
        with Flow("second") as second:
            value(foreign)
        assert foreign in second.tasks
        assert first.constants[foreign] == {"x": 5}
        assert foreign not in second.constants

    def test_one_task_can_be_in_several_flows(self):
        shared = Task()
        assert Flow("a", tasks=[shared]).tasks == Flow("b", tasks=[shared]).tasks == {shared}


class TestBinding:
    def test_it_adds_the_task_itself(self, flow):
        made = Task()
        assert made.bind() is made
        assert flow.tasks == {made}

    def test_values_are_constants_and_tasks_are_edges(self, flow):
        source = one()
        bound = pair.copy().bind(source, y=5)
        assert flow.edges == {Edge(source, bound, key="x")}
        assert flow.constants == {bound: {"y": 5}}

    def test_defaults_are_not_bound(self, flow):
        bound = pair(1)
        assert flow.constants == {bound: {"x": 1}}

    def test_the_rest_is_expanded(self, flow):
        source = one()
        bound = rest(1, y=source, z=3)
        assert flow.edges == {Edge(source, bound, key="y")}
        assert flow.constants == {bound: {"x": 1, "z": 3}}

    @pytest.mark.parametrize(
        ("args", "kwargs", "message"),
        [
            ((), {}, "missing a required argument: 'x'"),
            ((1, 2, 3), {}, "too many positional arguments"),
            ((1,), {"z": 1}, "got an unexpected keyword argument 'z'"),
            ((1,), {"x": 1}, "multiple values for argument 'x'"),
        ],
    )
    def test_inputs_that_do_not_fit_are_refused_when_the_flow_is_built(self, args, kwargs, message):
        flow = Flow("f")
        with pytest.raises(TypeError, match=rf"^<Task: pair>: {message}\. It takes: x, y\.$"):
            pair(*args, flow=flow, **kwargs)
        assert flow.tasks == set()

    def test_a_task_without_arguments_says_so(self):
        with pytest.raises(TypeError, match=r"^<Task: one>: too many positional arguments\. It takes: nothing\.$"):
            one(1, flow=Flow("f"))

    def test_an_input_has_to_have_an_argument_name(self, flow):
        with pytest.raises(ValueError, match=r"^The key 'a b' of an edge is not a valid argument name"):
            rest(1, **{"a b": 2})

    def test_tags_of_the_block_are_added(self, flow):
        made = Task(tags=["own"])
        with prefect.tags("block"):
            made.bind()
        assert made.tags == {"own", "block"}

    def test_tags_of_the_block_do_not_change_the_task_that_was_copied(self, flow):
        with prefect.tags("block"):
            called = one()
        assert (called.tags, one.tags) == ({"block"}, set())

    def test_collections_of_tasks_are_collected(self, flow):
        bound = value({"a": [one(), 2]})
        assert sorted(flow.slugs.values()) == ["Dict-1", "List-1", "List-2", "one-1", "value-1"]
        assert {(edge.upstream_task.name, edge.key) for edge in flow.edges_to(bound)} == {("Dict", "x")}


class TestMapping:
    def test_every_input_is_mapped(self, flow):
        source, before = one(), one()
        called = pair.map(source, y=[1, 2], upstream_tasks=[before])
        constant = next(t for t in flow.tasks if isinstance(t, Constant))
        assert flow.edges_to(called) == {
            Edge(source, called, key="x", mapped=True),
            Edge(constant, called, key="y", mapped=True),
            Edge(before, called, mapped=True),
        }

    def test_it_adds_a_copy(self, flow):
        called = value.map([1])
        assert called in flow.tasks
        assert value not in flow.tasks

    @pytest.mark.parametrize("given", [3, {1, 2}, (number for number in [1]), None])
    def test_an_argument_by_position_has_to_be_subscriptable(self, flow, given):
        with pytest.raises(
            TypeError,
            match=rf"^<Task: value> cannot be mapped over an argument of type {type(given).__name__}, which is not a"
            r" sequence\. Wrap it in `unmapped` to hand it to every child\.$",
        ):
            value.map(given)

    @pytest.mark.parametrize("given", [[1], (1,), "ab", {"a": 1}, range(3), mapped([1]), unmapped(3), flatten([[1]])])
    def test_sequences_dictionaries_and_annotations_pass(self, flow, given):
        assert value.map(given) in flow.tasks

    def test_arguments_by_name_are_not_checked(self, flow):
        assert value.map(x=3) in flow.tasks

    def test_the_number_of_values_is_forgotten(self, flow):
        split = task(lambda n: (n, n), nout=2)
        assert (split.map([1]).nout, split.nout) == (None, 2)

    def test_unless_it_is_given_again(self, flow):
        split = task(lambda n: (n, n), nout=2)
        called = split.map([1], task_args={"nout": 3, "name": "again"})
        assert (called.nout, called.name) == (3, "again")

    def test_the_flow_can_be_given(self):
        other = Flow("other")
        assert value.map([1], flow=other) in other.tasks


class TestCopying:
    def test_attributes_are_shared_and_can_be_replaced(self):
        made = Task(name="a", result=LocalResult(), trigger=print)
        copied = made.copy(name="b")
        assert copied is not made
        assert (copied.name, copied.result, copied.trigger) == ("b", made.result, print)

    def test_an_unknown_attribute_is_refused(self):
        with pytest.raises(AttributeError, match=r"^Task 'Task' has no attribute 'nope'"):
            Task().copy(nope=1)

    def test_an_attribute_of_a_subclass_can_be_replaced(self):
        class Emit(Task):
            def __init__(self, given):
                self.given = given
                super().__init__()

        assert Emit(1).copy(given=2).given == 2

    def test_an_explicit_slug_is_marked_as_copied(self):
        assert Task(slug="a").copy().slug == "a-copy"
        assert Task(slug="a").copy(slug="b").slug == "b"
        assert Task().copy().slug is None

    def test_tags_are_united(self):
        with prefect.tags("block"):
            copied = Task(tags=["own"]).copy(tags=["given"])
        assert copied.tags == {"own", "given", "block"}

    def test_the_tags_of_a_copy_are_its_own(self):
        made = Task(tags=["a"])
        made.copy().tags.add("b")
        assert made.tags == {"a"}

    def test_the_handlers_of_a_copy_are_its_own(self):
        made = Task(state_handlers=[print])
        made.copy().state_handlers.append(repr)
        assert made.state_handlers == [print]

    def test_the_logger_follows_the_name(self):
        assert Task(name="a").copy(name="b").logger is logging.getLogger("prefect.b")

    def test_a_new_target_is_the_location_of_the_result(self):
        made = Task(result=LocalResult(), target="a.txt")
        with pytest.warns(UserWarning, match="both a result with a location and a target"):
            copied = made.copy(target="b.txt")
        assert (copied.result.location, made.result.location) == ("b.txt", "a.txt")

    def test_a_new_result_is_located_at_the_target(self):
        result = LocalResult()
        copied = Task(target="a.txt").copy(result=result)
        assert (copied.result.location, result.location) == ("a.txt", None)

    def test_values_are_not_checked_as_in_the_constructor(self):
        assert Task().copy(max_retries=3).retry_delay is None
        assert Task().copy(timeout=timedelta(seconds=1)).timeout == timedelta(seconds=1)

    def test_copying_a_connected_task_is_warned_of(self, flow):
        used = value(one())
        with pytest.warns(UserWarning, match=r"^The dependencies of <Task: value> in the flow 'f' are not copied") as w:
            copied = used.copy()
        copied.bind(3)
        assert w[0].filename == __file__
        assert flow.edges_to(copied) == set()

    def test_copying_an_unconnected_task_is_not(self, flow):
        used = one()
        assert used.copy().bind() in flow.tasks

    def test_a_copy_is_no_part_of_a_flow(self):
        with Flow("f") as flow:
            made = value(1)
        copied = made.copy()
        assert copied not in flow.tasks
        assert copied not in flow.constants


class TestConnecting:
    def test_set_upstream_orders(self, flow):
        first, second = one.copy(), one.copy()
        assert second.set_upstream(first) is second
        assert flow.edges == {Edge(first, second)}

    def test_set_upstream_with_a_key_hands_the_value_over(self, flow):
        first, second = one.copy(), value.copy()
        second.set_upstream(first, key="x", mapped=True)
        assert flow.edges == {Edge(first, second, key="x", mapped=True)}

    def test_set_upstream_takes_values(self, flow):
        second = value.copy()
        second.set_upstream(5, key="x")
        assert flow.constants == {second: {"x": 5}}

    def test_set_downstream_is_the_other_way_round(self, flow):
        first, second = one.copy(), value.copy()
        assert first.set_downstream(second, key="x", mapped=True) is first
        assert flow.edges == {Edge(first, second, key="x", mapped=True)}

    def test_set_downstream_takes_tasks_only(self, flow):
        with pytest.raises(AttributeError):
            one.copy().bind().set_downstream(5)

    def test_set_dependencies_does_all_at_once(self, flow):
        before, middle, after, source = one.copy(), value.copy(), one.copy(), one.copy()
        made = middle.set_dependencies(
            upstream_tasks=[before], downstream_tasks=[after], keyword_tasks={"x": source}, mapped=True
        )
        assert made is middle
        assert flow.edges == {
            Edge(before, middle, mapped=True),
            Edge(source, middle, key="x", mapped=True),
            Edge(middle, after),
        }

    @pytest.mark.parametrize(
        "connect",
        [
            lambda: Task(name="t").set_dependencies(upstream_tasks=[Task()]),
            lambda: Task(name="t").set_upstream(Task()),
            lambda: Task().set_downstream(Task(name="t")),
        ],
        ids=["set_dependencies", "set_upstream", "set_downstream"],
    )
    def test_all_need_a_flow(self, connect):
        with pytest.raises(
            ValueError, match=r"^<Task: t> is not inside a flow\. Pass `flow`, or work inside `with Flow\(\.\.\.\)`\.$"
        ):
            connect()

    def test_all_take_a_flow(self):
        flow = Flow("f")
        first, second, third = one.copy(), one.copy(), one.copy()
        second.set_dependencies(flow, upstream_tasks=[first])
        third.set_upstream(second, flow=flow)
        first.set_downstream(third, flow=flow)
        assert flow.edges == {Edge(first, second), Edge(second, third), Edge(first, third)}


class TestPiping:
    def test_the_task_is_the_first_input_of_the_other(self, flow):
        first = one()
        second = first.pipe(pair, y=3).pipe(value)
        assert [flow.slugs[t] for t in flow.sorted_tasks()] == ["one-1", "pair-1", "value-1"]
        assert second.name == "value"

    def test_an_input_cannot_be_named_self(self, flow):
        with pytest.raises(
            ValueError, match=r"^An input of \.pipe cannot be named 'self'\. Call the other task directly"
        ):
            one().pipe(rest, self=1)

    def test_an_annotation_is_kept_for_the_next_task(self, flow):
        source = one()
        called = source.pipe(mapped).pipe(value)
        assert flow.edges == {Edge(source, called, key="x", mapped=True)}

    def test_a_parameter_can_be_piped(self, flow):
        parameter = Parameter("p")
        called = parameter.pipe(value)
        assert flow.edges == {Edge(parameter, called, key="x")}
