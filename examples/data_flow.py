"""What a task returns goes to the tasks that are called with it; operators and indexing make tasks too.

$ prefect run -q -p examples/data_flow.py
17 is 3 x 5 + 2
"""

from prefect import Flow, task


@task(nout=2)
def divide(number, by):
    return number // by, number % by


@task
def show(total, quotient, rest):
    print(f"{total} is {quotient} x 5 + {rest}")


with Flow("data-flow") as flow:
    quotient, rest = divide(17, by=5)
    total = quotient * 5 + rest
    show(total, quotient, rest)
