"""Mapping over lists, several inputs, `unmapped`, `mapped`, and reducing."""

from prefect import Flow, Parameter, mapped, task, unmapped


@task
def numbers(n):
    return list(range(n))


@task
def add(x, y=1):
    return x + y


@task
def pair(left, right):
    return left, right


@task
def total(values):
    return sum(values)


@task
def whole(value):
    return value


with Flow("map and reduce") as flow:
    n = Parameter("n", default=3)
    summed = total(add.map(numbers(n)))

with Flow("two inputs") as two:
    pairs = pair.map([1, 2, 3], ["a", "b", "c", "d"])

with Flow("unmapped") as unmapped_flow:
    pairs = pair.map([1, 2], unmapped([7, 8]))
    more = pair.map(left=unmapped(numbers(2)), right=["x", "y"])

with Flow("annotation in a call") as annotation:
    pairs = pair(mapped([1, 2]), "constant")

with Flow("mapped keyword") as keyword:
    pairs = pair([1, 2], [3, 4], mapped=True)

with Flow("other sequences") as sequences:
    letters = whole.map("abc")
    ranged = whole.map(range(3))
    tupled = whole.map((1, 2))
    raw = whole.map(b"xy")

with Flow("default argument") as default:
    summed = total(add.map([10, 20], y=[1, 2]))

with Flow("constants mapped with tasks") as tasks_in_list:
    a = numbers(2)
    listed = whole.map([a, 5, a])

CASES = {
    "map and reduce": {"flow": flow},
    "observed": {"flow": flow, "parameters": {"n": 2}, "observe": True},
    "one child": {"flow": flow, "parameters": {"n": 1}},
    "no children": {"flow": flow, "parameters": {"n": 0}, "observe": True},
    "twenty children": {"flow": flow, "parameters": {"n": 20}},
    "shortest input": {"flow": two},
    "unmapped": {"flow": unmapped_flow},
    "annotation in a call": {"flow": annotation},
    "mapped keyword": {"flow": keyword},
    "strings, ranges, tuples, bytes": {"flow": sequences},
    "default argument": {"flow": default},
    "tasks inside the list": {"flow": tasks_in_list},
}
