"""``switch``, ``ifelse`` and ``merge``. Source: core.md §10.2 to §10.4."""

from __future__ import annotations

import pytest

from prefect import Flow, task
from prefect.engine import signals
from prefect.tasks.control_flow import ifelse, merge, switch
from prefect.tasks.control_flow.conditional import Merge
from prefect.triggers import all_finished


@task
def value(x=None):
    return x


@task
def fail():
    raise ValueError("boom")


def skipped(flow, *tasks):
    result = flow.run().result
    return [result[task].is_skipped() for task in tasks]


def value_of(flow, task):
    return flow.run().result[task].result


def test_switch_runs_the_task_of_the_value():
    with Flow("f") as flow:
        a, b = value("A"), value("B")
        assert switch(value("b"), {"a": a, "b": b}) is None
    assert skipped(flow, a, b) == [True, False]


def test_switch_refuses_cases_that_are_no_dictionary():
    with Flow("f"), pytest.raises(TypeError) as caught:
        switch(value("b"), ["a", "b"])

    assert str(caught.value) == ("The cases of a switch are ['a', 'b']. Give a dictionary with the task of each value.")


def test_switch_adds_a_tagged_comparison_for_each_value():
    with Flow("f") as flow:
        switch(value(1), {1: value(), "b": value()})
    assert {slug for slug in flow.slugs.values() if "Compare" in slug} == {
        'CompareValue: "1"-switch-1',
        'CompareValue: "b"-switch-1',
    }


def test_switch_guards_a_collection_and_not_its_members():
    with Flow("f") as flow:
        first, second = value(1), value(2)
        switch(value("x"), {"y": [first, second]})
    (collected,) = flow.get_tasks("List")
    assert collected.tags == {"switch"}
    assert skipped(flow, first, second, collected) == [False, False, True]


def test_switch_decides_for_each_element_if_mapped():
    with Flow("f") as flow:
        numbers = value.map([1, 2, 1])
        ones, twos = value.map(numbers), value.map(numbers)
        switch(numbers, {1: ones, 2: twos}, mapped=True)
    result = flow.run().result
    assert (result[ones].result, result[twos].result) == ([1, None, 1], [None, 2, None])


def test_switch_outside_a_flow_is_refused():
    with pytest.raises(ValueError, match="outside a flow"):
        switch(5, {1: 2})


@pytest.mark.parametrize(("condition", "expected"), [([], [True, False]), ("text", [False, True])])
def test_ifelse_takes_the_condition_in_pythons_sense(condition, expected):
    with Flow("f") as flow:
        yes, no = value("yes"), value("no")
        ifelse(value(condition), yes, no)
    assert skipped(flow, yes, no) == expected
    assert len(flow.get_tasks("as_bool")) == 1


def test_a_branch_of_ifelse_can_be_missing():
    with Flow("f") as flow:
        yes, no = value("yes"), value("no")
        ifelse(value(0), yes, None)
        ifelse(value(0), None, no)
    assert skipped(flow, yes, no) == [True, False]


def test_ifelse_without_branches_adds_nothing():
    with Flow("f") as flow:
        condition = value(1)
        ifelse(condition, None, None)
    assert flow.tasks == {condition}


def test_ifelse_decides_for_each_element_if_mapped():
    with Flow("f") as flow:
        yes, no = value.map([5, 6]), value.map([7, 8])
        ifelse(value.map([0, 1]), yes, no, mapped=True)
    result = flow.run().result
    assert (result[yes].result, result[no].result) == ([None, 6], [7, None])


def test_merge_gives_the_value_of_the_branch_that_ran():
    with Flow("f") as flow:
        yes, no = value("yes"), value("no")
        ifelse(value(False), yes, no)
        merged = merge(yes, no)
    assert value_of(flow, merged) == "no"


@pytest.mark.parametrize("empty", [0, "", []])
def test_an_empty_value_counts(empty):
    with Flow("f") as flow:
        merged = merge(None, value(empty), 5)
    assert value_of(flow, merged) == empty


def test_merge_of_nothing_but_none_is_none():
    with Flow("f") as flow:
        merged = merge(value(None), None)
    assert value_of(flow, merged) is None


def test_inputs_are_tried_in_their_order_even_if_there_are_ten():
    """1.4.1 tried ``task_10`` before ``task_2`` (core.md §23, 15)."""
    with Flow("f") as flow:
        merged = merge(None, value("second"), *[None] * 7, "tenth")
    assert value_of(flow, merged) == "second"


def test_merge_is_skipped_if_every_branch_was():
    with Flow("f") as flow:
        yes, no = value("yes"), value("no")
        switch(value("other"), {"yes": yes, "no": no})
        merged = merge(yes, no)
    assert skipped(flow, merged) == [True]


def test_merge_without_inputs_is_skipped():
    with Flow("f") as flow:
        merged = merge()
    assert skipped(flow, merged) == [True]


def test_merge_fails_its_trigger_if_a_branch_failed():
    with Flow("f") as flow:
        merged = merge(fail(), 1)
    assert type(flow.run().result[merged]).__name__ == "TriggerFailed"


def test_a_branch_that_skipped_itself_carries_its_signal():
    @task
    def skip():
        raise signals.SKIP("not today")

    with Flow("f") as flow:
        merged = merge(skip(), 1)
    assert isinstance(value_of(flow, merged), signals.SKIP)


def test_merge_takes_arguments_of_its_task():
    with Flow("f") as flow:
        merged = merge(fail(), 1, name="either", tags=["a"], trigger=all_finished)
    assert flow.slugs[merged] == "either-a-1"
    assert merged.trigger is all_finished


def test_merge_cannot_be_skipped_with_its_upstream():
    with pytest.raises(ValueError, match="skip_on_upstream_skip=False"), Flow("f"):
        merge(1, skip_on_upstream_skip=True)


def test_merge_works_element_by_element_if_mapped():
    with Flow("f") as flow:
        merged = merge(value.map([None, 2]), [1, 3], mapped=True)
    assert value_of(flow, merged) == [1, 2]


def test_a_flow_can_be_passed_to_merge():
    flow = Flow("f")
    merged = merge(1, flow=flow)
    assert flow.tasks == {merged}


def test_inputs_under_other_names_are_tried_in_alphabetical_order():
    assert Merge().run(b=1, a=2) == 2
