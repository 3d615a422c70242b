"""Cache validators (core.md §9.1)."""

from __future__ import annotations

import datetime
from typing import Any

import pendulum
import pytest

from prefect.engine.cache_validators import (
    all_inputs,
    all_parameters,
    duration_only,
    never_use,
    partial_inputs_only,
    partial_parameters_only,
)
from prefect.engine.content_token import content_token
from prefect.engine.result import Result
from prefect.engine.state import Cached

YEAR_2001 = pendulum.datetime(2001, 1, 1)
YEAR_2999 = pendulum.datetime(2999, 1, 1)

#: Each with arguments that it accepts unless the state has expired.
ACCEPTING = [
    pytest.param(duration_only, id="duration_only"),
    pytest.param(all_inputs, id="all_inputs"),
    pytest.param(all_parameters, id="all_parameters"),
    pytest.param(partial_inputs_only(["x"]), id="partial_inputs_only"),
    pytest.param(partial_parameters_only(["p"]), id="partial_parameters_only"),
]


def cached(expiration: datetime.datetime | None = None) -> Cached:
    """A state made from the inputs x=1, y=[2] and the parameters p=1, q=2."""
    return Cached(
        cached_result_expiration=expiration,
        hashed_inputs={"x": content_token(1), "y": content_token([2])},
        cached_parameters={"p": 1, "q": 2},
    )


@pytest.mark.parametrize("validator", ACCEPTING)
@pytest.mark.parametrize(
    ("expiration", "accepted"),
    [
        (None, True),
        (YEAR_2999, True),
        (YEAR_2001, False),
        (datetime.datetime(2999, 1, 1, tzinfo=datetime.timezone.utc), True),
        (datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=14))), False),
        (datetime.datetime(2001, 1, 1), False),  # noqa: DTZ001 - naive counts as UTC
        (datetime.datetime(2999, 1, 1), True),  # noqa: DTZ001
    ],
)
def test_a_state_is_accepted_until_it_expires(validator: Any, expiration: Any, accepted: bool):
    assert validator(cached(expiration), {"x": 1, "y": [2]}, {"p": 1, "q": 2}) is accepted


def test_never_use_accepts_nothing():
    assert never_use(cached(), {"x": 1, "y": [2]}, {"p": 1, "q": 2}) is False


def test_duration_only_looks_at_nothing_else():
    assert duration_only(cached(), {"x": 9}, {}) is True


@pytest.mark.parametrize(
    ("inputs", "accepted"),
    [
        ({"x": 1, "y": [2]}, True),
        ({"y": [2], "x": 1}, True),
        ({"x": 2, "y": [2]}, False),
        ({"x": "1", "y": [2]}, False),
        ({"x": 1}, False),
        ({"x": 1, "y": [2], "z": 3}, False),
        ({}, False),
    ],
)
def test_all_inputs_compares_every_input_by_its_token(inputs: dict[str, Any], accepted: bool):
    assert all_inputs(cached(), inputs, {}) is accepted


def test_without_tokens_all_inputs_compares_the_cached_values():
    state = Cached(cached_inputs={"x": Result(1), "y": Result([2])})
    assert all_inputs(state, {"x": 1, "y": [2]}, {}) is True
    assert all_inputs(state, {"x": 1, "y": [3]}, {}) is False
    assert all_inputs(Cached(), {}, {}) is True
    assert all_inputs(Cached(), {"x": 1}, {}) is False


def test_tokens_win_over_cached_values():
    state = Cached(hashed_inputs={"x": "another"}, cached_inputs={"x": Result(1)})
    assert all_inputs(state, {"x": 1}, {}) is False


@pytest.mark.parametrize(
    ("parameters", "accepted"),
    [({"p": 1, "q": 2}, True), ({"p": 1}, False), ({"p": 1, "q": 3}, False), ({}, False)],
)
def test_all_parameters_compares_every_parameter(parameters: dict[str, Any], accepted: bool):
    assert all_parameters(cached(), {}, parameters) is accepted


@pytest.mark.parametrize(
    ("names", "inputs", "accepted"),
    [
        (None, {"x": 9}, True),
        ([], {"x": 9}, True),
        (["x"], {"x": 1, "y": "other"}, True),
        (["x"], {"x": 2, "y": [2]}, False),
        (["x"], {}, False),
        (["x", "y"], {"x": 1, "y": [2]}, True),
        (["z"], {"x": 9}, True),
        (["z"], {"z": None}, False),
    ],
)
@pytest.mark.parametrize(
    "state", [cached(), Cached(cached_inputs={"x": Result(1), "y": Result([2])})], ids=["tokens", "values"]
)
def test_partial_inputs_only_compares_the_listed_inputs(state: Cached, names: Any, inputs: Any, accepted: bool):
    assert partial_inputs_only(names)(state, inputs, {}) is accepted


@pytest.mark.parametrize(
    ("names", "parameters", "accepted"),
    [
        (None, {"p": 9}, True),
        (["p"], {"p": 1, "q": "other"}, True),
        (["p"], {"p": 9, "q": 2}, False),
        (["p"], {}, False),
        (["z"], {"p": 9}, True),
    ],
)
def test_partial_parameters_only_compares_the_listed_parameters(names: Any, parameters: Any, accepted: bool):
    assert partial_parameters_only(validate_on=names)(cached(), {}, parameters) is accepted


def test_a_state_without_parameters_fits_only_a_run_without_the_listed_ones():
    assert partial_parameters_only(["p"])(Cached(), {}, {"p": 1}) is False
    assert partial_parameters_only(["p"])(Cached(), {}, {}) is True


def test_a_string_lists_one_name_not_its_letters():
    state = Cached(cached_inputs={"user": Result(1)})
    assert partial_inputs_only("user")(state, {"user": 1}, {}) is True
    assert partial_inputs_only("user")(state, {"user": 2}, {}) is False
