"""apply_map maps a whole piece of a flow, branches included, over the elements.

$ prefect run -q -p examples/mapped_branches.py
[1, 20, 3, 40]
"""

from prefect import Flow, apply_map, case, task
from prefect.tasks.control_flow import merge


def ten_times_the_even(number):
    with case(number % 2, 0):
        enlarged = number * 10
    return merge(enlarged, number)


@task
def show(numbers):
    print(numbers)


with Flow("mapped-branches") as flow:
    show(apply_map(ten_times_the_even, [1, 2, 3, 4]))
