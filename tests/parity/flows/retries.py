"""Retries: until it works, until they are used up, only for some errors."""

from datetime import timedelta

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import signals

NOW = timedelta(seconds=0)


@task(max_retries=3, retry_delay=NOW)
def flaky(good_at):
    attempt = prefect.context.task_run_count
    if attempt < good_at:
        raise ConnectionError(f"attempt {attempt}")
    return attempt


@task(max_retries=2, retry_delay=NOW, retry_on=KeyError)
def picky(kind):
    raise {"key": KeyError, "value": ValueError, "sub": type("Sub", (KeyError,), {})}[kind](kind)


@task(max_retries=1, retry_delay=NOW, retry_on=[KeyError, TypeError])
def picky_list():
    raise TypeError("listed")


@task(max_retries=1, retry_delay=NOW)
def failing():
    raise signals.FAIL(f"attempt {prefect.context.task_run_count}")


@task(max_retries=1, retry_delay=NOW)
def validating():
    raise signals.VALIDATIONFAIL("not valid")


@task(max_retries=1, retry_delay=NOW, retry_on=ValueError)
def failing_with():
    raise signals.FAIL("has a result", result=ValueError("inside"))


@task(max_retries=1, retry_delay=NOW, retry_on=ValueError)
def failing_without():
    raise signals.FAIL("no result of that type")


@task(max_retries=2, retry_delay=NOW)
def skipping():
    if prefect.context.task_run_count == 2:
        raise signals.SKIP("second time")
    raise ValueError("first time")


@task
def after(x):
    return x


@task
def beside():
    return "beside"


with Flow("flaky") as flow:
    good_at = Parameter("good_at", default=2)
    done = after(flaky(good_at))

with Flow("with a neighbour") as neighbour:
    b = beside()
    done = after([flaky(3), b])

with Flow("retry on") as retry_on:
    for kind in ("key", "value", "sub"):
        picky(kind, task_args={"name": f"picky {kind}"})
    picky_list()

with Flow("signals") as with_signals:
    failing()
    validating()
    failing_with()
    failing_without()
    after(skipping())

with Flow("two retrying tasks") as two:
    first = flaky(2, task_args={"name": "first"})
    second = flaky(first, task_args={"name": "second"})

CASES = {
    "works the second time": {"flow": flow},
    "works at once": {"flow": flow, "parameters": {"good_at": 1}},
    "works the last time": {"flow": flow, "parameters": {"good_at": 4}, "observe": True},
    "never works": {"flow": flow, "parameters": {"good_at": 9}},
    "with a neighbour": {"flow": neighbour},
    "retry_on": {"flow": retry_on},
    "signals": {"flow": with_signals, "observe": True},
    "two retrying tasks": {"flow": two},
}
