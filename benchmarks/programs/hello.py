"""The smallest flow."""

from prefect import Flow, task


@task
def greet(name):
    print(f"Hello, {name}!")


with Flow("hello") as flow:
    greet("world")
