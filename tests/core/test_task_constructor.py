"""Arguments of ``Task`` and what they have to be. Source: core.md §3.1."""

from __future__ import annotations

import logging
from datetime import timedelta

import cloudpickle
import pytest

import prefect
from prefect import Flow, Parameter, Task, task
from prefect.engine.cache_validators import all_inputs, duration_only, never_use
from prefect.engine.results import LocalResult
from prefect.engine.state import Failed, Pending, Retrying, Running, Success, TriggerFailed
from prefect.triggers import all_finished, all_successful
from prefect.utilities.configuration import set_temporary_config

SECOND = timedelta(seconds=1)


class Named(Task):
    """A task of a class of its own."""


class TestDefaults:
    def test_a_task_needs_no_argument(self):
        made = Task()
        assert {name: value for name, value in vars(made).items() if not name.startswith("_")} == {
            "name": "Task",
            "slug": None,
            "tags": set(),
            "max_retries": 0,
            "retry_delay": None,
            "retry_on": None,
            "timeout": None,
            "trigger": all_successful,
            "skip_on_upstream_skip": True,
            "cache_for": None,
            "cache_validator": never_use,
            "cache_key": None,
            "checkpoint": None,
            "state_handlers": [],
            "log_stdout": False,
            "result": None,
            "target": None,
            "task_run_name": None,
            "nout": None,
            "auto_generated": False,
        }

    def test_the_name_is_that_of_the_class(self):
        assert (Named().name, Named(name="other").name) == ("Named", "other")

    def test_arguments_are_kept(self):
        given = {
            "slug": "s",
            "trigger": all_finished,
            "skip_on_upstream_skip": False,
            "cache_key": "k",
            "checkpoint": False,
            "log_stdout": True,
            "target": "t",
            "task_run_name": "{x}",
            "nout": 3,
        }
        made = Task(**given)
        assert {name: getattr(made, name) for name in given} == given

    def test_an_unknown_argument_is_refused(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'foo'"):
            Task(foo=1)

    def test_the_logger_is_named_after_the_task(self):
        assert Task(name="loud").logger is logging.getLogger("prefect.loud")


class TestTags:
    def test_they_become_a_set(self):
        assert Task(tags=["a", "b", "a"]).tags == {"a", "b"}

    def test_those_of_the_block_are_added(self):
        with prefect.tags("block"):
            assert Task(tags=["own"]).tags == {"block", "own"}

    def test_a_string_is_refused(self):
        with pytest.raises(TypeError, match=r"^The tags of task 'Task' are one string, 'io'\. Give a list or set"):
            Task(tags="io")


class TestRetries:
    def test_they_need_a_delay(self):
        with pytest.raises(
            ValueError, match=r"^Task 'Task' has max_retries but no retry_delay\. Give it a timedelta\.$"
        ):
            Task(max_retries=1)

    @pytest.mark.parametrize("max_retries", [None, 0, False])
    def test_a_delay_needs_retries(self, max_retries):
        with pytest.raises(ValueError, match=r"^Task 'Task' has a retry_delay but no max_retries\."):
            Task(max_retries=max_retries, retry_delay=SECOND)

    def test_both_together_are_kept(self):
        made = Task(max_retries=2, retry_delay=timedelta(0))
        assert (made.max_retries, made.retry_delay) == (2, timedelta(0))

    def test_false_is_kept(self):
        assert Task(max_retries=False).max_retries is False

    def test_a_number_as_delay_is_refused(self):
        with pytest.raises(TypeError, match=r"^The retry_delay of task 'Task' is 5\. Give a timedelta, such as"):
            Task(max_retries=1, retry_delay=5)

    def test_the_configuration_has_defaults_for_both(self):
        with set_temporary_config({"tasks.defaults.max_retries": 3, "tasks.defaults.retry_delay": SECOND}):
            made = Task()
        assert (made.max_retries, made.retry_delay) == (3, SECOND)

    def test_the_configured_delay_is_used_only_with_retries(self):
        with set_temporary_config({"tasks.defaults.retry_delay": SECOND}):
            assert Task().retry_delay is None
            assert Task(max_retries=1).retry_delay == SECOND
            assert Task(max_retries=1, retry_delay=2 * SECOND).retry_delay == 2 * SECOND


class TestRetryOn:
    def make(self, retry_on):
        return Task(max_retries=1, retry_delay=SECOND, retry_on=retry_on)

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            (None, None),
            (ValueError, {ValueError}),
            ([ValueError, KeyError], {ValueError, KeyError}),
            ((kind for kind in [ValueError]), {ValueError}),
            ([], None),
        ],
    )
    def test_it_is_a_type_or_several(self, given, kept):
        assert self.make(given).retry_on == kept

    @pytest.mark.parametrize("given", [ValueError("x"), [ValueError("x")]])
    def test_an_instance_is_refused(self, given):
        with pytest.raises(TypeError, match=r"^retry_on holds ValueError\('x'\), which is an instance"):
            self.make(given)

    @pytest.mark.parametrize("given", [int, [ValueError, int], KeyboardInterrupt])
    def test_a_class_that_is_no_exception_is_refused(self, given):
        with pytest.raises(TypeError, match=r"which does not derive from Exception\."):
            self.make(given)

    @pytest.mark.parametrize("max_retries", [None, 0, False])
    def test_it_needs_retries(self, max_retries):
        with pytest.raises(ValueError, match=r"^Task 'Task' has retry_on but no max_retries\."):
            Task(max_retries=max_retries, retry_on=ValueError)


class TestTimeout:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [(None, None), (3, 3), (0, 0), (True, True), (timedelta(minutes=1), 60), (timedelta(0), 0)],
    )
    def test_it_is_whole_seconds(self, given, kept):
        assert Task(timeout=given).timeout is kept

    def test_what_is_less_than_a_second_is_cut_off_with_a_warning(self):
        with pytest.warns(UserWarning, match=r"^A timeout counts whole seconds: .* is cut to 1 s\.$") as caught:
            made = Task(timeout=timedelta(seconds=1.5))
        assert made.timeout == 1
        assert caught[0].filename == __file__

    @pytest.mark.parametrize("given", [1.5, "3"])
    def test_anything_else_is_refused(self, given):
        with pytest.raises(TypeError, match=f"^The timeout {given!r} is neither whole seconds nor a timedelta"):
            Task(timeout=given)

    def test_the_configuration_has_a_default(self):
        with set_temporary_config({"tasks.defaults.timeout": 7}):
            assert (Task().timeout, Task(timeout=3).timeout) == (7, 3)

    def test_zero_is_no_timeout(self):
        with Flow("f") as flow:
            done = task(lambda: "done", timeout=0)()
        assert flow.run().result[done].result == "done"


class TestCaching:
    def test_values_with_a_duration_are_valid_that_long(self):
        made = Task(cache_for=SECOND, cache_key="k")
        assert (made.cache_for, made.cache_key, made.cache_validator) == (SECOND, "k", duration_only)

    def test_another_validator_can_be_given(self):
        assert Task(cache_for=SECOND, cache_validator=all_inputs).cache_validator is all_inputs

    def test_cache_for_is_a_timedelta(self):
        with pytest.raises(
            TypeError, match=r"^The cache_for of task 't' is 60\. Give a timedelta, such as timedelta\(hours=1\)"
        ):
            Task("t", cache_for=60)

    def test_a_validator_without_duration_is_warned_of(self):
        with pytest.warns(UserWarning, match="^Task 'Task' has a cache_validator but no cache_for") as caught:
            made = Task(cache_validator=all_inputs)
        assert made.cache_validator is all_inputs
        assert caught[0].filename == __file__


class TestResultAndTarget:
    def test_a_target_is_the_location_of_a_copy_of_the_result(self):
        result = LocalResult()
        made = Task(result=result, target="a.txt")
        assert (made.result.location, made.target, result.location) == ("a.txt", "a.txt", None)

    def test_the_target_wins_over_the_location_with_a_warning(self):
        result = LocalResult(location="b.txt")
        with pytest.warns(UserWarning, match="^Task 'Task' has both a result with a location and a target") as caught:
            made = Task(result=result, target="a.txt")
        assert (made.result.location, result.location) == ("a.txt", "b.txt")
        assert caught[0].filename == __file__

    def test_a_target_equal_to_the_location_is_not_warned_of(self):
        assert Task(result=LocalResult(location="a.txt"), target="a.txt").result.location == "a.txt"

    @pytest.mark.parametrize("argument", ["target", "task_run_name"])
    def test_a_template_is_text_or_a_function(self, argument):
        with pytest.raises(TypeError) as caught:
            Task("t", **{argument: 5})
        assert str(caught.value) == f"The {argument} of task 't' is 5. Give text, or a function that returns it."

    def test_a_target_without_result_is_kept(self):
        made = Task(target="a.txt")
        assert (made.target, made.result) == ("a.txt", None)


class TestStateHandlers:
    def test_they_are_a_list_of_the_task_itself(self):
        given = [print]
        made = Task(state_handlers=given)
        assert made.state_handlers == given
        assert made.state_handlers is not given

    @pytest.mark.parametrize("given", [{print}, (handler for handler in [print])])
    def test_they_need_an_order(self, given):
        with pytest.raises(TypeError, match=r"^state_handlers has the type \w+, which has no order\."):
            Task(state_handlers=given)

    def test_on_failure_comes_last_and_leaves_the_given_list_alone(self):
        given = [print]
        made = Task(state_handlers=given, on_failure=print)
        assert (len(made.state_handlers), made.state_handlers[0], given) == (2, print, [print])

    def test_on_failure_goes_together_with_a_tuple(self):
        assert len(Task(state_handlers=(print,), on_failure=print).state_handlers) == 2

    def test_on_failure_hears_of_failures_only(self):
        heard = []
        [handler] = Task(on_failure=lambda *args: heard.append(args)).state_handlers
        failed, trigger_failed = Failed(), TriggerFailed()
        for state in (Running(), Success(), Retrying(), failed, trigger_failed):
            assert handler("task", Pending(), state) is None
        assert heard == [("task", failed), ("task", trigger_failed)]

    def test_on_failure_hears_of_every_attempt(self):
        heard = []

        @task(
            max_retries=1, retry_delay=timedelta(0), on_failure=lambda task, state: heard.append(type(state).__name__)
        )
        def fails():
            raise ValueError("no")

        with Flow("f") as flow:
            fails()
        flow.run()

        assert heard == ["Failed", "Failed"]


class TestOverwrittenAttributes:
    def warned(self, match):
        return pytest.warns(UserWarning, match=f"^Early sets {match} before Task.__init__, which overwrites it")

    def test_an_attribute_set_before_the_constructor_is_warned_of_and_overwritten(self):
        class Early(Task):
            def __init__(self, **kwargs):
                self.target = "mine"
                self.tags = ["mine"]
                self.other = "kept"
                super().__init__(**kwargs)

        with self.warned("tags, target") as caught:
            made = Early()
        assert (made.tags, made.target, made.other) == (set(), None, "kept")
        assert caught[0].filename == __file__

    def test_so_is_an_attribute_of_the_class(self):
        class Early(Task):
            name = "mine"

        with self.warned("name"):
            made = Early()
        assert made.name == "Early"

    @pytest.mark.parametrize("first", [True, False])
    def test_so_is_one_of_another_base_class(self, first):
        class Base:
            slug = "mine"

        class Early(*((Base, Task) if first else (Task, Base))):
            """Inherits the attribute."""

        with self.warned("slug"):
            made = Early()
        assert made.slug is None

    def test_so_is_a_logger(self):
        class Early(Task):
            logger = "mine"

        class Instance(Task):
            def __init__(self):
                self.logger = "mine"
                super().__init__()

        with self.warned("logger"):
            assert Early().logger.name == "prefect.Early"
        with pytest.warns(UserWarning, match="^Instance sets logger before"):
            assert Instance().logger.name == "prefect.Instance"

    def test_what_is_set_afterwards_stays(self):
        class Late(Task):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.logger = logging.getLogger("mine")
                self.name = "late"

        made = Late()
        assert (made.logger.name, made.name) == ("mine", "late")
        assert made.copy(name="copied").logger.name == "mine"


class TestTasksAsArguments:
    class Holds(Task):
        def __init__(self, held=None, **kwargs):
            self.held = held
            super().__init__(**kwargs)

    @pytest.mark.parametrize("by_name", [True, False])
    def test_a_task_given_to_the_constructor_is_warned_of(self, by_name):
        with pytest.warns(
            UserWarning, match=r"^A task was given to the constructor of Holds.* Make the Holds first"
        ) as w:
            made = self.Holds(held=Task()) if by_name else self.Holds(Task())
        assert isinstance(made.held, Task)
        assert (len(w), w[0].filename) == (1, __file__)

    def test_other_values_are_not(self):
        assert self.Holds([Task()]).held


class TestIdentity:
    def test_tasks_are_equal_to_themselves_only(self):
        first, second = Task(name="a"), Task(name="a")
        assert first == first
        assert first != second
        assert len({first, second, first}) == 2

    def test_a_task_is_true(self):
        assert bool(Task()) is True

    def test_a_task_has_no_length(self):
        with pytest.raises(TypeError, match="has no len"):
            len(Task())

    def test_nothing_is_in_a_task(self):
        with pytest.raises(TypeError, match="is not a container"):
            1 in Task(nout=1)  # noqa: B015 - the operator is the test

    def test_it_shows_its_name(self):
        assert repr(Task(name="a b")) == "<Task: a b>"
        assert repr(Parameter("p")) == "<Parameter: p>"

    def test_it_can_be_pickled(self):
        copy = cloudpickle.loads(cloudpickle.dumps(Named(name="n", tags=["a"], max_retries=1, retry_delay=SECOND)))
        assert (type(copy).__name__, copy.name, copy.tags, copy.retry_delay) == ("Named", "n", {"a"}, SECOND)
