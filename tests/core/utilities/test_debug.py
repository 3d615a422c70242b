"""Helpers for finding out what is wrong. Source: core.md §8.11."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

import prefect
from prefect.utilities.debug import is_serializable, raise_on_exception


class FailsElsewhere:
    def __reduce__(self) -> Any:
        return int, ("not a number",)


class FailsHere:
    def __reduce__(self) -> Any:
        raise RuntimeError("no")


def test_the_context_says_that_exceptions_are_to_be_raised():
    with raise_on_exception():
        assert prefect.context.raise_on_exception is True

    assert "raise_on_exception" not in prefect.context


def test_an_exception_of_a_task_leaves_the_run():
    @prefect.task
    def fail() -> None:
        raise ZeroDivisionError("mine")

    with prefect.Flow("f") as flow:
        fail()

    with raise_on_exception(), pytest.raises(ZeroDivisionError, match="mine"):
        flow.run()


def test_a_signal_still_becomes_a_state():
    @prefect.task
    def fail() -> None:
        raise prefect.engine.signals.FAIL("mine")

    with prefect.Flow("f") as flow:
        fail()

    with raise_on_exception():
        assert flow.run().is_failed()


def test_a_lambda_is_serializable():
    assert is_serializable(lambda: 1) is True


def test_an_object_that_cannot_be_pickled_is_not_serializable():
    assert is_serializable(FailsHere()) is False
    with pytest.raises(RuntimeError, match="no"):
        is_serializable(FailsHere(), raise_on_error=True)


def test_an_object_that_cannot_be_unpickled_elsewhere_is_not_serializable():
    assert is_serializable(FailsElsewhere()) is False
    with pytest.raises(subprocess.CalledProcessError) as caught:
        is_serializable(FailsElsewhere(), raise_on_error=True)
    assert b"not a number" in caught.value.stderr
