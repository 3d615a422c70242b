"""With threads or processes, tasks that do not depend on each other run at the same time.

$ prefect run -q -p examples/parallel.py
4 tasks met
"""

from threading import Barrier

from prefect import Flow, task
from prefect.executors import LocalDaskExecutor

MEETING = Barrier(4, timeout=30)  # nobody passes before four have come


@task
def meet(guest):
    MEETING.wait()
    return guest


@task
def count(guests):
    print(len(guests), "tasks met")


with Flow("parallel", executor=LocalDaskExecutor(scheduler="threads", num_workers=4)) as flow:
    count(meet.map(["Ada", "Bo", "Cy", "Di"]))
