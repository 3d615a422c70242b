"""`RETRY` from inside a task, whatever `max_retries` says."""

import pendulum

import prefect
from prefect import Flow, Parameter, task
from prefect.engine import signals


@task
def poll(ready_at):
    count = prefect.context.task_run_count
    if count < ready_at:
        raise signals.RETRY(f"poll {count}", start_time=pendulum.now("UTC"))
    return count


@task
def poll_quietly():
    if prefect.context.task_run_count < 2:
        raise signals.RETRY()


@task
def use(x):
    return x


with Flow("polling") as flow:
    used = use(poll(Parameter("ready_at", default=3)))

with Flow("mapped polling") as mapped:
    used = use(poll.map([1, 2, 3]))

with Flow("bare") as bare:
    used = use(poll_quietly())

CASES = {
    "polling": {"flow": flow, "observe": True},
    "ready at once": {"flow": flow, "parameters": {"ready_at": 1}},
    "mapped": {"flow": mapped},
    "bare": {"flow": bare},
}
