"""Skips run ahead of triggers, and stop where a task says so."""

from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.triggers import all_finished


@task
def new_rows(n):
    if n == 0:
        raise signals.SKIP("no new rows")
    return list(range(n))


@task
def store(rows):
    return len(rows)


@task(trigger=all_finished)
def always(rows=None):
    return "tidied"


@task(skip_on_upstream_skip=False, trigger=all_finished)
def really_always(rows=None):
    return "tidied", repr(rows)


@task(skip_on_upstream_skip=False)
def tell(stored):
    return repr(stored)


with Flow("skips") as flow:
    n = Parameter("n", default=0)
    rows = new_rows(n)
    stored = store(rows)
    tidy = always(upstream_tasks=[stored])
    tidied = really_always(stored)
    direct = tell(rows)
    told = tell(stored)

CASES = {
    "skipped": {"flow": flow, "observe": True},
    "not skipped": {"flow": flow, "parameters": {"n": 2}},
    "failed": {"flow": flow, "parameters": {"n": "many"}},
}
