"""Operators between tasks. Source: core.md §3.6."""

from __future__ import annotations

import operator

import pytest

from prefect import Flow, task
from prefect.edge import Edge
from prefect.tasks.core import operators
from prefect.tasks.core.collections import List


@task
def value(x):
    return x


def run(build):
    """The task that ``build`` makes of ``value(7)`` and the value it has after a run."""
    with Flow("f") as flow:
        made = build(value(7))
    return made, flow.run().result[made].result


@pytest.fixture
def flow():
    with Flow("f") as built:
        yield built


@pytest.mark.parametrize(
    ("operate", "name", "expected", "reflected"),
    [
        (operator.add, "Add", 9, 9),
        (operator.sub, "Sub", 5, -5),
        (operator.mul, "Mul", 14, 14),
        (operator.truediv, "Div", 3.5, 2 / 7),
        (operator.floordiv, "FloorDiv", 3, 0),
        (operator.mod, "Mod", 1, 2),
        (operator.pow, "Pow", 49, 128),
        (operator.and_, "And", 2, 7),
    ],
)
def test_arithmetic_operators_keep_the_order_of_their_operands(operate, name, expected, reflected):
    made, result = run(lambda seven: operate(seven, 2))
    assert (type(made), result) == (getattr(operators, name), expected)
    made, result = run(lambda seven: operate(2, seven))
    assert (type(made), result) == (getattr(operators, name), reflected)


@pytest.mark.parametrize(
    ("operate", "name", "expected", "reflected", "reflected_name"),
    [
        (operator.gt, "GreaterThan", True, False, "LessThan"),
        (operator.ge, "GreaterThanOrEqual", True, False, "LessThanOrEqual"),
        (operator.lt, "LessThan", False, True, "GreaterThan"),
        (operator.le, "LessThanOrEqual", False, True, "GreaterThanOrEqual"),
    ],
)
def test_comparisons_are_turned_round_when_the_task_is_on_the_right(operate, name, expected, reflected, reflected_name):
    made, result = run(lambda seven: operate(seven, 3))
    assert (type(made), result) == (getattr(operators, name), expected)
    made, result = run(lambda seven: operate(3, seven))
    assert (type(made), result) == (getattr(operators, reflected_name), reflected)


def test_two_tasks_can_be_operands():
    assert run(lambda seven: seven * (seven - 5))[1] == 14


def test_and_is_logical_and_returns_an_operand():
    assert run(lambda seven: seven & [])[1] == []


@pytest.mark.parametrize(
    ("build", "name", "expected"),
    [
        (lambda seven: seven.or_(0), "Or", 7),
        (lambda seven: (seven - 7).or_("zero"), "Or", "zero"),
        (lambda seven: seven.not_(), "Not", False),
        (lambda seven: seven.is_equal(7), "Equal", True),
        (lambda seven: seven.is_not_equal(7), "NotEqual", False),
    ],
)
def test_what_has_no_operator_is_a_method(build, name, expected):
    made, result = run(build)
    assert (type(made), result) == (getattr(operators, name), expected)


def test_equality_stays_a_comparison_of_identity(flow):
    first, second = value(1), value(1)
    assert (first == first, first == second, first != second, first == 1) == (True, False, True, False)


class TestDependencies:
    def test_a_bar_orders_two_tasks_and_returns_the_second(self, flow):
        first, second = value(1), value(2)
        assert (first | second) is second
        assert flow.edges == {Edge(first, second)}

    def test_bars_make_a_chain(self, flow):
        first, second, third = value(1), value(2), value(3)
        assert (first | second | third) is third
        assert flow.edges == {Edge(first, second), Edge(second, third)}

    def test_a_value_before_a_task_is_an_upstream_constant(self, flow):
        made = value(1)
        assert (5 | made) is made
        [edge] = flow.edges
        assert (edge.upstream_task.value, edge.downstream_task, edge.key) == (5, made, None)

    def test_a_value_after_a_task_is_returned(self, flow):
        made = value(1)
        assert (made | 5) == 5
        [edge] = flow.edges
        assert (edge.upstream_task, edge.downstream_task.value) == (made, 5)

    def test_a_list_before_a_task_is_collected_first(self, flow):
        first, second, last = value(1), value(2), value(3)
        assert ([first, second] | last) is last
        [collected] = flow.get_tasks(task_type=List)
        assert flow.edges == {
            Edge(first, collected, key="arg_1"),
            Edge(second, collected, key="arg_2"),
            Edge(collected, last),
        }

    def test_a_list_after_a_task_is_collected_and_returned(self, flow):
        first, second, before = value(1), value(2), value(3)
        listed = [first, second]
        assert (before | listed) is listed
        [collected] = flow.get_tasks(task_type=List)
        assert Edge(before, collected) in flow.edges


class TestRefused:
    @pytest.mark.parametrize(
        "operate",
        [
            operator.neg,
            operator.pos,
            operator.invert,
            abs,
            lambda made: made << 1,
            lambda made: made >> 1,
            lambda made: made ^ 1,
            lambda made: made @ made,
            lambda made: divmod(made, 2),
        ],
        ids=["-", "+", "~", "abs", "<<", ">>", "^", "@", "divmod"],
    )
    def test_other_operators_do_not_exist(self, flow, operate):
        made = value(1)
        with pytest.raises(TypeError, match=r"^(bad operand|unsupported operand)"):
            operate(made)

    @pytest.mark.parametrize(
        ("operate", "name"),
        [
            (lambda: value + 1, "Add"),
            (lambda: 1 - value, "Sub"),
            (lambda: value > 1, "GreaterThan"),
            (lambda: value.not_(), "Not"),
            (lambda: value.is_equal(1), "Equal"),
        ],
    )
    def test_an_operator_needs_a_flow(self, operate, name):
        with pytest.raises(ValueError, match=f"^<Task: {name}> was called outside a flow"):
            operate()

    def test_a_bar_needs_a_flow(self):
        with pytest.raises(ValueError, match=r"^<Task: value> is not inside a flow"):
            value | value.copy()
