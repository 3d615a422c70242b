"""What ``@task`` makes of a function. Source: core.md §3.2 and §3.3."""

from __future__ import annotations

import functools

import cloudpickle
import pytest

from prefect import Flow, task
from prefect.tasks.core.function import FunctionTask


def hello(x: int) -> int:
    """Say hello."""
    return x


def test_run_is_the_function_itself():
    assert task(hello).run is hello
    assert task(hello).run(3) == 3


def test_the_task_carries_what_describes_the_function():
    made = task(hello)
    assert (made.__name__, made.__doc__, made.__module__) == ("hello", "Say hello.", __name__)
    assert made.__wrapped__ is hello


def test_the_name_is_that_of_the_function():
    assert task(hello).name == "hello"
    assert task(lambda: None).name == "<lambda>"
    assert task(hello, name="other").name == "other"


def test_a_callable_without_a_name_gives_the_name_of_the_class():
    class Adder:
        def __call__(self, x):
            return x + 1

    assert FunctionTask(Adder()).name == "FunctionTask"
    assert FunctionTask(functools.partial(hello, 1)).name == "FunctionTask"


def test_attributes_of_the_function_are_those_of_the_task():
    def noted():
        return None

    noted.owner = "somebody"
    assert task(noted).owner == "somebody"


def test_something_that_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="needs a function, but got 5"):
        task(5)


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match="bogus"):
        task(hello, bogus=1)


def test_variable_positional_arguments_are_refused():
    with pytest.raises(ValueError, match=r"\*args"):
        task(lambda *args: None)


def test_reserved_arguments_are_refused_by_name():
    with pytest.raises(ValueError, match="flow, upstream_tasks"):
        task(lambda flow, upstream_tasks: None)


def test_a_reserved_keyword_only_argument_is_a_duplicate():
    def named(*, flow):
        return flow

    with pytest.raises(ValueError, match="duplicate parameter name: 'flow'"):
        task(named)


def test_positional_only_arguments_are_refused():
    with pytest.raises(TypeError, match="positional-only"):
        task(len)


def test_a_function_that_does_not_tell_its_arguments_is_refused():
    with pytest.raises(ValueError, match="Wrap it in a Python function"):
        task(max)


def test_the_annotations_may_name_what_is_defined_later():
    @task
    def later(x: Later) -> Later:
        return x

    class Later:
        pass

    assert later.name == "later"


def test_a_function_task_survives_cloudpickle():
    with Flow("f") as flow:
        result = task(lambda x: x + 1)(1)
    again = cloudpickle.loads(cloudpickle.dumps(result))
    assert again.run(1) == 2
    assert flow.run().result[result].result == 2
