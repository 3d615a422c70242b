"""Arguments of ``Flow``, and how flows compare, show and pickle. Source: core.md §2.1."""

from __future__ import annotations

import logging

import cloudpickle
import pytest

from prefect import Flow, Parameter, Task, task
from prefect.edge import Edge
from prefect.engine.results import LocalResult
from prefect.engine.state import Failed, Pending, Success, TriggerFailed
from prefect.executors import LocalExecutor
from prefect.tasks.core.constants import Constant
from prefect.utilities.configuration import set_temporary_config


@task
def value(x=None):
    return x


class TestName:
    @pytest.mark.parametrize("name", ["", None])
    def test_it_cannot_be_empty(self, name):
        with pytest.raises(ValueError, match=r"^A flow needs a name\. Give it one: Flow\('my-flow'\)\.$"):
            Flow(name)

    def test_it_cannot_be_left_out(self):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
            Flow()

    def test_it_names_the_logger(self):
        assert Flow("a").logger is logging.getLogger("prefect.a")

    def test_another_logger_can_be_assigned(self):
        flow = Flow("a")
        flow.logger = logging.getLogger("mine")
        assert flow.logger.name == "mine"


class TestContent:
    def test_a_new_flow_is_empty(self):
        flow = Flow("a")
        assert (flow.tasks, flow.edges, flow.slugs, flow.constants) == (set(), set(), {}, {})

    def test_tasks_are_added(self):
        first, second = Task(name="t"), Task(name="t")
        assert Flow("a", tasks=[first, second]).slugs == {first: "t-1", second: "t-2"}

    def test_edges_are_added_with_their_attributes_and_tasks(self):
        edge = Edge(Task(), value, key="x", mapped=True, flattened=True)
        flow = Flow("a", edges=[edge])
        assert flow.edges == {edge}
        assert flow.tasks == edge.tasks

    def test_edges_from_constants_become_constants(self):
        flow = Flow("a", edges=[Edge(Constant(5), value, key="x")])
        assert (flow.edges, flow.tasks, flow.constants) == (set(), {value}, {value: {"x": 5}})

    def test_edges_are_validated_if_asked_for(self):
        cycle = [Edge(first := Task(), second := Task()), Edge(second, first)]
        assert len(Flow("a", edges=cycle).edges) == 2
        with pytest.raises(ValueError, match=r"^Cycle found"):
            Flow("a", edges=cycle, validate=True)

    def test_edges_are_validated_if_the_configuration_says_so(self):
        cycle = [Edge(first := Task(), second := Task()), Edge(second, first)]
        with set_temporary_config({"flows.eager_edge_validation": True}):
            with pytest.raises(ValueError, match=r"^Cycle found"):
                Flow("a", edges=cycle)
            assert len(Flow("a", edges=cycle, validate=False).edges) == 2

    def test_reference_tasks_are_set(self):
        first, second = Task(), Task()
        assert Flow("a", tasks=[first, second], reference_tasks=[first]).reference_tasks() == {first}

    def test_reference_tasks_have_to_be_among_the_tasks(self):
        made = Task(name="t")
        with pytest.raises(ValueError, match=r"^<Task: t> is not a task of the flow 'a'\. Add it first\.$"):
            Flow("a", edges=[Edge(Task(), made)], reference_tasks=[made])


class TestOptions:
    def test_they_are_attributes(self):
        options = {
            "schedule": object(),
            "executor": LocalExecutor(),
            "run_config": object(),
            "storage": object(),
            "result": LocalResult(),
            "terminal_state_handler": print,
        }
        flow = Flow("a", **options)
        assert {name: getattr(flow, name) for name in options} == options

    def test_they_are_none_by_default(self):
        flow = Flow("a")
        assert flow.schedule is flow.executor is flow.run_config is flow.storage is flow.result is None

    def test_state_handlers_are_a_list_of_the_flow_itself(self):
        given = [print]
        flow = Flow("a", state_handlers=given)
        assert flow.state_handlers == given
        assert flow.state_handlers is not given

    @pytest.mark.parametrize("given", [{print}, (handler for handler in [print])])
    def test_state_handlers_need_an_order(self, given):
        with pytest.raises(TypeError, match=r"^state_handlers has the type \w+, which has no order\. Give a list"):
            Flow("a", state_handlers=given)

    def test_on_failure_comes_last_and_leaves_what_is_given_alone(self):
        given = [print]
        flow = Flow("a", state_handlers=given, on_failure=print)
        assert (len(flow.state_handlers), given) == (2, [print])
        assert len(Flow("a", state_handlers=(print,), on_failure=print).state_handlers) == 2

    def test_on_failure_hears_of_failures_only(self):
        heard = []
        [handler] = Flow("a", on_failure=lambda *args: heard.append(args)).state_handlers
        failed, trigger_failed = Failed(), TriggerFailed()
        for state in (Success(), failed, trigger_failed):
            handler("flow", Pending(), state)
        assert heard == [("flow", failed), ("flow", trigger_failed)]


class TestComparing:
    def test_flows_with_equal_content_are_equal(self):
        made = Task()
        assert Flow("a") == Flow("a")
        assert Flow("a", edges=[Edge(made, value)]) == Flow("a", edges=[Edge(made, value)])

    def test_flows_differ_in_name_tasks_edges_and_reference_tasks(self):
        first, second = Task(), Task()
        flow = Flow("a", tasks=[first, second])
        assert flow != Flow("b", tasks=[first, second])
        assert flow != Flow("a", tasks=[first])
        assert flow != Flow("a", tasks=[first, second], edges=[Edge(first, second)])
        assert flow != Flow("a", tasks=[first, second], reference_tasks=[first])

    def test_flows_of_another_class_and_other_things_differ(self):
        class Other(Flow):
            """Another kind of flow."""

        assert Flow("a") != Other("a")
        assert Flow("a") != "a"

    def test_flows_cannot_be_hashed(self):
        with pytest.raises(TypeError, match="unhashable type: 'Flow'"):
            hash(Flow("a"))

    def test_a_flow_shows_its_name(self):
        assert repr(Flow("a")) == '<Flow: name="a">'

    def test_iterating_gives_the_tasks_in_order(self):
        first, second = Task(), Task()
        assert list(Flow("a", edges=[Edge(second, first)])) == [second, first]


class TestPickling:
    def test_a_pickled_flow_has_tasks_of_its_own_and_runs_the_same(self):
        with Flow("a") as flow:
            result = value(Parameter("p", default=3)) + value(4)
        copy = cloudpickle.loads(cloudpickle.dumps(flow))
        [total] = copy.terminal_tasks()

        assert copy != flow
        assert sorted(copy.slugs.values()) == sorted(flow.slugs.values())
        assert copy.run().result[total].result == flow.run().result[result].result == 7

    def test_a_flow_can_be_pickled_inside_its_block_and_the_copy_is_complete(self):
        with Flow("a") as flow:
            value(1)
            copy = cloudpickle.loads(cloudpickle.dumps(flow))
        assert copy.run().is_successful()

    def test_nothing_of_the_block_stays_on_the_flow(self):
        flow = Flow("a")
        before = set(vars(flow))
        with flow:
            value(1)
        assert set(vars(flow)) == before

    def test_tasks_can_be_added_to_the_copy(self):
        with Flow("a") as flow:
            value(1)
        copy = cloudpickle.loads(cloudpickle.dumps(flow))
        with copy:
            value(value(2))
        assert sorted(copy.slugs.values()) == ["value-1", "value-2", "value-3"]

    def test_a_task_whose_function_holds_the_flow_can_be_pickled(self):
        @task
        def looks():
            return len(flow.tasks)

        with Flow("a") as flow:
            looked = looks()
        copy = cloudpickle.loads(cloudpickle.dumps(flow))
        [looked] = copy.tasks
        assert copy.run().result[looked].result == 1
