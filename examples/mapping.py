"""A mapped task has one child for each element; a task that takes it whole waits for all of them.

$ prefect run -q -p examples/mapping.py
[11, 12, 21, 22] make 66
"""

from prefect import Flow, flatten, task, unmapped


@task
def both(tens):
    return [tens + 1, tens + 2]


@task
def plus(number, zero):
    return number + zero


@task
def show(numbers):
    print(f"{numbers} make {sum(numbers)}")


with Flow("mapping") as flow:
    numbers = plus.map(flatten(both.map([10, 20])), unmapped(0))
    show(numbers)
