"""Standard output as a user sees it, and the DEBUG lines."""

from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.engine import signals


@task
def extract():
    print("extracting")
    return 3


@task(max_retries=1, retry_delay=timedelta(seconds=0))
def transform(x):
    if prefect.context.task_run_count == 1:
        raise ValueError("not yet")
    return x


@task
def load(x):
    prefect.context.logger.info("loading %s", x)
    raise KeyError("disk full")


@task
def skipped():
    raise signals.SKIP("nothing")


@task(timeout=20, cache_for=timedelta(hours=1))
def limited(x):
    if prefect.context.get("task_loop_count", 1) < 2:
        raise signals.LOOP(result=1)
    return x


@task
def each(x):
    return x


with Flow("console") as flow:
    loaded = load(transform(extract()))

with Flow("chain of many kinds") as kinds:
    first = limited(1)
    found = each.map([first, 2])
    total = each(found)
    last = each(skipped(upstream_tasks=[total]))

FORMAT = {"PREFECT__LOGGING__FORMAT": "%(levelname)s|%(name)s|%(message)s", "PREFECT__LOGGING__DATEFMT": "%H"}
SLUGS = {
    "PREFECT__LOGGING__FORMAT": "%(flow_name)s %(task_slug)s %(message)s",
    "PREFECT__LOGGING__LOG_ATTRIBUTES": '["flow_name", "task_slug"]',
}

CASES = {
    "lines": {"flow": flow, "console": True},
    "errors only": {"flow": flow, "console": True, "env": {"PREFECT__LOGGING__LEVEL": "ERROR"}},
    "own format": {"flow": flow, "console": True, "env": FORMAT},
    "attributes in the format": {"flow": flow, "console": True, "env": SLUGS},
    "debug": {"flow": flow, "env": {"PREFECT__LOGGING__LEVEL": "DEBUG"}},
    "debug of many kinds": {"flow": kinds, "env": {"PREFECT__LOGGING__LEVEL": "DEBUG"}, "runs": 2},
}
