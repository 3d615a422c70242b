"""``with Flow(...)``: the flow under construction, and tasks that were forgotten. Source: core.md §2.2."""

from __future__ import annotations

import pytest

import prefect
from prefect import Flow, Parameter, Task, case, tags, task
from prefect.tasks.core.constants import Constant


@task
def value(x=None):
    return x


class TestFlowUnderConstruction:
    def test_it_is_in_the_context(self):
        flow = Flow("f")
        with flow as entered:
            assert entered is flow
            assert prefect.context.flow is flow
        assert "flow" not in prefect.context

    def test_tasks_go_to_the_innermost(self):
        with Flow("outer") as outer:
            first = value()
            with Flow("inner") as inner:
                second = value()
            third = value()
        assert (outer.tasks, inner.tasks) == ({first, third}, {second})

    def test_the_outer_one_is_back_after_the_inner_one(self):
        with Flow("outer") as outer:
            with Flow("inner"):
                pass
            assert prefect.context.flow is outer

    def test_a_flow_can_be_entered_again_later(self):
        with Flow("f") as flow:
            first = value()
        with flow:
            second = value(first)
        assert flow.tasks == {first, second}

    def test_a_flow_can_be_entered_inside_itself(self):
        with Flow("f") as flow:
            with flow:
                first = value()
            second = value()
        assert flow.tasks == {first, second}

    def test_it_is_gone_after_an_error(self):
        with pytest.raises(ZeroDivisionError), Flow("f"):
            raise ZeroDivisionError
        assert "flow" not in prefect.context

    def test_blocks_around_it_still_count(self):
        with tags("a"), Flow("f") as flow:
            made = value()
        assert flow.slugs == {made: "value-a-1"}

    def test_blocks_inside_it_count(self):
        with Flow("f") as flow, tags("a"):
            made = value()
        assert flow.slugs == {made: "value-a-1"}

    def test_a_case_around_it_still_counts(self):
        condition = value.copy()
        with case(condition, 1), Flow("f") as flow:
            made = value()
        assert [task.name for task in flow.upstream_tasks(made)] == ["case(1)"]


def forgotten(names):
    """Expect the warning about tasks that no flow has."""
    return pytest.warns(
        UserWarning,
        match=rf"^Tasks were created but not added to the flow 'f': {names}\."
        r" Call each of them, or use it as the input of another task\.$",
    )


class TestForgottenTasks:
    def test_of_many_the_warning_names_ten_and_tells_how_many_there_are(self):
        with forgotten(", ".join(["<Task: value>"] * 10) + " and 1,990 more"), Flow("f"):
            for _ in range(2_000):
                value.copy()

    def test_one_warning_lists_them(self):
        with forgotten("<Task: a>, <Parameter: p>, <Task: value>") as caught, Flow("f"):
            Task(name="a")
            Parameter("p")
            value.copy()
        assert len(caught) == 1
        assert caught[0].filename == __file__

    def test_tasks_that_are_added_in_any_way_are_not_forgotten(self):
        with Flow("f") as flow:
            added, upstream, keyed, bound = Task(), Task(), Task(), Task()
            flow.add_task(added)
            value(keyed, upstream_tasks=[upstream])
            bound.bind()
            value([Task()])
        assert {added, upstream, keyed, bound} <= flow.tasks

    def test_tasks_that_were_called_or_copied_are_not_forgotten_but_their_copies_may_be(self):
        with Flow("f"):
            Task()()
        with forgotten("<Task: b>"), Flow("f"):
            Task(name="a").copy(name="b")

    def test_constants_are_not_looked_after(self):
        with Flow("f") as flow:
            Constant(3)
        assert flow.tasks == set()

    def test_tasks_made_outside_are_not_looked_after(self):
        Task()
        with Flow("f") as flow:
            pass
        assert flow.tasks == set()

    def test_each_flow_looks_after_its_own_block(self):
        with forgotten("<Task: a>"), Flow("f"):
            Task(name="a")
            with Flow("inner"):
                value()

    def test_an_error_is_not_followed_by_the_warning(self):
        def build():
            Task()
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError), Flow("f"):
            build()
