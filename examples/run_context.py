"""While a task runs, the context tells about the run; the command line may add to it.

$ prefect run -q -p examples/run_context.py --context today=2021-12-24 --context gift=book
run-context: show[0] on 2021-12-24 with a book
"""

import prefect
from prefect import Flow, task


@task
def show(_):
    context = prefect.context
    print(f"{context.flow_name}: {context.task_full_name} on {context.today} with a {context.gift}")


with Flow("run-context") as flow:
    show.map([None])
