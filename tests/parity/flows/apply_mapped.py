"""`apply_map`: a function of several tasks, mapped as one."""

from prefect import Flow, Parameter, apply_map, case, flatten, task, unmapped
from prefect.tasks.control_flow import merge


@task
def numbers(n):
    return list(range(n))


@task
def is_even(x):
    return x % 2 == 0


@task
def half(x):
    return x // 2


@task
def triple(x):
    return 3 * x + 1


@task
def add(x, y):
    return x + y


@task
def no_input():
    return "ran"


@task
def total(values):
    return sum(values)


def collatz(x):
    with case(is_even(x), True):
        even = half(x)
    with case(is_even(x), False):
        odd = triple(x)
    return merge(even, odd)


def two_steps(x, y):
    first = add(x, y)
    return first, half(first)


def without_input(x):
    return no_input()


with Flow("collatz") as flow:
    following = apply_map(collatz, numbers(Parameter("n", default=4)))
    summed = total(following)

with Flow("two steps") as steps:
    sums, halves = apply_map(two_steps, [1, 2, 3], unmapped(10))
    summed = total(halves)

with Flow("flatten") as flat:
    sums, halves = apply_map(two_steps, flatten([[1], [2, 3]]), y=[4, 5, 6])

with Flow("without input") as bare:
    ran = apply_map(without_input, [1, 2])

with Flow("inside case") as inside:
    wanted = Parameter("wanted", default=False)
    with case(wanted, True):
        sums, halves = apply_map(two_steps, [1, 2], [3, 4])

CASES = {
    "collatz": {"flow": flow},
    "two steps": {"flow": steps},
    "flatten": {"flow": flat},
    "without input": {"flow": bare},
    "inside case, not taken": {"flow": inside},
    "inside case, taken": {"flow": inside, "parameters": {"wanted": True}},
}
