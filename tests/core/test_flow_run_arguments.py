"""What ``Flow.run`` checks and takes before it runs anything, and what it returns. Source: core.md §2.6."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import FlowRunner
from prefect.engine.state import Failed, Mapped, Pending, Running, Success
from prefect.executors import LocalExecutor
from prefect.utilities.configuration import set_temporary_config


@task
def value(x=None):
    return x


@task
def seen(key):
    return prefect.context.get(key)


@pytest.fixture
def flow():
    """A flow with the parameters ``p``, which is required, and ``q``, which is not."""
    with Flow("f") as built:
        value([Parameter("p"), Parameter("q", default=2)])
    return built


def result_of(flow, name, **arguments):
    """The result of the task of that name after a run."""
    state = flow.run(**arguments)
    return next(one.result for made, one in state.result.items() if made.name == name)


class TestWhereItIsCalled:
    def test_not_inside_the_block_of_the_flow(self):
        with (
            Flow("f") as flow,
            pytest.raises(
                RuntimeError,
                match=r"^`flow\.run\(\)` was called for the flow 'f' inside its own `with Flow\(\.\.\.\)` block\."
                r" Call it after the block, when the flow is complete\.$",
            ),
        ):
            flow.run()

    def test_inside_the_block_of_another_one(self):
        inner = Flow("inner")
        with Flow("outer"):
            assert inner.run().is_successful()

    def test_while_the_file_is_loaded_it_warns_and_returns_none(self):
        with (
            prefect.context(loading_flow=True),
            pytest.warns(UserWarning, match=r"`flow\.run`.* execution of flow file"),
        ):
            assert Flow("f").run() is None


class TestParameters:
    def test_they_are_given_as_a_dictionary_or_by_name(self, flow):
        assert result_of(flow, "value", parameters={"p": 1}) == [1, 2]
        assert result_of(flow, "value", p=1, q=5) == [1, 5]

    def test_one_given_by_name_wins(self, flow):
        assert result_of(flow, "value", parameters={"p": 1, "q": 3}, q=4) == [1, 4]

    def test_the_given_dictionary_is_left_alone(self, flow):
        given = {"p": 1}
        flow.run(parameters=given, q=4)
        assert given == {"p": 1}

    def test_a_parameter_may_be_named_like_an_option(self):
        with Flow("f") as flow:
            value(Parameter("state"))
        assert result_of(flow, "value", state=5) == 5

    def test_unknown_ones_are_refused(self, flow):
        with pytest.raises(ValueError, match=r"^Flow\.run received the following unexpected parameters: y, z$"):
            flow.run(parameters={"p": 1, "y": 1, "z": 1})

    def test_missing_ones_are_refused(self):
        flow = Flow("f", tasks=[Parameter("q"), Parameter("p"), Parameter("r", default=1)])
        with pytest.raises(ValueError, match=r"^Flow\.run did not receive the following required parameters: p, q$"):
            flow.run()

    def test_even_if_a_schedule_would_give_them(self, flow):
        flow.schedule = Times([{"p": 1}])
        with pytest.raises(ValueError, match=r"required parameters: p$"):
            flow.run()


class Times:
    """A schedule of moments that have passed, each with defaults for parameters."""

    def __init__(self, defaults):
        past = datetime.now(timezone.utc) - timedelta(hours=1)
        self.events = [SimpleNamespace(start_time=past, parameter_defaults=given) for given in defaults]

    def next(self, n, return_events=False):
        taken, self.events = self.events[:n], self.events[n:]
        return taken


class TestSchedule:
    def runs(self, **arguments):
        """How often a flow with two moments runs."""
        count = []
        with Flow("f", schedule=Times([{}, {}])) as flow:
            task(lambda: count.append(None), name="counts")()
        flow.run(**arguments)
        return len(count)

    def test_the_flow_runs_at_each_moment_of_its_schedule(self):
        assert self.runs() == 2

    def test_unless_told_not_to(self):
        assert self.runs(run_on_schedule=False) == 1

    def test_the_configuration_says_what_to_do_by_default(self):
        with set_temporary_config({"flows.run_on_schedule": False}):
            assert self.runs() == 1
            assert self.runs(run_on_schedule=True) == 2


class TestRunner:
    class Own(FlowRunner):
        def run(self, *args, **kwargs):
            state = super().run(*args, **kwargs)
            state.message = "by my own runner"
            return state

    def test_it_can_be_given(self):
        assert Flow("f").run(runner_cls=self.Own).message == "by my own runner"

    def test_it_is_the_configured_one_by_default(self):
        with set_temporary_config({"engine.flow_runner.default_class": self.Own}):
            assert Flow("f").run().message == "by my own runner"


class TestOptions:
    def test_context_is_seen_by_tasks(self):
        with Flow("f") as flow:
            seen("mine")
        assert result_of(flow, "seen", context={"mine": 1}) == 1
        assert "mine" not in prefect.context

    def test_state_is_where_the_flow_begins(self):
        with Flow("f") as flow:
            made = value(1)
        state = flow.run(state=Success("done before"))
        assert (state.message, state.is_successful()) == ("done before", True)
        assert type(state.result[made]) is Pending

    def test_task_states_are_where_tasks_begin(self):
        with Flow("f") as flow:
            first = value(1)
            second = value(first)
        state = flow.run(task_states={first: Success(result=10)})
        assert state.result[second].result == 10

    def test_task_contexts_are_seen_by_one_task(self):
        with Flow("f") as flow:
            first, second = seen("mine"), seen("mine")
        state = flow.run(task_contexts={first: {"mine": 1}})
        assert (state.result[first].result, state.result[second].result) == (1, None)

    def test_the_executor_runs_the_tasks(self):
        class Counting(LocalExecutor):
            started = 0

            def run_tasks(self, flow_pass):
                Counting.started += 1
                super().run_tasks(flow_pass)

        flow = Flow("f")
        flow.run(executor=Counting())
        assert Counting.started == 1
        flow.executor = Counting()
        flow.run()
        assert Counting.started == 2
        flow.run(executor=LocalExecutor())
        assert Counting.started == 2

    def test_task_runner_state_handlers_hear_of_every_task(self):
        heard = []
        with Flow("f") as flow:
            value(1)
        flow.run(task_runner_state_handlers=[lambda runner, old, new: heard.append(type(new)) or new])
        assert heard == [Running, Success]

    def test_the_run_can_be_given_an_id_and_a_name(self):
        with Flow("f") as flow:
            value([seen("flow_run_id"), seen("flow_run_name")])
        assert result_of(flow, "value", flow_run_id="1", flow_run_name="n") == ["1", "n"]

    def test_the_states_of_all_tasks_are_returned_so_they_cannot_be_chosen(self):
        with pytest.raises(ValueError, match=r"^flow\.run\(\) returns the states of all tasks, so it takes no"):
            Flow("f").run(return_tasks=[])

    def test_anything_else_is_refused(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'nope'"):
            Flow("f").run(nope=1)


class TestCaches:
    def test_they_stay_for_the_life_of_the_thread(self):
        found = []

        def run_twice():
            Flow("f").run()
            found.append(prefect.context.caches)
            prefect.context.caches["kept"] = []
            Flow("g").run()
            found.append(prefect.context.caches)

        thread = threading.Thread(target=run_twice)
        thread.start()
        thread.join()
        assert found[0] is found[1]
        assert found[0] == {"kept": []}


class TestFinalState:
    def test_it_holds_the_state_of_every_task_parameters_and_stored_constants_included(self):
        with Flow("f") as flow:
            mapped = value.map([1, 2], upstream_tasks=[Parameter("p", default=[1, 2])])
        state = flow.run()
        assert set(state.result) == flow.tasks
        assert len(flow.tasks) == 3
        assert type(state.result[mapped]) is Mapped

    def test_an_empty_flow_succeeds(self):
        state = Flow("f").run()
        assert (type(state), state.result) == (Success, {})

    def test_an_error_of_the_run_itself_is_its_result(self):
        def breaks(flow, old, new):
            raise ZeroDivisionError("handler")

        flow = Flow("f", state_handlers=[breaks])
        with flow:
            value(1)
        state = flow.run()
        assert type(state) is Failed
        assert isinstance(state.result, ZeroDivisionError)

    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    def test_an_interruption_leaves_the_run(self, kind):
        @task
        def interrupted():
            raise kind

        with Flow("f") as flow:
            interrupted()
        with pytest.raises(kind):
            flow.run()
