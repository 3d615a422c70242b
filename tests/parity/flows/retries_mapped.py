"""Retries of mapped children: only the failed ones run again."""

from datetime import timedelta

import prefect
from prefect import Flow, task
from prefect.triggers import all_finished

NOW = timedelta(seconds=0)
SEEN = []


@task(max_retries=2, retry_delay=NOW)
def download(page):
    attempt = prefect.context.task_run_count
    SEEN.append(f"download {page} attempt {attempt} index {prefect.context.map_index}")
    if attempt <= page:
        raise ConnectionError(f"page {page}, attempt {attempt}")
    return page


@task
def parse(page):
    SEEN.append(f"parse {page}")
    return page * 100


@task
def store(pages):
    return sum(pages)


@task(trigger=all_finished)
def count(pages):
    return [repr(page) for page in pages]


with Flow("all succeed") as flow:
    stored = store(parse.map(download.map([0, 1, 2])))

with Flow("one never does") as hopeless:
    pages = parse.map(download.map([0, 5, 1]))
    stored = store(pages)
    counted = count(pages)

CASES = {
    "all succeed": {"flow": flow},
    "observed": {"flow": flow, "observe": True},
    "one never does": {"flow": hopeless},
}
