"""Values as tasks. Source: core.md §4.5 and §4.6."""

from __future__ import annotations

import warnings
from datetime import timedelta

import pytest

from prefect import Flow
from prefect.tasks.core.constants import Constant


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (1, "1"),
        (None, "None"),
        (12345678, "12345678"),
        (123456789, "Constant[int]"),
        ("abcdef", "'abcdef'"),
        ("abcdefg", "Constant[str]"),
        ([1], "[1]"),
        ([1, 2, 3], "Constant[list]"),
        ({"a": 1}, "{'a': 1}"),
        (timedelta(1), "Constant[timedelta]"),
        (int, "Constant[type]"),
        pytest.param(10**5000, "Constant[int]", id="too many digits to be written out"),
    ],
)
def test_the_name_is_the_value_if_that_is_short_else_its_type(value, name):
    assert Constant(value).name == name


def test_a_value_that_cannot_be_shown_is_named_by_its_type():
    class Shy:
        def __repr__(self):
            raise RuntimeError("not now")

    assert Constant(Shy()).name == "Constant[Shy]"


def test_a_long_value_is_not_written_out_for_its_name():
    class Loud:
        def __repr__(self):
            raise AssertionError("was written out")

    assert Constant([Loud()] * 9).name == "Constant[list]"


def test_name_and_other_task_arguments_can_be_given():
    constant = Constant(5, name="five", tags=["number"])
    assert (constant.name, constant.tags, constant.value, constant.run()) == ("five", {"number"}, 5, 5)


def test_a_constant_that_was_made_and_not_used_is_not_warned_about():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Flow("f"):
            Constant(1)


def test_a_plain_argument_becomes_no_task_but_a_mapped_one_does():
    from prefect import task

    @task
    def inc(x):
        return x + 1

    with Flow("f") as flow:
        once = inc(1)
        inc.map([1, 2])
    assert flow.constants[once] == {"x": 1}
    assert sorted(flow.slugs.values()) == ["[1, 2]-1", "inc-1", "inc-2"]
