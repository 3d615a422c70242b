"""`task_run_name`: templates and functions."""

import prefect
from prefect import Flow, Parameter, task


def own_name():
    return prefect.context.get("task_run_name")


@task(task_run_name="{task_name} of {x} in {flow_name}")
def template(x):
    return own_name()


@task(task_run_name=lambda **context: f"{context['x']} on {context['date']:%A}")
def function(x):
    return own_name()


@task(task_run_name="{x} at {map_index}")
def each(x):
    return own_name()


@task(task_run_name="{missing}")
def missing():
    return own_name()


@task(task_run_name=lambda **context: 1 / 0)
def broken():
    return own_name()


@task
def unnamed(x):
    return own_name()


with Flow("names") as flow:
    x = Parameter("x", default="value")
    template(x)
    function(x)
    each.map([5, 6])
    unnamed(x)

with Flow("wrong names") as wrong:
    unnamed(missing())
    unnamed(broken())

CASES = {
    "names": {"flow": flow, "context": {"date": "2020-02-29"}},
    "wrong names": {"flow": wrong, "observe": True},
}
