"""Operators as tasks. Source: core.md §3.5, §3.6 and §4.6."""

from __future__ import annotations

import datetime
from typing import Any

import cloudpickle
import pytest

from prefect import Flow, task
from prefect.tasks.core.operators import GetAttr, GetItem


@task
def seven():
    return 7


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        (lambda t: t + 2, "Add", 9),
        (lambda t: 2 + t, "Add", 9),
        (lambda t: t - 2, "Sub", 5),
        (lambda t: 2 - t, "Sub", -5),
        (lambda t: t * 2, "Mul", 14),
        (lambda t: 2 * t, "Mul", 14),
        (lambda t: t / 2, "Div", 3.5),
        (lambda t: 14 / t, "Div", 2.0),
        (lambda t: t // 2, "FloorDiv", 3),
        (lambda t: 20 // t, "FloorDiv", 2),
        (lambda t: t % 4, "Mod", 3),
        (lambda t: 10 % t, "Mod", 3),
        (lambda t: t**2, "Pow", 49),
        (lambda t: 2**t, "Pow", 128),
        (lambda t: t & "x", "And", "x"),
        (lambda t: 0 & t, "And", 0),
        (lambda t: t.or_("x"), "Or", 7),
        (lambda t: t.not_(), "Not", False),
        (lambda t: t > 7, "GreaterThan", False),
        (lambda t: t >= 7, "GreaterThanOrEqual", True),
        (lambda t: t < 8, "LessThan", True),
        (lambda t: t <= 6, "LessThanOrEqual", False),
        (
            lambda t: 3 > t,  # noqa: SIM300 - this order is tested
            "LessThan",
            False,
        ),
        (lambda t: t.is_equal(7), "Equal", True),
        (lambda t: t.is_not_equal(7), "NotEqual", False),
    ],
)
def test_an_operator_adds_a_task_of_its_own_class(expression, kind, value):
    with Flow("f") as flow:
        result = expression(seven())
    assert type(result).__name__ == kind
    assert flow.run().result[result].result == value


@pytest.mark.parametrize("expression", [lambda t: ~t, lambda t: -t, lambda t: t << 1, lambda t: t ^ 1, abs])
def test_other_operators_are_not_overloaded(expression):
    with Flow("f"):
        seven_added = seven()
        with pytest.raises(TypeError):
            expression(seven_added)


def test_the_bar_is_a_dependency_and_returns_its_right_side():
    with Flow("f") as flow:
        first, second = seven(), seven()
        assert (first | second) is second
    assert flow.upstream_tasks(second) == {first}


def test_a_plain_value_before_the_bar_becomes_an_upstream_constant():
    with Flow("f") as flow:
        second = seven()
        assert (7 | second) is second
    assert [upstream.name for upstream in flow.upstream_tasks(second)] == ["7"]


def test_lists_stand_on_either_side_of_the_bar():
    with Flow("f") as flow:
        first, second, third = seven(), seven(), seven()
        [first, second] | third
    (collected,) = flow.upstream_tasks(third)
    assert flow.upstream_tasks(collected) == {first, second}


def test_an_operator_outside_a_flow_is_refused():
    with pytest.raises(ValueError, match="outside a flow"):
        seven + 1


@pytest.mark.parametrize(
    ("key", "name"), [("a", "seven['a']"), (0, "seven[0]"), (slice(1, 2), "seven[slice(1, 2, None)]")]
)
def test_an_item_is_named_after_its_task_and_key(key, name):
    with Flow("f"):
        assert seven()[key].name == name


def test_an_item_whose_key_is_a_task_is_named_after_that_task():
    @task
    def pairs():
        return {7: "seven"}

    with Flow("f") as flow:
        item = pairs()[seven()]
    assert item.name == "pairs[seven]"
    assert flow.run().result[item].result == "seven"


def test_the_default_of_get_item_covers_missing_keys_only():
    get = GetItem(default="none")
    assert get.run({"a": 1}, "a") == 1
    assert get.run({"a": 1}, "b") == "none"
    assert get.run(task_result={"a": 1}, key="b", default="given") == "given"
    with pytest.raises(IndexError):
        get.run([1], 3)


def test_get_item_without_default_fails_on_a_missing_key():
    with pytest.raises(KeyError):
        GetItem().run({}, "b")


def test_none_is_a_default():
    assert GetItem(default=None).run({}, "b") is None
    assert GetAttr(default=None).run(object(), "b") is None


def test_get_attr_follows_dots():
    assert GetAttr().run(datetime, "datetime.min.year") == 1


def test_the_default_of_get_attr_covers_any_missing_part():
    assert GetAttr(default=3).run(datetime, "datetime.nothing.year") == 3
    assert GetAttr(default=3).run(datetime, "nothing", default=4) == 4


def test_get_attr_without_default_fails_on_a_missing_attribute():
    with pytest.raises(AttributeError):
        GetAttr().run(datetime, "nothing")


def test_the_default_of_get_attr_does_not_cover_a_name_that_is_no_text():
    with pytest.raises(TypeError) as caught:
        GetAttr(default=3).run([1, 2], 0)

    assert str(caught.value) == "The name of an attribute is text, not 0. Get items of a value with GetItem."


def test_a_pickled_get_item_still_knows_that_it_has_no_default():
    with pytest.raises(KeyError):
        cloudpickle.loads(cloudpickle.dumps(GetItem())).run({}, "b")


def test_the_types_of_inputs_are_those_of_the_json_form():
    """Their texts are kept with a registered flow (core.md §20.2)."""
    assert {name: str(known["type"]) for name, known in GetItem().inputs().items()} == dict.fromkeys(
        ("task_result", "key", "default"), "typing.Any"
    )
    assert GetItem().outputs() is Any
