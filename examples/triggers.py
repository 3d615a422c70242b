"""A trigger decides by the states upstream whether a task runs; reference tasks decide whether the flow succeeded.

$ prefect run -q -p examples/triggers.py
cleaning up
telling the owner
"""

from prefect import Flow, task
from prefect.triggers import all_finished, any_failed


@task
def work():
    raise ValueError("broken")


@task(trigger=all_finished)
def clean():
    print("cleaning up")


@task(trigger=any_failed)
def tell():
    print("telling the owner")


with Flow("triggers") as flow:
    cleaned = clean(upstream_tasks=[work()])
    tell(upstream_tasks=[work(upstream_tasks=[cleaned])])

flow.set_reference_tasks([cleaned])
