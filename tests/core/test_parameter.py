"""The inputs of a flow. Source: core.md §4.1 and §4.2."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta, timezone

import cloudpickle
import pendulum
import pytest

import prefect
from prefect import Flow, Parameter, case, task
from prefect.core.parameter import DateTimeParameter
from prefect.edge import Edge
from prefect.engine import signals
from prefect.engine.results import PrefectResult
from prefect.engine.serializers import DateTimeSerializer
from prefect.parameter import no_default
from prefect.utilities.configuration import set_temporary_config


@task
def value(x):
    return x


def run_alone(parameter, **given):
    """The state of a parameter in a flow that has nothing else."""
    with Flow("f") as flow:
        parameter()
    return flow.run(parameters=given).result[parameter]


class TestParameter:
    def test_without_a_default_it_is_required(self):
        parameter = Parameter("x")
        assert (parameter.required, parameter.default) == (True, None)

    @pytest.mark.parametrize("default", [3, None, "", False])
    def test_any_default_makes_it_optional(self, default):
        parameter = Parameter("x", default=default)
        assert (parameter.required, parameter.default) == (False, default)
        assert run_alone(parameter).result == default

    def test_an_optional_one_without_a_default_is_none(self):
        assert run_alone(Parameter("x", required=False)).result is None

    def test_a_required_one_ignores_its_default(self):
        with pytest.raises(ValueError, match=r"did not receive the following required parameters: x$"):
            run_alone(Parameter("x", default=3, required=True))

    def test_it_has_the_value_given_to_the_run(self):
        assert run_alone(Parameter("x", default=3), x=5).result == 5
        assert run_alone(Parameter("x"), x=None).result is None

    def test_it_takes_tags(self):
        assert Parameter("x", tags=["a"]).tags == {"a"}

    @pytest.mark.parametrize("argument", ["max_retries", "slug", "result", "checkpoint"])
    def test_it_takes_no_other_argument_of_tasks(self, argument):
        with pytest.raises(TypeError, match=argument):
            Parameter("x", **{argument: None})

    def test_its_name_is_its_slug_and_its_value_is_stored(self):
        parameter = Parameter("x", tags=["a"])
        assert (parameter.slug, parameter.checkpoint) == ("x", True)
        assert type(parameter.result) is PrefectResult

    def test_its_slug_in_a_flow_has_neither_tags_nor_a_number(self):
        with prefect.tags("a"), Flow("f") as flow:
            parameter = Parameter("x", tags=["b"])()
        assert flow.slugs == {parameter: "x"}

    def test_a_name_with_spaces_is_set_with_a_dictionary(self):
        assert run_alone(Parameter("two words"), **{"two words": 1}).result == 1

    def test_two_of_one_name_are_refused(self):
        flow = Flow("f", tasks=[Parameter("x")])
        with pytest.raises(ValueError, match=r"^The slug 'x' is taken by another task of the flow 'f'\."):
            flow.add_task(Parameter("x"))

    def test_calling_it_adds_the_same_object(self):
        parameter = Parameter("x")
        with Flow("f") as flow:
            assert parameter() is parameter
        assert flow.tasks == {parameter}

    def test_it_can_be_called_with_a_flow(self):
        parameter, flow = Parameter("x"), Flow("f")
        assert parameter(flow=flow) is parameter
        assert flow.parameters() == {parameter}

    def test_calling_it_needs_a_flow(self):
        with pytest.raises(ValueError, match=r"^<Parameter: x> was called outside a flow\."):
            Parameter("x")()

    def test_using_it_as_an_input_adds_it(self):
        parameter = Parameter("x")
        with Flow("f") as flow:
            used = value(parameter)
        assert flow.edges == {Edge(parameter, used, key="x")}

    def test_one_that_is_only_made_in_a_block_is_warned_of(self):
        with pytest.warns(UserWarning, match=r"not added to the flow 'f': <Parameter: x>\."), Flow("f"):
            Parameter("x")

    def test_a_copy_has_another_name_and_slug(self):
        copied = Parameter("x", default=3, tags=["a"]).copy("y")
        assert (copied.name, copied.slug, copied.default, copied.tags) == ("y", "y", 3, {"a"})

    def test_a_copy_can_have_other_attributes(self):
        copied = Parameter("x", default=3).copy("y", default=4, slug="z")
        assert (copied.name, copied.slug, copied.default) == ("y", "z", 4)

    def test_a_copy_needs_a_name(self):
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
            Parameter("x").copy()

    def test_it_shows_its_name(self):
        assert repr(Parameter("x y")) == "<Parameter: x y>"

    def test_a_required_one_that_a_runner_does_not_give_fails(self):
        with pytest.raises(signals.FAIL, match=r'^Parameter "x" was required but not provided.$'):
            Parameter("x").run()

    def test_it_reads_the_parameters_of_the_context(self):
        with prefect.context(parameters={"x": 5}):
            assert Parameter("x").run() == 5

    def test_values_are_not_type_checked(self):
        anything = object()
        assert run_alone(Parameter("x"), x=anything).result is anything

    def test_with_checkpointing_a_value_has_to_be_json(self):
        with set_temporary_config({"flows.checkpointing": True}):
            assert run_alone(Parameter("x"), x={"a": [1]}).is_successful()
            assert run_alone(Parameter("x"), x=object()).is_failed()

    def test_it_has_no_upstream_tasks(self):
        flow = Flow("f")
        with pytest.raises(ValueError, match=r"^<Parameter: x> cannot have upstream tasks"):
            flow.add_edge(value, Parameter("x"))

    def test_it_does_not_belong_to_a_case(self):
        with Flow("f") as flow, case(value(1), 2):
            parameter = Parameter("x", default=1)()
        assert flow.upstream_tasks(parameter) == set()

    def test_it_can_be_pickled_with_or_without_a_default(self):
        for parameter in (Parameter("x"), Parameter("x", default=None)):
            copy = pickle.loads(cloudpickle.dumps(parameter))
            assert (copy.required, copy.default) == (parameter.required, parameter.default)

    def test_the_mark_of_no_default_stays_itself_when_pickled(self):
        assert pickle.loads(pickle.dumps(no_default)) is no_default
        assert repr(no_default) == "<no default>"


class TestDateTimeParameter:
    def test_it_is_required_even_with_a_default(self):
        parameter = DateTimeParameter("at", default="2024-05-17")
        assert parameter.required is True
        with pytest.raises(ValueError, match=r"required parameters: at$"):
            run_alone(parameter)

    def test_unless_said_otherwise(self):
        state = run_alone(DateTimeParameter("at", default="2024-05-17", required=False))
        assert state.result == pendulum.datetime(2024, 5, 17)

    def test_its_result_is_written_as_a_datetime(self):
        result = DateTimeParameter("at").result
        assert type(result) is PrefectResult
        assert type(result.serializer) is DateTimeSerializer

    def test_none_stays_none(self):
        assert run_alone(DateTimeParameter("at"), at=None).result is None

    def test_text_is_parsed_as_utc_unless_it_says_otherwise(self):
        naive = run_alone(DateTimeParameter("at"), at="2024-05-17T13:45").result
        aware = run_alone(DateTimeParameter("at"), at="2024-05-17T13:45+02:00").result
        assert isinstance(naive, pendulum.DateTime)
        assert naive == pendulum.datetime(2024, 5, 17, 13, 45, tz="UTC")
        assert aware == pendulum.datetime(2024, 5, 17, 11, 45, tz="UTC")

    def test_a_naive_datetime_is_taken_as_utc(self):
        found = run_alone(DateTimeParameter("at"), at=datetime(2024, 5, 17, 13, 45)).result  # noqa: DTZ001
        assert isinstance(found, pendulum.DateTime)
        assert found == pendulum.datetime(2024, 5, 17, 13, 45, tz="UTC")

    def test_an_aware_datetime_keeps_its_zone(self):
        given = datetime(2024, 5, 17, 13, 45, tzinfo=timezone(timedelta(hours=2)))
        found = run_alone(DateTimeParameter("at"), at=given).result
        assert isinstance(found, pendulum.DateTime)
        assert (found, found.utcoffset()) == (given, timedelta(hours=2))

    @pytest.mark.parametrize("given", [date(2024, 5, 17), 5, ["2024-05-17"], "P1D"])
    def test_anything_else_fails_the_task(self, given):
        state = run_alone(DateTimeParameter("at"), at=given)
        assert state.is_failed()
        assert type(state.result) is ValueError
        assert str(state.result).endswith("Give a datetime, or one as text such as 2024-05-17T13:45.")

    def test_text_that_is_no_time_fails_the_task(self):
        assert isinstance(run_alone(DateTimeParameter("at"), at="soon").result, ValueError)
