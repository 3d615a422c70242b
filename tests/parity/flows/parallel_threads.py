"""`LocalDaskExecutor`: the same states, in whatever order."""

import threading
from datetime import timedelta

import prefect
from prefect import Flow, Parameter, case, flatten, task, unmapped
from prefect.engine import signals
from prefect.executors import LocalDaskExecutor
from prefect.tasks.control_flow import merge
from prefect.triggers import all_finished


@task
def numbers(n):
    return list(range(n))


@task
def work(x):
    if x == 3:
        raise ValueError("three")
    if x == 4:
        raise signals.SKIP("four")
    return x * x


@task(max_retries=1, retry_delay=timedelta(seconds=0))
def flaky(x):
    if x == 1 and prefect.context.task_run_count == 1:
        raise ConnectionError("once")
    return x


@task
def double(x):
    return None if x is None else 2 * x


@task
def pair(x, y):
    return x, y


@task(trigger=all_finished, skip_on_upstream_skip=False)
def collect(values):
    return [value if isinstance(value, int) else type(value).__name__ for value in values]


@task
def where():
    return threading.current_thread() is threading.main_thread()


@task
def spread(x):
    return list(range(x))


def build(executor=None):
    with Flow("parallel", executor=executor) as flow:
        n = Parameter("n", default=6)
        found = numbers(n)
        worked = work.map(found)
        doubled = double.map(worked)
        collected = collect(doubled)
        retried = flaky.map(found)
        total = collect(retried)
        flat = double.map(flatten(spread.map(found)))
        pairs = pair.map(retried, unmapped(total))
        with case(n, 6):
            six = numbers(6, task_args={"name": "six"})
        with case(n, 7):
            seven = numbers(7, task_args={"name": "seven"})
        merge(six, seven)
    return flow


with Flow("main thread", executor=LocalDaskExecutor(scheduler="synchronous")) as synchronous:
    where()

CASES = {
    "threads": {"flow": build(LocalDaskExecutor(scheduler="threads", num_workers=4)), "states_only": True},
    "threads given to run": {
        "flow": build(),
        "run": {"executor": LocalDaskExecutor(scheduler="threads")},
        "parameters": {"n": 2},
        "states_only": True,
    },
    "synchronous": {"flow": build(LocalDaskExecutor(scheduler="sync")), "states_only": True},
    "main thread": {"flow": synchronous},
    "no children": {"flow": build(LocalDaskExecutor()), "parameters": {"n": 0}, "states_only": True},
}
