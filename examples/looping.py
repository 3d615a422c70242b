"""A task that raises LOOP runs again at once and finds the last result in the context.

$ prefect run -q -p examples/looping.py
page 1
page 2
page 3
"""

import prefect
from prefect import Flow, task
from prefect.engine.signals import LOOP


@task
def read_pages(pages):
    page = prefect.context.get("task_loop_result", 1)
    print("page", page)
    if page < pages:
        raise LOOP(result=page + 1)


with Flow("looping") as flow:
    read_pages(3)
