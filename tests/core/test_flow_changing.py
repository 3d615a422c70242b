"""Copying, merging and changing flows. Source: core.md §2.3."""

from __future__ import annotations

import pytest

from prefect import Flow, Parameter, Task, task
from prefect.edge import Edge
from prefect.tasks.core.collections import List


@task
def value(x=None):
    return x


@task
def pair(x, y=2):
    return x, y


@task
def nothing():
    return None


def named(*names):
    return [Task(name=name) for name in names]


class TestCopy:
    def test_it_has_the_same_tasks_and_is_equal(self):
        with Flow("f", state_handlers=[print]) as flow:
            first = value(5)
            value(first)
        copied = flow.copy()
        assert copied == flow
        assert copied is not flow
        assert (copied.slugs, copied.constants, copied.state_handlers) == (flow.slugs, flow.constants, [print])

    def test_what_is_added_to_the_copy_does_not_change_the_original(self):
        with Flow("f") as flow:
            first = value(5)
        copied = flow.copy()
        with copied:
            second = value(first)
            copied.set_dependencies(first, keyword_tasks={"x": 6})
            copied.set_reference_tasks([first])
            copied.state_handlers.append(print)
        assert (flow.tasks, flow.edges, flow.slugs) == ({first}, set(), {first: "value-1"})
        assert (flow.constants, flow.state_handlers) == ({first: {"x": 5}}, [])
        assert flow.reference_tasks() == {first}
        assert copied.slugs[second] == "value-2"
        with flow:
            third = value()
        assert flow.slugs[third] == "value-2"

    def test_what_is_added_to_the_original_does_not_change_the_copy(self):
        with Flow("f") as flow:
            value()
            copied = flow.copy()
            value()
        assert (len(copied.tasks), len(flow.tasks)) == (1, 2)

    def test_it_keeps_its_class_and_what_else_is_on_it(self):
        class Own(Flow):
            """A kind of flow."""

        flow = Own("f", schedule="hourly")
        flow.extra = 1
        copied = flow.copy()
        assert (type(copied), copied.schedule, copied.extra) == (Own, "hourly", 1)

    def test_it_runs(self):
        with Flow("f") as flow:
            made = value(5)
        assert flow.copy().run().result[made].result == 5


class TestUpdate:
    def test_it_adds_tasks_edges_and_constants(self):
        with Flow("a") as one:
            first = value(1)
        with Flow("b") as two:
            second = pair(value(2), y=3)
        one.update(two)
        assert one.tasks == {first, *two.tasks}
        assert one.edges == two.edges
        assert one.constants == {first: {"x": 1}, **two.constants}
        assert one.run().result[second].result == (2, 3)

    def test_the_other_flow_stays_as_it_is(self):
        [a, b] = named("a", "b")
        one, two = Flow("a", tasks=[a]), Flow("b", tasks=[b])
        one.update(two)
        with one:
            pair(b)
        assert (two.tasks, two.edges) == ({b}, set())

    def test_slugs_are_numbered_on(self):
        one, two = Flow("a", tasks=named("t")), Flow("b", tasks=named("t"))
        one.update(two)
        assert list(one.slugs.values()) == ["t-1", "t-2"]

    def test_edges_keep_their_attributes(self):
        [a] = named("a")
        other = Flow("b", edges=[Edge(a, value, key="x", mapped=True, flattened=True)])
        flow = Flow("a")
        flow.update(other)
        assert flow.edges == other.edges

    def test_updating_with_itself_changes_nothing(self):
        with Flow("f") as flow:
            value(value(1))
        before = flow.copy()
        flow.update(flow)
        assert (flow, flow.constants) == (before, before.constants)

    def test_shared_tasks_are_added_once(self):
        a, b, c = named("a", "b", "c")
        flow = Flow("a", edges=[Edge(a, b)])
        flow.update(Flow("b", edges=[Edge(a, b), Edge(b, c)]))
        assert (flow.tasks, flow.edges) == ({a, b, c}, {Edge(a, b), Edge(b, c)})

    def test_parameters_of_one_name_are_refused(self):
        one, two = Flow("a", tasks=[Parameter("p")]), Flow("b", tasks=[Parameter("p")])
        with pytest.raises(ValueError, match=r"^The slug 'p' is taken by another task of the flow 'a'\."):
            one.update(two)

    def test_unless_they_are_merged_into_that_of_the_other_flow(self):
        ours, theirs = Parameter("p", default=1), Parameter("p", default=2)
        with Flow("a") as one:
            first = value(ours)
        with Flow("b") as two:
            second = value(theirs)
        one.update(two, merge_parameters=True)
        assert one.parameters() == {theirs}
        state = one.run(p=7)
        assert (state.result[first].result, state.result[second].result) == (7, 7)

    def test_reference_tasks_stay_those_of_this_flow(self):
        a, b = named("a", "b")
        one, two = Flow("a", tasks=[a]), Flow("b", tasks=[b])
        one.set_reference_tasks([a])
        one.update(two)
        assert one.reference_tasks() == {a}

    def test_reference_tasks_can_be_those_of_both(self):
        a, b, c = named("a", "b", "c")
        one, two = Flow("a", tasks=[a]), Flow("b", edges=[Edge(b, c)], tasks=[b, c], reference_tasks=[b])
        one.update(two, merge_reference_tasks=True)
        assert one.reference_tasks() == {a, b}
        with one:
            nothing()
        assert one.reference_tasks() == {a, b}

    def test_it_validates_if_asked_for(self):
        a, b = named("a", "b")
        flow, other = Flow("a", edges=[Edge(a, b)]), Flow("b", edges=[Edge(b, a)])
        with pytest.raises(ValueError, match=r"^Cycle found"):
            flow.update(other, validate=True)


class TestReplace:
    def test_edges_lead_to_and_from_the_new_task(self):
        before, old, new, after = named("before", "old", "new", "after")
        flow = Flow("f", edges=[Edge(before, old, key="x", mapped=True), Edge(old, after, key="y", flattened=True)])
        flow.replace(old, new)
        assert flow.tasks == {before, new, after}
        assert flow.edges == {Edge(before, new, key="x", mapped=True), Edge(new, after, key="y", flattened=True)}

    def test_the_slug_of_the_old_task_is_free_again(self):
        old, new = Task(slug="s"), Task(slug="s")
        flow = Flow("f", tasks=[old])
        flow.replace(old, new)
        assert flow.slugs == {new: "s"}

    def test_constants_go_to_the_new_task_as_far_as_it_takes_them(self):
        with Flow("f") as flow:
            old = pair(1, y=5)
        taking, other = pair.copy(), value.copy()
        flow.replace(old, taking)
        assert flow.constants == {taking: {"x": 1, "y": 5}}
        flow.replace(taking, other)
        assert flow.constants == {other: {"x": 1}}
        assert flow.run().result[other].result == 1

    def test_any_value_can_be_put_in(self):
        with Flow("f") as flow:
            old = nothing()
            used = value(old)
        flow.replace(old, 5)
        assert (flow.edges, flow.constants) == (set(), {used: {"x": 5}})
        assert flow.run().result[used].result == 5

    def test_a_list_of_tasks_can_be_put_in(self):
        with Flow("f") as flow:
            old = nothing()
            used = value(old)
        flow.replace(old, [value.copy(), 2])
        [collected] = flow.upstream_tasks(used)
        assert isinstance(collected, List)
        assert flow.run().result[used].result == [None, 2]

    def test_it_takes_the_place_among_the_reference_tasks(self):
        a, b, new = named("a", "b", "new")
        flow = Flow("f", tasks=[a, b], reference_tasks=[a])
        flow.replace(a, new)
        assert flow.reference_tasks() == {new}

    def test_a_task_that_is_in_the_flow_already_gets_the_edges_too(self):
        a, old, new, z = named("a", "old", "new", "z")
        flow = Flow("f", edges=[Edge(a, old), Edge(old, z), Edge(a, new)])
        flow.replace(old, new)
        assert flow.edges == {Edge(a, new), Edge(new, z)}

    def test_replacing_a_task_by_itself_changes_nothing(self):
        with Flow("f") as flow:
            made = value(1)
        before = flow.copy()
        flow.replace(made, made)
        assert (flow, flow.slugs, flow.constants) == (before, before.slugs, before.constants)

    def test_a_foreign_task_is_refused(self):
        old, new = named("old", "new")
        with pytest.raises(ValueError, match=r"^<Task: old> is not a task of the flow 'f'\. Add it first\.$"):
            Flow("f").replace(old, new)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("a", "b", "<Task: b> cannot replace <Task: a>, since an edge between them would lead to itself"),
            ("b", Parameter("p"), "<Parameter: p> cannot have upstream tasks"),
            ("b", Task(slug="taken"), "The slug 'taken' is taken"),
        ],
    )
    def test_what_cannot_take_the_place_is_refused_and_nothing_changed(self, old, new, message):
        a, b = named("a", "b")
        flow = Flow("f", tasks=[Task(slug="taken")], edges=[Edge(a, b)])
        before, tasks = flow.copy(), {"a": a, "b": b}
        with pytest.raises(ValueError, match=f"^{message}"):
            flow.replace(tasks[old], tasks.get(new, new))
        assert (flow, flow.slugs) == (before, before.slugs)

    def test_a_cycle_is_found(self):
        a, b, c = named("a", "b", "c")
        flow = Flow("f", edges=[Edge(a, b), Edge(b, c)])
        with pytest.raises(ValueError, match=r"^Cycle found"):
            flow.replace(a, c)

    def test_it_does_not_validate_if_asked_not_to(self):
        a, b, new = named("a", "b", "new")
        flow = Flow("f", edges=[Edge(a, b), Edge(b, a)])
        flow.replace(a, new, validate=False)
        assert flow.edges == {Edge(new, b), Edge(b, new)}
