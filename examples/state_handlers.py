"""A state handler sees each change of state and may replace the new one.

$ prefect run -q -p examples/state_handlers.py
Pending -> Running
Running -> Failed
got 0
"""

from prefect import Flow, task
from prefect.engine.state import Success


def rescue(task, old, new):
    print(type(old).__name__, "->", type(new).__name__)
    if new.is_failed():
        return Success("a default will do", result=0)
    return None


@task(state_handlers=[rescue])
def load():
    raise FileNotFoundError("no such file")


@task
def show(value):
    print("got", value)


with Flow("state-handlers") as flow:
    show(load())
