"""What flow files use around tasks. Source: core.md §3.3, §3.7, §4.5, §10.6 and §11.2."""

from __future__ import annotations

import collections
from datetime import timedelta

import pytest

import prefect
from prefect import Flow, Parameter, Task, apply_map, case, flatten, mapped, tags, task, unmapped
from prefect.engine import signals
from prefect.tasks.core.constants import Constant
from prefect.utilities.tasks import as_task, contains_task, defaults_from_attrs, pause_task


@task
def value(x=None):
    return x


@task
def add(x, y):
    return x + y


def edges(flow):
    """Edges as (upstream, downstream, key, mapped), by slug."""
    slugs = flow.slugs
    return sorted((slugs[e.upstream_task], slugs[e.downstream_task], e.key or "", e.mapped) for e in flow.edges)


class TestTask:
    def test_it_decorates_bare_and_with_arguments(self):
        @task
        def bare():
            return 1

        @task(name="named", tags=["a"])
        def other():
            return 1

        assert (bare.name, other.name, other.tags) == ("bare", "named", {"a"})

    def test_without_a_function_it_is_a_decorator(self):
        assert task()(value.run).name == "value"

    def test_it_is_also_a_function(self):
        assert task(value.run, name="named").name == "named"


class TestTags:
    def test_tasks_made_copied_or_bound_inside_get_the_tags(self):
        with Flow("f"), tags("a", "b"):
            made = Task()
            called = value()
            bound = made.bind()
        assert made.tags == called.tags == bound.tags == {"a", "b"}

    def test_blocks_nest_by_union_and_end(self):
        with tags("a"):
            with tags("b"):
                inner = Task(tags=["own"])
            outer = Task()
        assert (inner.tags, outer.tags, Task().tags) == ({"a", "b", "own"}, {"a"}, set())

    def test_the_block_yields_nothing(self):
        with tags("a") as yielded:
            assert prefect.context.tags == {"a"}
        assert yielded is None
        assert "tags" not in prefect.context

    def test_it_decorates_a_function_that_builds(self):
        @tags("a")
        def build():
            return Task()

        assert build().tags == {"a"}
        assert build().tags == {"a"}


class TestAsTask:
    def test_a_task_stays_itself(self):
        assert as_task(value) is value
        assert not value.auto_generated

    def test_an_annotation_is_removed(self):
        assert as_task(unmapped(mapped(value))) is value
        assert as_task(flatten(5)).value == 5

    @pytest.mark.parametrize(
        "plain",
        [1, "x", None, [1, 2], {"a": (1,)}, range(3), frozenset([value]), collections.deque([value]), {value: 1}],
    )
    def test_a_value_without_tasks_becomes_a_constant(self, plain):
        made = as_task(plain)
        assert isinstance(made, Constant)
        assert made.value is plain
        assert made.auto_generated

    @pytest.mark.parametrize(
        ("make", "name", "expected"),
        [
            (lambda t: [t, 2], "List", [1, 2]),
            (lambda t: (t, [t]), "Tuple", (1, [1])),
            (lambda t: {t, 2}, "Set", {1, 2}),
            (lambda t: {"a": 1, "b": t}, "Dict", {"a": 1, "b": 1}),
            (lambda t: {"a": [{"b": t}]}, "Dict", {"a": [{"b": 1}]}),
            (lambda t: [unmapped(t)], "List", [1]),
            (lambda t: collections.OrderedDict(a=t), "Dict", {"a": 1}),
        ],
    )
    def test_a_collection_of_tasks_becomes_a_task_that_collects(self, make, name, expected):
        with Flow("f") as flow:
            made = as_task(make(value(1)))
        assert (made.name, made.auto_generated, made in flow.tasks) == (name, True, True)
        assert flow.run().result[made].result == expected

    def test_a_collection_is_added_to_the_flow_that_is_passed(self):
        flow = Flow("f")
        made = as_task([value], flow=flow)
        assert flow.tasks == {made, value}

    def test_a_collection_of_tasks_outside_a_flow_is_refused(self):
        with pytest.raises(ValueError, match="outside a flow"):
            as_task([value])

    def test_a_constant_is_not_added_to_the_flow(self):
        with Flow("f") as flow:
            as_task([1, 2])
        assert flow.tasks == set()


def test_contains_task_looks_into_lists_tuples_sets_and_values():
    assert all(contains_task(x) for x in (value, unmapped(1), [value], ((value,),), {"a": [value]}, {value}))
    assert not any(contains_task(x) for x in (1, "text", [1, (2,)], {value: 1}, range(9), collections.deque([value])))


class TestPauseTask:
    def test_it_raises_the_signal_of_a_paused_state(self):
        with pytest.raises(signals.PAUSE) as raised:
            pause_task("wait for me")
        assert (type(raised.value.state).__name__, raised.value.state.message) == ("Paused", "wait for me")
        assert raised.value.state.start_time is None

    def test_it_has_a_message_of_its_own(self):
        with pytest.raises(signals.PAUSE, match="Pause signal raised during task execution"):
            pause_task()

    def test_a_duration_ends_the_pause_by_itself(self):
        import pendulum

        before = pendulum.now("UTC")
        with pytest.raises(signals.PAUSE) as raised:
            pause_task(duration=timedelta(hours=1))
        assert before + timedelta(hours=1) <= raised.value.state.start_time <= pendulum.now("UTC") + timedelta(hours=1)

    def test_a_resumed_task_goes_on(self):
        with prefect.context(resume=True):
            assert pause_task() is None


class TestDefaultsFromAttrs:
    class Adder(Task):
        def __init__(self, x=None, y=3, **kwargs):
            self.x = x
            self.y = y
            super().__init__(**kwargs)

        @defaults_from_attrs("x", "y")
        def run(self, x=None, y=None, z=4):
            """Return all."""
            return x, y, z

    def test_attributes_stand_in_for_arguments_that_are_not_passed(self):
        with Flow("f") as flow:
            a, b = self.Adder(1)(), self.Adder(1)(x=2)
        result = flow.run().result
        assert (result[a].result, result[b].result) == ((1, 3, 4), (2, 3, 4))

    def test_none_counts_as_passed(self):
        assert self.Adder(1).run(y=None) == (1, None, 4)

    def test_a_positional_argument_is_given_twice(self):
        with pytest.raises(TypeError, match="multiple values"):
            self.Adder(1).run(5)

    def test_the_method_keeps_its_name_docstring_and_arguments(self):
        made = self.Adder()
        assert (made.run.__name__, made.run.__doc__) == ("run", "Return all.")
        assert list(made.inputs()) == ["x", "y", "z"]

    def test_a_missing_attribute_is_an_error(self):
        class Wrong(Task):
            @defaults_from_attrs("nothing")
            def run(self, nothing=None):
                return nothing

        with pytest.raises(AttributeError, match="nothing"):
            Wrong().run()


class TestApplyMap:
    def test_the_tasks_of_a_function_are_mapped(self):
        def increment_twice(x):
            return add(add(x, 1), 1)

        with Flow("f") as flow:
            result = apply_map(increment_twice, [1, 2, 3])
        assert flow.run().result[result].result == [3, 4, 5]

    def test_what_the_function_returns_is_returned(self):
        with Flow("f"):
            one, both = apply_map(lambda x: (value(x), [value(x)]), [1])
        assert isinstance(one, Task)
        assert isinstance(both[0], Task)

    def test_a_sequence_is_kept_as_one_mapped_constant(self):
        with Flow("f") as flow:
            apply_map(value, [1, 2, 3])
        assert edges(flow) == [("Constant[list]-1", "value-1", "x", True)]

    def test_unmapped_arguments_are_handed_whole(self):
        with Flow("f") as flow:
            total = apply_map(add, [[1], [2]], unmapped(value([9])))
            constant = apply_map(add, [1, 2], unmapped(7))
        result = flow.run().result
        assert (result[total].result, result[constant].result) == ([[1, 9], [2, 9]], [8, 9])
        assert flow.constants[constant] == {"y": 7}

    def test_flatten_is_honoured(self):
        with Flow("f") as flow:
            flat = apply_map(value, flatten(value([[1], [2, 3]])))
            both = apply_map(add, flatten([[1], [2]]), flatten([[3, 4]]))
        result = flow.run().result
        assert (result[flat].result, result[both].result) == ([1, 2, 3], [4, 6])

    def test_arguments_can_be_given_by_name(self):
        with Flow("f") as flow:
            total = apply_map(lambda x, y: add(x, y), y=[10, 20], x=Parameter("p", default=[1, 2]))
        assert flow.run().result[total].result == [11, 22]

    def test_text_and_ranges_are_sequences(self):
        with Flow("f") as flow:
            letters, numbers = apply_map(value, "ab"), apply_map(value, range(2))
        result = flow.run().result
        assert (result[letters].result, result[numbers].result) == (["a", "b"], [0, 1])

    @pytest.mark.parametrize("given", [5, {1, 2}, {"a": 1}, None, iter([1])])
    def test_other_values_are_refused(self, given):
        with pytest.raises(TypeError, match="is not a sequence"), Flow("f"):
            apply_map(value, given)

    def test_a_list_of_tasks_is_mapped_over(self):
        with Flow("f") as flow:
            total = apply_map(add, [value(1), 2], unmapped(10))
        assert flow.run().result[total].result == [11, 12]

    def test_an_equal_value_of_the_function_itself_is_not_mapped(self):
        data = [1, 2]
        with Flow("f") as flow:
            total = apply_map(lambda x: add([x], data), data)
        assert flow.run().result[total].result == [[1, 1, 2], [2, 1, 2]]

    def test_tasks_without_inputs_follow_every_argument_but_unmapped_constants(self):
        def build(x, y, whole, constant):
            return value()

        with Flow("f") as flow:
            alone = apply_map(build, [4, 5], value([6, 7, 8]), unmapped(value("z")), unmapped("q"))
        assert edges(flow) == [
            ("[4, 5]-1", "value-3", "", True),
            ("value-1", "value-3", "", True),
            ("value-2", "value-3", "", False),
        ]
        assert len(flow.run().result[alone].result) == 2

    def test_a_task_from_outside_is_mapped_over_as_well(self):
        with Flow("f") as flow:
            outside = value([10, 20])
            total = apply_map(lambda x: add(x, outside), [1, 2])
        assert flow.run().result[total].result == [11, 22]
        assert flow.upstream_tasks(outside) == set()

    def test_a_parameter_made_by_the_function_stays_a_root(self):
        """1.4.1 failed here, since it made the parameter follow the arguments."""
        with Flow("f") as flow:
            total = apply_map(lambda x: add(x, unmapped(Parameter("p", default=[5, 6]))), [1, 2])
        assert flow.run().result[total].result == [6, 8]

    def test_case_and_merge_work_for_each_element(self):
        from prefect.tasks.control_flow import merge

        def build(x):
            with case(x, 1):
                one = value("one")
            with case(x, 2):
                two = value("two")
            return merge(one, two, x)

        with Flow("f") as flow:
            named = apply_map(build, [1, 2, 3])
        assert flow.run().result[named].result == ["one", "two", 3]

    def test_switch_works_for_each_element(self):
        from prefect.tasks.control_flow import switch

        def build(x):
            one = value("one")
            switch(x, {1: one})
            return one

        with Flow("f") as flow:
            named = apply_map(build, [1, 2])
        assert flow.run().result[named].result == ["one", None]

    def test_an_outer_case_skips_the_mapped_parents(self):
        with Flow("f") as flow, case(value(1), 2):
            result = apply_map(value, [1, 2])
        assert flow.run().result[result].is_skipped()
        assert not flow.run().result[result].is_mapped()

    def test_operators_and_items_work_for_each_element(self):
        with Flow("f") as flow:
            result = apply_map(lambda x: x[0] * 2, [[1], [2]])
        assert flow.run().result[result].result == [2, 4]

    @pytest.mark.parametrize(
        "maps",
        [lambda x: value.map(x), lambda x: value(x, mapped=True), lambda x: apply_map(value, x)],
        ids=["map", "mapped=True", "apply_map"],
    )
    def test_a_function_that_maps_by_itself_is_refused(self, maps):
        with pytest.raises(ValueError, match="inside `apply_map`"), Flow("f"):
            apply_map(maps, [[1]])

    def test_the_argument_itself_can_be_returned(self):
        with Flow("f") as flow:
            result = apply_map(lambda x: x, [1, 2])
        assert result.value == [1, 2]
        assert flow.tasks == set()

    def test_a_failing_function_leaves_constants_as_they_were(self):
        constant = Constant([1, 2])

        def fail(x):
            raise KeyError("mine")

        with Flow("f") as flow, pytest.raises(KeyError, match="mine"):
            apply_map(fail, constant)
        assert constant.value == [1, 2]
        assert flow.tasks == set()

    def test_tasks_get_the_slugs_they_would_get_without_it(self):
        with Flow("f") as flow:
            value(0)
            with tags("a"):
                apply_map(lambda x: value(value(x)), [1])
        assert sorted(slug for slug in flow.slugs.values() if "value" in slug) == ["value-1", "value-a-1", "value-a-2"]

    def test_outside_a_flow_it_is_refused(self):
        with pytest.raises(ValueError, match="outside a flow"):
            apply_map(value, [1])

    def test_with_a_flow_the_function_gets_one_to_hand_on(self):
        flow = Flow("f")
        given = []

        def build(x, flow):
            given.append(flow)
            return value(x, flow=flow)

        result = apply_map(build, [1, 2], flow=flow)
        assert given[0] is not flow
        assert flow.run().result[result].result == [1, 2]

    def test_with_a_flow_the_function_has_to_accept_it(self):
        with pytest.raises(TypeError, match="flow"):
            apply_map(lambda x: value(x), [1], flow=Flow("f"))
