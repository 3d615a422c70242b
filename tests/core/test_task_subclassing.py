"""Task classes of one's own. Source: core.md §3.7."""

from __future__ import annotations

import pytest

from prefect import Flow, Task, task
from prefect.utilities.tasks import defaults_from_attrs


class Multiply(Task):
    """Static arguments go to the constructor, dynamic ones to the call."""

    def __init__(self, by, **kwargs):
        self.by = by
        super().__init__(**kwargs)

    def run(self, number):
        return number * self.by


def test_an_instance_is_a_template_that_is_called():
    double = Multiply(2, name="double")
    with Flow("f") as flow:
        first, second = double(3), double(4)
    state = flow.run()
    assert [state.result[made].result for made in (first, second)] == [6, 8]
    assert sorted(flow.slugs.values()) == ["double-1", "double-2"]


def test_run_can_be_called_directly():
    assert Multiply(2).run(5) == 10
    assert task(lambda x: x + 1).run(1) == 2


def test_without_the_constructor_of_the_base_the_task_cannot_be_used():
    class Forgetful(Task):
        def __init__(self):
            """Forgets ``super().__init__()``."""

    with Flow("f"), pytest.raises(AttributeError):
        Forgetful()()


def test_a_subclass_of_a_subclass_keeps_its_rules():
    with pytest.raises(ValueError, match=r"cannot take \*numbers"):

        class Broken(Multiply):
            def run(self, *numbers):
                """Takes what a flow cannot give."""


def test_a_task_without_run_does_nothing():
    with Flow("f") as flow:
        made = Task()()
    state = flow.run()
    assert state.result[made].is_successful()
    assert state.result[made].result is None


def test_arguments_default_to_attributes_of_the_task():
    class Power(Task):
        def __init__(self, exponent=2, **kwargs):
            self.exponent = exponent
            super().__init__(**kwargs)

        @defaults_from_attrs("exponent")
        def run(self, base, exponent=None):
            return base, exponent

    with Flow("f") as flow:
        made = [Power(3)(2), Power(3)(2, exponent=4), Power(3)(2, exponent=None)]
    state = flow.run()
    assert [state.result[one].result for one in made] == [(2, 3), (2, 4), (2, None)]
