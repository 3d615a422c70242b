"""A task that fails is tried again, after a delay, a number of times.

$ prefect run -q -p examples/retries.py
attempt 1
attempt 2
attempt 3
done
"""

from datetime import timedelta

import prefect
from prefect import Flow, task


@task(max_retries=2, retry_delay=timedelta(0), retry_on=ConnectionError)
def fetch():
    print("attempt", prefect.context.task_run_count)
    if prefect.context.task_run_count < 3:
        raise ConnectionError("nobody there")
    return "done"


@task
def show(text):
    print(text)


with Flow("retries") as flow:
    show(fetch())
