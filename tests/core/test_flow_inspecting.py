"""Questions about a flow. Source: core.md §2.5."""

from __future__ import annotations

import pytest

from prefect import Flow, Parameter, Task, resource_manager, task
from prefect.edge import Edge
from prefect.tasks.core.constants import Constant


@task
def value(x=None):
    return x


def named(*names):
    return [Task(name=name) for name in names]


class TestGetTasks:
    @pytest.fixture
    def flow(self):
        first, second = Task(name="n", tags=["a", "b"]), Task(name="n", tags=["a"], slug="s")
        return Flow("f", tasks=[first, second, Parameter("p"), Task(name="other")])

    @pytest.mark.parametrize(
        ("criteria", "slugs"),
        [
            ({}, ["n-a-b-1", "s", "p", "other-1"]),
            ({"name": "n"}, ["n-a-b-1", "s"]),
            ({"tags": ["a"]}, ["n-a-b-1", "s"]),
            ({"tags": {"a", "b"}}, ["n-a-b-1"]),
            ({"slug": "s"}, ["s"]),
            ({"task_type": Parameter}, ["p"]),
            ({"name": "n", "slug": "other-1"}, []),
        ],
    )
    def test_all_criteria_have_to_hold(self, flow, criteria, slugs):
        assert [flow.slugs[found] for found in flow.get_tasks(**criteria)] == slugs

    def test_a_slug_that_the_flow_chose_is_found_before_serializing(self, flow):
        assert [found.name for found in flow.get_tasks(slug="other-1")] == ["other"]

    def test_subclasses_are_found_by_their_base(self, flow):
        assert len(flow.get_tasks(task_type=Task)) == 4


class TestEnds:
    def test_roots_have_nothing_before_and_terminals_nothing_behind(self):
        a, b, c, alone = named("a", "b", "c", "alone")
        flow = Flow("f", tasks=[alone], edges=[Edge(a, b), Edge(b, c)])
        assert flow.root_tasks() == {a, alone}
        assert flow.terminal_tasks() == {c, alone}

    def test_constants_without_a_task_are_no_roots(self):
        flow = Flow("f")
        flow.add_edge(5, value, key="x")
        assert flow.root_tasks() == {value}

    def test_an_empty_flow_has_none(self):
        assert Flow("f").root_tasks() == Flow("f").terminal_tasks() == set()

    def test_parameters_are_found(self):
        parameter = Parameter("p")
        assert Flow("f", tasks=[parameter, *named("a")]).parameters() == {parameter}


class TestReferenceTasks:
    def test_they_are_the_terminal_tasks(self):
        a, b, c = named("a", "b", "c")
        assert Flow("f", edges=[Edge(a, b), Edge(a, c)]).reference_tasks() == {b, c}

    def test_unless_others_are_set(self):
        a, b = named("a", "b")
        flow = Flow("f", edges=[Edge(a, b)])
        flow.set_reference_tasks([a])
        assert flow.reference_tasks() == {a}

    def test_setting_none_restores_the_terminal_tasks(self):
        a, b = named("a", "b")
        flow = Flow("f", edges=[Edge(a, b)], reference_tasks=None)
        flow.set_reference_tasks([a])
        flow.set_reference_tasks([])
        assert flow.reference_tasks() == {b}

    def test_a_task_that_is_not_in_the_flow_is_refused(self):
        [a] = named("a")
        with pytest.raises(ValueError, match=r"^<Task: a> is not a task of the flow 'f'\. Add it first\.$"):
            Flow("f").set_reference_tasks([a])

    def test_cleaning_up_a_resource_does_not_count(self):
        @resource_manager
        class Resource:
            def setup(self):
                """Sets up nothing."""

            def cleanup(self, resource):
                """Cleans up nothing."""

        with Flow("f") as flow, Resource() as resource:
            used = value(resource)
        assert flow.reference_tasks() == {used}
        assert [task.name for task in flow.terminal_tasks()] == ["Resource.cleanup"]

    def test_the_answer_is_a_set_of_its_own(self):
        a, b = named("a", "b")
        flow = Flow("f", tasks=[a, b], reference_tasks=[a])
        flow.reference_tasks().add(b)
        assert flow.reference_tasks() == {a}


class TestNeighbours:
    @pytest.fixture
    def tasks(self):
        return named("a", "b", "c")

    @pytest.fixture
    def flow(self, tasks):
        a, b, c = tasks
        return Flow("f", edges=[Edge(a, b), Edge(a, c, key="x"), Edge(b, c)])

    def test_edges_of_a_task(self, flow, tasks):
        a, b, c = tasks
        assert flow.edges_to(c) == {Edge(a, c, key="x"), Edge(b, c)}
        assert flow.edges_from(a) == {Edge(a, b), Edge(a, c, key="x")}
        assert flow.edges_to(a) == flow.edges_from(c) == set()

    def test_tasks_before_and_behind_a_task(self, flow, tasks):
        a, b, c = tasks
        assert flow.upstream_tasks(c) == {a, b}
        assert flow.downstream_tasks(a) == {b, c}

    def test_all_edges_by_task(self, flow, tasks):
        a, b, c = tasks
        assert flow.all_upstream_edges() == {a: set(), b: {Edge(a, b)}, c: {Edge(a, c, key="x"), Edge(b, c)}}
        assert flow.all_downstream_edges() == {a: {Edge(a, b), Edge(a, c, key="x")}, b: {Edge(b, c)}, c: set()}

    def test_edges_that_were_added_to_the_set_by_hand_are_seen(self, flow, tasks):
        a, _, c = tasks
        flow.edges.add(Edge(a, c))
        assert len(flow.edges_to(c)) == 3

    @pytest.mark.parametrize("method", ["edges_to", "edges_from", "upstream_tasks", "downstream_tasks"])
    def test_a_foreign_task_is_refused(self, flow, method):
        with pytest.raises(ValueError, match=r"^<Task: foreign> is not a task of the flow 'f'\. Add it first\.$"):
            getattr(flow, method)(Task(name="foreign"))

    def test_it_can_be_asked_whether_a_task_is_connected(self, flow, tasks):
        assert flow.has_edges(tasks[0])
        assert not flow.has_edges(Task())


class TestSortedTasks:
    def test_each_comes_behind_those_before_it(self):
        a, b, c, d = named("a", "b", "c", "d")
        flow = Flow("f", tasks=[d, c, b, a], edges=[Edge(a, b), Edge(b, c), Edge(c, d)])
        assert flow.sorted_tasks() == (a, b, c, d)

    def test_otherwise_they_keep_the_order_in_which_they_were_added(self):
        a, b, c, d = named("a", "b", "c", "d")
        flow = Flow("f", tasks=[d, a, c, b], edges=[Edge(b, a)])
        assert flow.sorted_tasks() == (d, c, b, a)

    def test_from_roots_only_what_is_behind_them(self):
        a, b, c, d = named("a", "b", "c", "d")
        flow = Flow("f", edges=[Edge(a, b), Edge(b, c), Edge(d, c)])
        assert flow.sorted_tasks(root_tasks=[b]) == (b, c)
        assert flow.sorted_tasks(root_tasks=[b, d]) == (b, d, c)

    def test_no_roots_are_all_tasks(self):
        a, b = named("a", "b")
        assert Flow("f", edges=[Edge(a, b)]).sorted_tasks(root_tasks=[]) == (a, b)

    def test_a_foreign_root_is_refused(self):
        with pytest.raises(ValueError, match=r"^<Task: foreign> is not a task of the flow 'f'"):
            Flow("f").sorted_tasks(root_tasks=[Task(name="foreign")])

    def test_a_cycle_is_refused(self):
        a, b, c = named("a", "b", "c")
        flow = Flow("f", edges=[Edge(a, b), Edge(b, c), Edge(c, b)])
        with pytest.raises(
            ValueError, match=r"^Cycle found; flows must be acyclic\. In or behind the cycle: 'b', 'c'\.$"
        ):
            flow.sorted_tasks()

    def test_an_empty_flow_has_no_tasks(self):
        assert Flow("f").sorted_tasks() == ()

    def test_a_long_row_of_tasks_is_no_problem(self):
        row = [Constant(number) for number in range(20_000)]
        flow = Flow("f")
        flow.chain(*reversed(row))
        assert flow.sorted_tasks() == tuple(reversed(row))


class TestValidate:
    def test_a_sound_flow_is_fine(self):
        a, b = named("a", "b")
        assert Flow("f", edges=[Edge(a, b)]).validate() is None

    def test_an_edge_to_a_foreign_task_is_refused(self):
        a, b = named("a", "b")
        flow = Flow("f", tasks=[a])
        flow.edges.add(Edge(a, b))
        with pytest.raises(
            ValueError, match=r"^The flow 'f' has an edge to <Task: b>, which is not in it\. Add the task"
        ):
            flow.validate()

    def test_a_foreign_reference_task_is_refused(self):
        a, b = named("a", "b")
        flow = Flow("f", tasks=[a, b], reference_tasks=[b])
        flow.tasks.remove(b)
        with pytest.raises(ValueError, match=r"^The flow 'f' has reference tasks that are not in it\."):
            flow.validate()

    def test_a_cycle_is_refused(self):
        a, b = named("a", "b")
        with pytest.raises(ValueError, match=r"^Cycle found"):
            Flow("f", edges=[Edge(a, b), Edge(b, a)]).validate()

    @pytest.mark.parametrize(
        "act",
        [lambda flow: flow.serialize(), lambda flow: flow.replace(flow.get_tasks("a")[0], Task())],
        ids=["serialize", "replace"],
    )
    def test_serializing_and_replacing_validate(self, act):
        a, b, c = named("a", "b", "c")
        flow = Flow("f", edges=[Edge(a, b), Edge(b, c), Edge(c, b)])
        with pytest.raises(ValueError, match=r"^Cycle found"):
            act(flow)
