"""Which functions can be the ``run`` of a task. Source: core.md §3.2 and §3.3."""

from __future__ import annotations

import asyncio
import operator
from typing import Any

import pytest

from prefect import Flow, Task, task
from prefect.tasks.core.collections import List

RESERVED = ["upstream_tasks", "mapped", "task_args", "flow"]


def function_with(arguments):
    """A function with these arguments."""
    namespace = {}
    exec(f"def function({arguments}): return locals()", namespace)
    return namespace["function"]


def class_with(arguments):
    """A task class whose ``run`` has these arguments."""
    namespace = {"Task": Task}
    exec(f"class Made(Task):\n    def run(self, {arguments}): return locals()", namespace)
    return namespace["Made"]


MAKERS = pytest.mark.parametrize(
    "make", [lambda text: task(function_with(text)), class_with], ids=["function", "class"]
)


@MAKERS
def test_variable_positional_arguments_are_refused_at_once(make):
    with pytest.raises(ValueError, match=r"^A task's `run` cannot take \*values, since .* Take \*\*kwargs instead\.$"):
        make("*values")


@MAKERS
@pytest.mark.parametrize("name", RESERVED)
def test_reserved_names_are_refused_at_once(make, name):
    with pytest.raises(
        ValueError, match=f"^A task's `run` cannot have arguments named {name}, which a task call reserves"
    ):
        make(f"x, {name}=None")


@MAKERS
def test_all_reserved_names_are_named(make):
    with pytest.raises(ValueError, match="arguments named flow, mapped, which"):
        make("mapped, x, flow")


@pytest.mark.parametrize("name", RESERVED)
@pytest.mark.parametrize("arguments", ["*, {}", "**{}"])
def test_as_keyword_only_arguments_they_are_refused_when_a_task_is_made(name, arguments):
    made = class_with(arguments.format(name))
    with pytest.raises(ValueError, match=rf"^duplicate parameter name: '{name}'\. Rename it in `run`\.$"):
        made()
    with pytest.raises(ValueError, match=r"^duplicate parameter name"):
        task(function_with(arguments.format(name)))


def test_positional_only_arguments_are_refused_when_a_task_is_made():
    made = class_with("a, b, /, c")
    with pytest.raises(TypeError, match=r"^A task's `run` cannot have positional-only arguments \(a, b\), since"):
        made()


@pytest.mark.parametrize("function", [len, operator.add])
def test_built_in_functions_often_have_them(function):
    with pytest.raises(TypeError, match="cannot have positional-only arguments"):
        task(function)


def test_a_function_that_cannot_be_inspected_is_refused():
    with pytest.raises(ValueError, match=r"^<built-in function max> .* Wrap it in a Python function"):
        task(max)


def test_keyword_only_arguments_and_the_rest_are_allowed():
    with Flow("f") as flow:
        made = task(function_with("x, *, y=2, **rest"))(1, z=3)
    assert flow.run().result[made].result == {"x": 1, "y": 2, "rest": {"z": 3}}


def test_a_static_method_can_be_run():
    class Static(Task):
        @staticmethod
        def run(x):
            return x + 1

    with Flow("f") as flow:
        made = Static()(1)
    assert flow.run().result[made].result == 2


def test_a_method_of_an_object_can_be_a_task():
    class Counter:
        start = 10

        def add(self, x):
            return self.start + x

    with Flow("f") as flow:
        made = task(Counter().add)(1)
    assert flow.run().result[made].result == 11


def test_a_coroutine_is_not_awaited():
    @task
    async def later():
        return 1

    with Flow("f") as flow:
        made = later()
    state = flow.run()

    assert state.is_successful()
    assert asyncio.run(state.result[made].result) == 1


def annotated(x, y=2, *, z, **rest):
    """Has its annotations below, since those of this file are text."""


annotated.__annotations__ = {"y": int, "z": "Later", "rest": float, "return": str}


def test_inputs_tell_type_default_and_whether_one_is_required():
    assert task(annotated).inputs() == {
        "x": {"type": Any, "default": None, "required": True},
        "y": {"type": int, "default": 2, "required": False},
        "z": {"type": "Later", "default": None, "required": True},
        "rest": {"type": float, "default": None, "required": True},
    }


def test_inputs_of_a_list_are_all_its_elements():
    assert List().inputs() == {"task_results": {"type": Any, "default": None, "required": True}}


def test_outputs_tell_the_annotated_type():
    assert task(annotated).outputs() is str
    assert task(lambda: None).outputs() is Any


def test_a_task_that_does_nothing_has_neither():
    assert (Task().inputs(), Task().outputs(), Task().run()) == ({}, None, None)
