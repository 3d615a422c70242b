"""A retry in the middle of a loop repeats that iteration only."""

from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.engine import signals

NOW = timedelta(seconds=0)
SEEN = []


@task(max_retries=1, retry_delay=NOW)
def collect(fail_at):
    loop = prefect.context.get("task_loop_count", 1)
    attempt = prefect.context.task_run_count
    SEEN.append(f"loop {loop} attempt {attempt} result {prefect.context.get('task_loop_result')}")
    if loop in fail_at and attempt == 1:
        raise ConnectionError(f"loop {loop}")
    if loop < 4:
        raise signals.LOOP(result=loop * 10)
    return loop


@task(max_retries=1, retry_delay=NOW)
def gives_up():
    loop = prefect.context.get("task_loop_count", 1)
    SEEN.append(f"loop {loop} attempt {prefect.context.task_run_count}")
    if loop == 2:
        raise ConnectionError("always at two")
    raise signals.LOOP(result=loop)


with Flow("fails once") as once:
    done = collect([2])

with Flow("fails in two iterations") as twice:
    done = collect([1, 3])

with Flow("gives up") as hopeless:
    done = gives_up()

with Flow("mapped") as mapped:
    done = collect.map([[1], [], [4]])

CASES = {
    "once": {"flow": once, "observe": True},
    "twice": {"flow": twice},
    "gives up": {"flow": hopeless, "observe": True},
    "mapped": {"flow": mapped},
}
