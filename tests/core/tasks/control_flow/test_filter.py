"""``FilterTask`` keeps some of the results of a mapped task. Source: core.md §10.5."""

from __future__ import annotations

import logging

import pytest

from prefect import Flow, task
from prefect.engine import signals
from prefect.tasks.control_flow import FilterTask
from prefect.triggers import all_finished, all_successful


@task
def pick(x):
    if x == 1:
        raise ValueError("one")
    if x == 2:
        raise signals.SKIP("two")
    if x == 3:
        return None
    return x


def filtered(items, **kwargs):
    with Flow("f") as flow:
        kept = FilterTask(**kwargs)(pick.map(items))
    return flow.run().result[kept].result


def test_none_and_exceptions_are_dropped():
    assert filtered([4, 1, 3, 5, 0]) == [4, 5, 0]


@pytest.mark.parametrize("argument", ["filter_func", "log_func"])
def test_what_cannot_be_called_is_refused_at_once(argument):
    with pytest.raises(TypeError) as caught:
        FilterTask(**{argument: "x > 3"})

    assert str(caught.value) == f"`{argument}` is 'x > 3', which cannot be called. Give a function of the results."


def test_signals_are_kept_since_they_are_no_exceptions():
    (kept,) = filtered([1, 2])
    assert isinstance(kept, signals.SKIP)


def test_a_function_can_choose():
    assert filtered([4, 5, 6], filter_func=lambda x: x > 4) == [5, 6]


def test_it_runs_after_failures_and_skips_unless_told_otherwise():
    assert (FilterTask().trigger, FilterTask().skip_on_upstream_skip) == (all_finished, False)
    strict = FilterTask(trigger=all_successful, skip_on_upstream_skip=True)
    assert (strict.trigger, strict.skip_on_upstream_skip) == (all_successful, True)


@pytest.fixture
def log_of_prefect():
    """Messages logged below ``prefect``, whose own handlers and level the configuration decides."""

    class Keep(logging.Handler):
        def emit(self, record):
            messages.append((record.name, record.levelname, record.getMessage()))

    messages = []
    logger = logging.getLogger("prefect.FilterTask")
    handler = Keep()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


def test_what_was_kept_can_be_logged(log_of_prefect):
    FilterTask(log_func=lambda kept: f"kept {len(kept)}").run([1, None, 2])
    assert log_of_prefect == [("prefect.FilterTask", "INFO", "kept 2")]


def test_the_types_are_those_of_the_json_form():
    """Their texts are kept with a registered flow (core.md §20.2)."""
    assert str(FilterTask().inputs()["task_results"]["type"]) == "typing.List[typing.Any]"
    assert str(FilterTask().outputs()) == "typing.List[typing.Any]"
