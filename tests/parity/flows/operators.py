"""Arithmetic, comparison and logic between tasks, and `|` for order."""

from prefect import Flow, Parameter, task


@task
def number(n):
    return n


@task
def show(value):
    return value


with Flow("arithmetic") as arithmetic:
    x = Parameter("x", default=7)
    y = Parameter("y", default=2)
    shown = show(
        [x + y, x - y, x * y, x / y, x // y, x % y, x**y, 10 - x, 2**y, 100 // x, -1 * y, 1 + x, 15 / y, 9 % x]
    )

with Flow("comparison") as comparison:
    x = Parameter("x", default=7)
    y = Parameter("y", default=2)
    shown = show([x > y, x >= 7, x < y, x <= 6, 3 > x, x.is_equal(7), x.is_not_equal(y), 3 < y])

with Flow("logic") as logic:
    x = Parameter("x", default=7)
    y = Parameter("y", default=0)
    shown = show([x & y, y & x, x.or_(y), y.or_(x), y.not_(), 5 & x])

with Flow("order") as order:
    first, second, third = number(1), number(2), number(3)
    first | second | third

with Flow("order of lists") as lists:
    first, second, last = number(1), number(2), number(3)
    [first, second] | last

with Flow("chain of operators") as chain:
    x = Parameter("x", default=3)
    total = ((x + 1) * 2 - 3) / 5

CASES = {
    "arithmetic": {"flow": arithmetic},
    "division by zero": {"flow": arithmetic, "parameters": {"y": 0}},
    "comparison": {"flow": comparison},
    "logic": {"flow": logic},
    "order": {"flow": order},
    "order of lists": {"flow": lists},
    "chain of operators": {"flow": chain},
    "wrong types": {"flow": chain, "parameters": {"x": None}},
}
