"""What holds for any graph, in whatever order it is built. Source: core.md §2.3 to §2.5."""

from __future__ import annotations

import cloudpickle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefect import Flow, Task
from prefect.edge import Edge

KEYS = [None, "a", "b", "c"]
any_time = settings(deadline=None)


class Sum(Task):
    """Adds its own number to whatever it is given."""

    def __init__(self, number, **kwargs):
        self.number = number
        super().__init__(**kwargs)

    def run(self, a=0, b=0, c=0):
        return self.number + a + b + c


@st.composite
def graphs(draw, largest=8):
    """Tasks in the order in which they are added, and edges from lower to higher numbers in any order."""
    numbers = range(draw(st.integers(1, largest)))
    tasks = [Sum(number, name=draw(st.sampled_from("mn"))) for number in numbers]
    pairs = [(low, high) for high in numbers for low in range(high)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    edges = [Edge(tasks[low], tasks[high], key=draw(st.sampled_from(KEYS))) for low, high in chosen]
    return draw(st.permutations(tasks)), edges


def build(tasks, edges, edges_first):
    flow = Flow("f", tasks=[] if edges_first else tasks, edges=edges)
    for one in tasks:
        flow.add_task(one)
    return flow


def first_possible_order(flow):
    """By its definition: of the tasks that can come next, always the one that was added first."""
    order = []
    while len(order) < len(flow.tasks):
        order.append(next(one for one in flow.slugs if one not in order and flow.upstream_tasks(one) <= set(order)))
    return tuple(order)


def check_invariants(flow):
    """What must be true of a flow after any change."""
    flow.validate()
    assert set(flow.slugs) == flow.tasks
    assert len(set(flow.slugs.values())) == len(flow.tasks)
    assert set(flow.constants) <= flow.tasks
    assert all(edge.tasks <= flow.tasks for edge in flow.edges)
    assert set().union(*flow.all_upstream_edges().values()) == flow.edges
    assert set().union(*flow.all_downstream_edges().values()) == flow.edges
    order = flow.sorted_tasks()
    assert sorted(map(id, order)) == sorted(map(id, flow.tasks))
    place = {one: number for number, one in enumerate(order)}
    assert all(place[edge.upstream_task] < place[edge.downstream_task] for edge in flow.edges)


def values(flow):
    """Slug → value of each task after a run."""
    state = flow.run()
    return {slug: state.result[one].result for one, slug in flow.slugs.items()}


@any_time
@given(graphs(), st.booleans())
def test_tasks_are_sorted_into_the_first_possible_order(graph, edges_first):
    flow = build(*graph, edges_first)
    check_invariants(flow)
    assert flow.sorted_tasks() == first_possible_order(flow)


@any_time
@given(graphs(), st.data())
def test_from_a_root_comes_what_is_behind_it_in_the_same_order(graph, data):
    flow = build(*graph, edges_first=False)
    root = data.draw(st.sampled_from(graph[0]))
    behind = {root}
    for one in flow.sorted_tasks():
        if flow.upstream_tasks(one) & behind:
            behind.add(one)
    assert flow.sorted_tasks([root]) == tuple(one for one in flow.sorted_tasks() if one in behind)


@any_time
@given(graphs(), st.data())
def test_a_way_back_is_a_cycle(graph, data):
    tasks, edges = graph
    flow = build(tasks, edges, edges_first=False)
    if edges:
        last = data.draw(st.sampled_from(edges)).downstream_task
        first = data.draw(
            st.sampled_from([one for one in tasks if last in flow.sorted_tasks([one]) and one is not last])
        )
        flow.add_edge(last, first)
        for act in (flow.sorted_tasks, flow.validate, flow.serialize):
            with pytest.raises(ValueError, match=r"^Cycle found"):
                act()


@any_time
@given(graphs())
def test_a_copy_is_equal_and_independent(graph):
    flow = build(*graph, edges_first=False)
    copied = flow.copy()
    assert copied == flow
    before, extra = flow.sorted_tasks(), Sum(0)
    copied.chain(*before, extra)
    check_invariants(copied)
    check_invariants(flow)
    assert (extra in flow.tasks, flow.sorted_tasks()) == (False, before)


@any_time
@given(graphs(), graphs())
def test_an_update_unites_two_flows(one, two):
    first, second = build(*one, edges_first=False), build(*two, edges_first=True)
    shared = one[0][0]
    second.add_task(shared)
    tasks, edges = first.tasks | second.tasks, first.edges | second.edges
    first.update(second)
    check_invariants(first)
    check_invariants(second)
    assert (first.tasks, first.edges) == (tasks, edges)


@any_time
@given(graphs(), st.data())
def test_a_replacement_has_the_neighbours_of_the_old_task(graph, data):
    flow = build(*graph, edges_first=False)
    old, new = data.draw(st.sampled_from(graph[0])), Sum(100)
    upstream, downstream, count = flow.upstream_tasks(old), flow.downstream_tasks(old), len(flow.edges)
    flow.replace(old, new)
    check_invariants(flow)
    assert (flow.upstream_tasks(new), flow.downstream_tasks(new), len(flow.edges)) == (upstream, downstream, count)
    assert old not in flow.tasks


@settings(any_time, max_examples=30)
@given(graphs(largest=5))
def test_a_pickled_flow_runs_the_same(graph):
    tasks, edges = graph
    flow = build(tasks, edges, edges_first=False)
    for one in tasks:
        flow.set_dependencies(one, keyword_tasks={"a": 1000})
    copied = cloudpickle.loads(cloudpickle.dumps(flow))
    check_invariants(copied)
    assert [copied.slugs[one] for one in copied.sorted_tasks()] == [flow.slugs[one] for one in flow.sorted_tasks()]
    assert values(copied) == values(flow)
