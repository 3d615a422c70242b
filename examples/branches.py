"""Tasks inside a case run if the value matches and are skipped otherwise; merge takes the branch that ran.

$ prefect run -q -p examples/branches.py
7 is odd
$ prefect run -q -p examples/branches.py --param number=8
8 is even
"""

from prefect import Flow, Parameter, case, task
from prefect.tasks.control_flow import merge


@task
def say(number, word):
    return f"{number} is {word}"


@task
def show(text):
    print(text)


with Flow("branches") as flow:
    number = Parameter("number", default=7)
    rest = number % 2
    with case(rest, 0):
        even = say(number, "even")
    with case(rest, 1):
        odd = say(number, "odd")
    show(merge(even, odd))
