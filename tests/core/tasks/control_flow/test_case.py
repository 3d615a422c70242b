"""``case`` runs tasks only if another one has a certain value. Source: core.md §10.1."""

from __future__ import annotations

import pytest

import prefect
from prefect import Flow, Parameter, case, task
from prefect.tasks.core.constants import Constant


@task
def value(x=None):
    return x


def ran(flow, *tasks, **parameters):
    """Which of the tasks ran, and were not skipped."""
    result = flow.run(**parameters).result
    return [not result[task].is_skipped() for task in tasks]


def test_only_the_block_of_the_value_runs():
    with Flow("f") as flow:
        p = Parameter("p", default="a")
        with case(p, "a"):
            first = value(1)
        with case(p, "b"):
            second = value(2)
    assert ran(flow, first, second) == [True, False]
    assert ran(flow, first, second, p="b") == [False, True]
    assert ran(flow, first, second, p="c") == [False, False]


@pytest.mark.parametrize(("actual", "expected"), [(1, True), ([1], [1]), (None, None)])
def test_values_are_compared_with_equality(actual, expected):
    with Flow("f") as flow, case(value(actual), expected):
        inside = value()
    assert ran(flow, inside) == [True]


def test_text_is_not_equal_to_true():
    with Flow("f") as flow, case(value("x"), True):
        inside = value()
    assert ran(flow, inside) == [False]


def test_the_comparison_says_why_it_skipped():
    with Flow("f") as flow, case(value("x"), "y"):
        value()
    state = flow.run()
    (comparison,) = flow.get_tasks("case(y)")
    assert state.result[comparison].message == 'Provided value "x" did not match "y"'


def test_tasks_that_follow_others_of_the_block_are_not_guarded_twice():
    with Flow("f") as flow, case(value(1), 1):
        first = value()
        second = value(first)
    (comparison,) = flow.get_tasks("case(1)")
    assert flow.downstream_tasks(comparison) == {first}
    assert flow.upstream_tasks(second) == {first}


def test_a_task_that_follows_one_from_outside_is_guarded():
    with Flow("f") as flow:
        outside = value()
        with case(value(1), 2):
            inside = value(outside)
    assert ran(flow, inside) == [False]


def test_parameters_and_stored_constants_do_not_belong_to_the_block():
    with Flow("f") as flow, case(value(1), 2):
        p = Parameter("p", default=3)
        value(p)
        constant = Constant(4).bind()
    assert ran(flow, p, constant) == [True, True]


def test_an_inner_block_belongs_to_the_outer_one():
    with Flow("f") as flow, case(value(1), 2), case(value(3), 3):
        inside = value()
    (inner,) = flow.get_tasks("case(3)")
    assert ran(flow, inner, inside) == [False, False]


def test_an_empty_block_adds_nothing():
    with Flow("f") as flow, case(value(1), 1):
        pass
    assert sorted(flow.slugs.values()) == ["value-1"]


def test_the_block_yields_nothing_and_leaves_the_context_as_it_was():
    with Flow("f"):
        with case(value(1), 1) as yielded:
            assert isinstance(prefect.context.case, case)
        assert yielded is None
        assert prefect.context.get("case") is None


def test_a_failed_condition_fails_the_triggers_of_the_block():
    @task
    def fail():
        raise ValueError

    with Flow("f") as flow, case(fail(), 1):
        inside = value()
    assert type(flow.run().result[inside]).__name__ == "TriggerFailed"


def test_a_plain_value_can_be_compared():
    with Flow("f") as flow, case(5, 6):
        inside = value()
    assert ran(flow, inside) == [False]


def test_a_value_that_is_a_task_is_refused():
    with pytest.raises(TypeError, match="value of a case cannot be a task"):
        case(value, value)


def test_a_block_of_two_flows_is_refused():
    with pytest.raises(ValueError, match="flows 'one' and 'two'"), Flow("one"), case(value(1), 1):  # noqa: PT012
        value()
        value(flow=Flow("two"))


def test_one_case_can_be_entered_again():
    with Flow("f") as flow:
        is_two = case(value(1), 2)
        with is_two:
            first = value()
        with is_two:
            second = value()
    assert ran(flow, first, second) == [False, False]
    assert len(flow.get_tasks("case(2)")) == 2
