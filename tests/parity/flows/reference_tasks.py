"""Which tasks decide the flow's state."""

from prefect import Flow, task
from prefect.engine.signals import ENDRUN
from prefect.engine.state import Cancelled
from prefect.triggers import all_finished, any_failed


@task
def work():
    raise ValueError("work failed")


@task(trigger=all_finished)
def clean():
    return "clean"


@task(trigger=any_failed)
def alert():
    return "alerted"


@task
def fine():
    return "fine"


@task
def cancelled():
    raise ENDRUN(Cancelled("stopped from outside"))


with Flow("terminal tasks decide") as terminal:
    cleaned = clean(upstream_tasks=[work()])

with Flow("reference tasks decide") as reference:
    worked = work()
    cleaned = clean(upstream_tasks=[worked])

reference.set_reference_tasks([worked])

with Flow("a task in the middle") as middle:
    fined = fine()
    failed = work(upstream_tasks=[fined])

middle.set_reference_tasks([fined])

with Flow("reset") as reset:
    fined = fine()
    failed = work(upstream_tasks=[fined])

reset.set_reference_tasks([fined])
reset.set_reference_tasks([])

with Flow("cancelled") as cancelled_flow:
    cancelled()

with Flow("alert not needed") as alert_flow:
    fined = fine()
    alerted = alert(upstream_tasks=[fined])

alert_flow.set_reference_tasks([fined])

CASES = {
    "terminal tasks decide": {"flow": terminal},
    "reference tasks decide": {"flow": reference},
    "a task in the middle": {"flow": middle},
    "reset": {"flow": reset},
    "cancelled": {"flow": cancelled_flow},
    "trigger failure outside": {"flow": alert_flow},
}
