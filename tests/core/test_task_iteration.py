"""Unpacking and indexing the values of tasks. Source: core.md §3.5."""

from __future__ import annotations

from typing import Tuple  # noqa: UP035 - the old spelling is what 1.x flows have

import pytest

from prefect import Flow, Parameter, Task, task
from prefect.edge import Edge
from prefect.engine.results import LocalResult
from prefect.tasks.core.operators import GetItem


@task
def value(x):
    return x


def half():
    return 1, 2


half.__annotations__ = {"return": Tuple[int, int]}  # noqa: UP006


@pytest.fixture
def flow():
    with Flow("f") as built:
        yield built


class TestUnpacking:
    def test_as_many_values_as_nout_says(self):
        with Flow("f") as flow:
            first, second = task(lambda: (1, 2), nout=2)()
        state = flow.run()
        assert (state.result[first].result, state.result[second].result) == (1, 2)

    def test_or_as_the_return_annotation_says(self):
        with Flow("f") as flow:
            first, second = task(half)()
        state = flow.run()
        assert (state.result[first].result, state.result[second].result) == (1, 2)

    def test_each_value_is_an_item_of_the_task(self, flow):
        source = task(lambda: (1, 2), nout=2, name="split")()
        assert [type(item) for item in source] == [GetItem, GetItem]
        assert sorted(flow.slugs.values()) == ["split-1", "split[0]-1", "split[1]-1"]

    def test_an_unknown_number_of_values_cannot_be_unpacked(self, flow):
        with pytest.raises(
            TypeError,
            match=r"^Task 'value' cannot be unpacked, since it is not known how many values it returns\. Give it"
            r" `nout=\.\.\.`, or annotate the return type as a Tuple\.$",
        ):
            iter(value((1, 2)))

    def test_no_values_are_unpacked_into_nothing(self, flow):
        assert list(task(lambda: (), nout=0)()) == []

    def test_a_value_that_is_missing_fails_its_task_and_the_flow(self):
        with Flow("f") as flow:
            _, second, third = task(lambda: (1, 2), nout=3)()
        state = flow.run()
        assert state.is_failed()
        assert isinstance(state.result[third].result, IndexError)
        assert state.result[second].result == 2


class TestIndexing:
    def test_a_key_is_bound_to_an_item_task(self, flow):
        source = value({"a": 1})
        item = source["a"]
        assert type(item) is GetItem
        assert flow.edges_to(item) == {Edge(source, item, key="task_result")}
        assert flow.constants[item] == {"key": "a"}

    @pytest.mark.parametrize(
        ("key", "name"),
        [("a", "value['a']"), (0, "value[0]"), (-1, "value[-1]"), (slice(1, 2), "value[slice(1, 2, None)]")],
    )
    def test_it_is_named_after_task_and_key(self, flow, key, name):
        assert value([1])[key].name == name

    def test_a_task_can_be_the_key(self):
        with Flow("f") as flow:
            item = value({"a": 1})[Parameter("k")]
        assert item.name == "value[k]"
        assert flow.run(k="a").result[item].result == 1

    def test_it_inherits_where_the_value_is_stored(self, flow):
        source = Task(checkpoint=False, result=LocalResult()).bind()
        item = source[0]
        assert (item.checkpoint, item.result) == (False, source.result)

    def test_items_can_be_indexed_again(self):
        with Flow("f") as flow:
            item = value({"a": [5]})["a"][0]
        assert item.name == "value['a'][0]"
        assert flow.run().result[item].result == 5

    def test_it_needs_a_flow(self):
        with pytest.raises(ValueError, match=r"^<Task: value\[0\]> was called outside a flow\."):
            value[0]

    def test_a_missing_key_fails_the_task(self):
        with Flow("f") as flow:
            item = value({})["a"]
        assert isinstance(flow.run().result[item].result, KeyError)
