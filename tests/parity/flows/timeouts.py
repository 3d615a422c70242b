"""A task that takes longer than it may."""

import time
from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.triggers import any_failed


@task(timeout=1)
def slow(seconds):
    time.sleep(seconds)
    return seconds


@task(timeout=timedelta(seconds=1), max_retries=1, retry_delay=timedelta(seconds=0))
def slow_once():
    if prefect.context.task_run_count == 1:
        time.sleep(30)
    return prefect.context.task_run_count


@task(timeout=1, max_retries=1, retry_delay=timedelta(seconds=0), retry_on=ValueError)
def not_retried():
    time.sleep(30)


@task(timeout=1)
def swallows():
    try:
        time.sleep(30)
    except Exception:
        return "swallowed"
    return "slept"


@task(timeout=5)
def fails():
    raise ValueError("in time")


@task(timeout=0)
def unlimited():
    return "no limit"


@task
def after(x):
    return x


@task(trigger=any_failed)
def notify():
    return "notified"


with Flow("timeouts") as flow:
    timed_out = slow(30)
    in_time = slow(0)
    after(timed_out)
    notify(upstream_tasks=[timed_out])
    after(in_time)

with Flow("retried timeout") as retried:
    done = after(slow_once())

with Flow("timeout is not in retry_on") as refused:
    not_retried()

with Flow("mapped timeout") as mapped:
    done = slow.map([0, 30])

with Flow("others") as others:
    swallows()
    fails()
    unlimited()

CASES = {
    "timeouts": {"flow": flow, "observe": True},
    "retried": {"flow": retried, "observe": True},
    "not in retry_on": {"flow": refused},
    "mapped": {"flow": mapped},
    "others": {"flow": others},
}
