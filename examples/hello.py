"""A task, a flow, a run.

$ prefect run -q -p examples/hello.py
Hello, world!
"""

from prefect import Flow, task


@task
def greet(name):
    print(f"Hello, {name}!")


with Flow("hello") as flow:
    greet("world")
